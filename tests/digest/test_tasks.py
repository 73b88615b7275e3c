"""The tasks: ids in, one verb, and what they enqueue next."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from celery.schedules import crontab

from digest import delivery, dispatch, outbox, tasks
from digest.celery import app
from digest.models import Delivery, Edition, IngestRun, Paper
from tests.digest.conftest import hf_entry, make_delivery
from tests.digest.loopback import Answer, Hub
from tests.factories import DAY, make_edition, make_paper, make_subscriber

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("edition_clock")]
NOW = datetime(2025, 9, 26, 14, tzinfo=UTC)
Queue = list[tuple[str, tuple[object, ...]]]
State = Delivery.State


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


def test_a_tick_cuts_the_due_into_chunks_of_ids(queued: Queue, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dispatch, "CHUNK", 2)
    make_edition(make_paper())
    ids = [make_subscriber().pk for _ in range(5)]

    tasks.dispatch_due()

    assert queued == [("digest.tasks.plan_chunk", (chunk,)) for chunk in (ids[:2], ids[2:4], ids[4:])]


def test_a_planned_chunk_is_handed_on_in_parts(queued: Queue, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(delivery, "CHUNK", 2)
    make_edition(make_paper())

    tasks.plan_chunk([make_subscriber().pk for _ in range(3)])

    ids = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    assert [name for name, _ in queued] == ["digest.tasks.deliver_chunk"] * 2
    assert sorted(pk for _, (part,) in queued for pk in part) == ids  # type: ignore[attr-defined]


def test_a_chunk_that_plans_nothing_enqueues_nothing(queued: Queue):
    tasks.plan_chunk([make_subscriber().pk])
    assert queued == []


def test_a_chunk_of_deliveries_is_sent():
    made = make_delivery(make_subscriber(), make_edition(make_paper()))

    tasks.deliver_chunk([made.pk])

    made.refresh_from_db()
    assert made.state == State.ACCEPTED
    assert len(list(outbox.kept())) == 1


def test_a_redelivered_task_does_no_harm(queued: Queue):
    make_edition(make_paper())
    people = [make_subscriber().pk]
    for _ in range(2):
        tasks.plan_chunk(people)
    ids = list(Delivery.objects.values_list("pk", flat=True))
    for _ in range(2):
        tasks.deliver_chunk(ids)

    assert len(list(outbox.kept())) == 1


def test_what_a_lost_task_left_planned_is_found_by_a_tick(queued: Queue):
    made = make_delivery(make_subscriber(), make_edition(make_paper()))

    tasks.deliver_planned()

    assert queued == [("digest.tasks.deliver_chunk", ([made.pk],))]


def test_a_tick_with_nothing_planned_enqueues_nothing(queued: Queue):
    tasks.deliver_planned()
    tasks.dispatch_due()
    tasks.publish_due()
    assert queued == []


def test_what_dead_workers_left_is_settled():
    made = make_delivery(make_subscriber(), make_edition(make_paper()))
    Delivery.objects.update(
        state=State.HANDED_OVER, handed_over_at=NOW, lease_until=NOW - timedelta(seconds=1)
    )

    tasks.reap_expired()

    made.refresh_from_db()
    assert made.state == State.UNCERTAIN


def test_an_edition_whose_hour_has_come_is_published_and_dispatched(queued: Queue):
    make_edition(make_paper(), published=False)

    tasks.publish_due()

    assert Edition.objects.get().is_published
    assert queued == [("digest.tasks.dispatch_due", ())]


# --- Looking at sources ---------------------------------------------------------------------


def looks(queued: Queue) -> list[tuple[object, ...]]:
    return [arguments for name, arguments in queued if name == "digest.tasks.ingest_day"]


def looked_at(day_offset: int, verdict: IngestRun.Verdict, at: datetime) -> None:
    IngestRun.objects.create(
        source="huggingface",
        day=DAY + timedelta(days=day_offset),
        verdict=verdict,
        settled=verdict in ("complete", "holiday", "empty"),
        started_at=at,
    )


def test_today_and_yesterday_are_looked_at(queued: Queue, settings: Any):
    settings.SOURCES = ["huggingface"]
    tasks.ingest_due()
    assert looks(queued) == [("huggingface", "2025-09-26"), ("huggingface", "2025-09-25")]


@pytest.mark.parametrize("verdict", ["complete", "holiday", "empty"])
def test_yesterday_is_left_alone_once_proven_after_its_end(queued: Queue, settings: Any, verdict: Any):
    settings.SOURCES = ["huggingface"]
    looked_at(-1, verdict, NOW - timedelta(hours=13))

    tasks.ingest_due()

    assert looks(queued) == [("huggingface", "2025-09-26")]


@pytest.mark.parametrize(
    ("verdict", "hours_ago"), [("complete", 15), ("failed", 1), ("partial", 1), ("stale", 1), ("running", 1)]
)
def test_yesterday_is_looked_at_again_until_then(queued: Queue, settings: Any, verdict: Any, hours_ago: int):
    settings.SOURCES = ["huggingface"]
    looked_at(-1, verdict, NOW - timedelta(hours=hours_ago))

    tasks.ingest_due()

    assert ("huggingface", "2025-09-25") in looks(queued)


def test_without_sources_nothing_is_looked_at(queued: Queue, settings: Any):
    settings.SOURCES = []
    tasks.ingest_due()
    assert queued == []


def test_a_look_takes_in_what_it_finds(hub: Hub, settings: Any):
    settings.SOURCES = ["huggingface"]
    hub.pages([hf_entry(title="Sheep")])

    tasks.ingest_day("huggingface", "2025-09-26")

    assert Paper.objects.get().title == "Sheep"


def test_a_look_that_fails_is_in_the_ledger_and_raises_nothing(hub: Hub):
    hub.in_turn(Answer.of({"error": "Sorry"}))

    tasks.look_at("huggingface", "2025-09-26", "")

    assert IngestRun.objects.get().verdict == IngestRun.Verdict.FAILED


# --- The schedule ---------------------------------------------------------------------------


def test_every_tick_names_a_task_there_is_and_goes_stale():
    app.loader.import_default_modules()
    for tick in app.conf.beat_schedule.values():
        assert tick["task"] in app.tasks
        assert not isinstance(tick["schedule"], crontab)
        assert tick["options"]["expires"] >= tick["schedule"]


def test_every_beat_task_of_ours_is_on_the_schedule():
    on_schedule = {tick["task"] for tick in app.conf.beat_schedule.values()}
    beats = {
        f"digest.tasks.{name}"
        for name, task in vars(tasks).items()
        if getattr(task, "__doc__", None) and str(task.__doc__).startswith("Beat:")
    }
    assert beats <= on_schedule
