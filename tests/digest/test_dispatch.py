"""Who is due and for what: every rule of the window, the wait and the claim."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from digest import dispatch, editions
from digest.models import Delivery, Edition
from subscriptions.models import Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.digest.conftest import steps_of
from tests.factories import DAY, make_edition, make_paper, make_subscriber

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition_clock")]
NOW = datetime(2025, 9, 26, 14, tzinfo=UTC)
"""Two hours after the edition of DAY came out."""
HOUR, ONE = timedelta(hours=1), timedelta(days=1)
State = Delivery.State


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def edition_of(*titles: str, days: int = 0, upvotes: int = 1) -> Edition:
    """The edition `days` after DAY, out at noon of its day."""
    papers = [make_paper(title, upvotes=upvotes, day=DAY + timedelta(days)) for title in titles]
    return make_edition(*papers, day=DAY + timedelta(days), at=NOW - 2 * HOUR + timedelta(days))


def reader(keywords: str = "", **fields: Any) -> Subscriber:
    """Somebody due an hour ago who has had every edition up to yesterday's."""
    fields.setdefault("next_digest_at", NOW - HOUR)
    fields.setdefault("caught_up_at", NOW - ONE)
    return make_subscriber(keywords=keywords, **fields)


def plan(subscriber: Subscriber, at: datetime = NOW) -> Delivery | None:
    """Dispatch as a beat tick does; the delivery it made for this one person."""
    before = set(subscriber.deliveries.values_list("pk", flat=True))
    for chunk in dispatch.due_chunks(at):
        dispatch.plan(chunk, at)
    subscriber.refresh_from_db()
    new = subscriber.deliveries.exclude(pk__in=before)
    return new.get() if new else None


def titles(delivery: Delivery | None) -> list[str]:
    assert delivery is not None
    papers = {paper.pk: paper.title for edition in Edition.objects.all() for paper in edition.papers.all()}
    return [papers[pick["paper"]] for pick in delivery.picks]


# --- Due ------------------------------------------------------------------------------------


def test_somebody_due_gets_a_planned_delivery_and_a_new_hour():
    edition = edition_of("Graphs", "Soup")
    subscriber = reader("graph", hour=8)

    delivery = plan(subscriber)

    assert titles(delivery) == ["Graphs"]
    assert delivery is not None
    assert (delivery.state, delivery.edition, delivery.editions) == (State.PLANNED, edition, [edition.pk])
    assert (delivery.planned_at, delivery.due_at, delivery.attempts) == (NOW, NOW, 0)
    assert subscriber.next_digest_at == datetime(2025, 9, 27, 8, tzinfo=UTC)
    assert subscriber.caught_up_at == edition.published_at


def test_a_pick_carries_its_reason():
    edition_of("Graphs")
    delivery = plan(reader("graph, speech"))

    assert delivery is not None
    [pick] = delivery.picks
    assert pick["terms"] == [["graph", "title"]]
    assert (pick["pinned"], pick["outside"]) == (False, False)


NOT_DUE: dict[str, dict[str, Any]] = {
    "their hour is to come": {"next_digest_at": NOW + timedelta(seconds=1)},
    "pending": {"status": Subscriber.Status.PENDING},
    "gone": {"status": Subscriber.Status.UNSUBSCRIBED},
    "paused": {"paused_until": NOW + HOUR},
}


@pytest.mark.parametrize("fields", NOT_DUE.values(), ids=NOT_DUE)
def test_nobody_else_is_due(fields: dict[str, Any]):
    edition_of("Graphs")
    subscriber = reader(**fields)
    before = subscriber.next_digest_at

    assert plan(subscriber) is None
    assert subscriber.next_digest_at == before


def test_who_has_had_everything_is_asked_again_at_their_next_hour():
    """Today's edition closes later today: it is not late, and comes tomorrow at their hour."""
    edition_of("Graphs")
    subscriber = reader(caught_up_at=NOW, hour=8)

    assert plan(subscriber) is None
    assert subscriber.next_digest_at == datetime(2025, 9, 27, 8, tzinfo=UTC)


def test_who_has_had_everything_waits_while_todays_edition_is_late():
    edition_of("Graphs", days=-1)
    today = make_edition(make_paper("Graphs of today"), published=False)
    subscriber = reader("graph", caught_up_at=NOW, next_digest_at=NOW - HOUR)

    assert plan(subscriber) is None
    assert subscriber.next_digest_at == NOW - HOUR

    editions.publish(today, now=NOW + HOUR)
    assert titles(plan(subscriber, NOW + HOUR)) == ["Graphs of today"]


def test_naming_somebody_who_is_not_due_plans_nothing():
    edition_of("Graphs")
    ids = [reader(**fields).pk for fields in NOT_DUE.values()]

    assert dispatch.plan(ids, NOW) == []
    assert dispatch.plan([], NOW) == []
    assert dispatch.plan([999_999], NOW) == []


@pytest.mark.parametrize(
    "fields", [{"next_digest_at": NOW}, {"paused_until": NOW}, {"next_digest_at": NOW - 90 * HOUR}]
)
def test_a_moment_that_has_come_or_was_missed_is_due(fields: dict[str, Any]):
    edition_of("Graphs")
    assert titles(plan(reader(**fields))) == ["Graphs"]


def test_the_next_hour_is_in_their_own_zone():
    edition_of("Graphs")
    subscriber = reader(hour=7, time_zone=ZoneInfo("Asia/Tokyo"))

    plan(subscriber)

    assert subscriber.next_digest_at == datetime(2025, 9, 26, 22, tzinfo=UTC)


def test_planning_the_same_people_again_plans_nothing():
    edition_of("Graphs")
    ids = [reader().pk, reader().pk]

    assert len(dispatch.plan(ids, NOW)) == 2
    assert dispatch.plan(ids, NOW) == []
    assert list(dispatch.due_chunks(NOW)) == []


# --- Waiting for an edition -----------------------------------------------------------------


def test_without_an_edition_nobody_is_looked_at():
    reader()
    assert list(dispatch.due_chunks(NOW)) == []


def test_an_open_edition_is_none_yet():
    make_edition(make_paper(), published=False)
    assert plan(reader()) is None


def test_who_comes_before_the_edition_waits_for_it_and_gets_it():
    subscriber = reader(next_digest_at=NOW - HOUR)
    assert plan(subscriber, NOW) is None
    assert subscriber.next_digest_at == NOW - HOUR

    edition_of("Graphs")

    assert titles(plan(subscriber, NOW + HOUR)) == ["Graphs"]


def test_who_comes_when_todays_edition_has_no_papers_yet_waits_for_it_as_well():
    """Its closing time is past and its source has been silent: it is as late as an open one."""
    edition_of("Graphs of yesterday", days=-1)
    subscriber = reader("graph", next_digest_at=NOW - HOUR)
    assert plan(subscriber) is None

    make_edition(make_paper("Graphs of today"), at=NOW + HOUR)

    assert titles(plan(subscriber, NOW + HOUR)) == ["Graphs of today"]


def test_who_waited_long_enough_rolls_to_their_next_slot():
    subscriber = reader(next_digest_at=NOW, hour=14)

    assert plan(subscriber, NOW + dispatch.WAIT_FOR_EDITION - timedelta(seconds=1)) is None
    assert subscriber.next_digest_at == NOW

    assert plan(subscriber, NOW + dispatch.WAIT_FOR_EDITION) is None
    assert subscriber.next_digest_at == NOW + ONE


def test_who_rolled_on_gets_the_late_edition_at_their_next_slot():
    subscriber = reader(next_digest_at=NOW - 7 * HOUR, hour=7)
    plan(subscriber)
    edition_of("Graphs")

    assert plan(subscriber, NOW + HOUR) is None
    assert titles(plan(subscriber, NOW + ONE)) == ["Graphs"]


def test_an_edition_too_old_for_anybody_ends_nobodys_wait():
    """A month filled in afterwards is news to no one, and today's edition is still to come."""
    subscriber = reader("graph")
    make_edition(make_paper("Graphs of last month"), day=DAY - timedelta(days=30), at=NOW - HOUR / 2)
    make_edition(make_paper("Graphs seen"), day=DAY - ONE, at=NOW - 2 * ONE)

    assert plan(subscriber) is None

    edition_of("Graphs of today")
    assert titles(plan(subscriber, NOW + ONE)) == ["Graphs of today"]


# --- The first digest -----------------------------------------------------------------------


def test_a_first_digest_reaches_a_week_back():
    for days in (0, -3, -6, -7, -9):
        edition_of(f"Graphs of day {days}", days=days)

    delivery = plan(reader("graph", caught_up_at=None))

    assert sorted(titles(delivery)) == ["Graphs of day -3", "Graphs of day -6", "Graphs of day 0"]


def test_a_first_digest_always_comes():
    edition_of("Soup", "Bread")
    subscriber = reader("graph", caught_up_at=None)

    delivery = plan(subscriber)

    assert sorted(titles(delivery)) == ["Bread", "Soup"]
    assert delivery is not None
    assert all(pick["outside"] for pick in delivery.picks)


def test_a_first_digest_respects_every_mute():
    edition_of("Soup", "Bread")
    assert titles(plan(reader("graph, -soup", caught_up_at=None))) == ["Bread"]


def test_a_first_digest_of_nothing_but_mutes_waits_for_something_else():
    edition_of("Soup")
    subscriber = reader("-soup", caught_up_at=None)
    assert plan(subscriber) is None
    assert subscriber.caught_up_at is None

    edition_of("Bread", days=1)
    assert titles(plan(subscriber, NOW + ONE)) == ["Bread"]


def test_the_second_digest_is_no_first_one():
    edition_of("Soup")
    subscriber = reader("graph", caught_up_at=None)
    assert plan(subscriber) is not None

    edition_of("Bread", days=1)
    assert plan(subscriber, NOW + ONE) is None


# --- Thin days ------------------------------------------------------------------------------


def test_a_skipped_day_keeps_the_window_open():
    edition_of("Soup")
    subscriber = reader("graph")
    before = subscriber.caught_up_at

    assert plan(subscriber) is None
    assert subscriber.caught_up_at == before
    assert subscriber.next_digest_at == datetime(2025, 9, 27, 8, tzinfo=UTC)

    edition_of("Graphs", days=1)
    delivery = plan(subscriber, NOW + ONE)
    assert titles(delivery) == ["Graphs"]
    assert delivery is not None
    assert len(delivery.editions) == 2


def test_a_paper_of_a_skipped_day_that_gains_nothing_is_not_lost():
    """The window stays open: whoever adds the keyword later still finds it."""
    edition_of("Soup")
    subscriber = reader("graph")
    plan(subscriber)
    subscriber.keywords.update(text="soup")

    edition_of("Bread", days=1)

    assert titles(plan(subscriber, NOW + ONE)) == ["Soup"]


def test_a_filled_day_is_filled():
    edition_of("Soup", "Graphs")
    assert titles(plan(reader("graph", thin_day=Subscriber.ThinDay.FILL))) == ["Graphs", "Soup"]


def test_the_window_ends_after_a_fortnight():
    for days in (-13, -14):
        edition_of(f"Graphs of day {days}", days=days)
    edition_of("Soup")

    assert titles(plan(reader("graph", caught_up_at=NOW - 90 * ONE))) == ["Graphs of day -13"]


# --- Several editions -----------------------------------------------------------------------


def test_a_weekly_reader_gets_the_best_of_the_week():
    for days in range(-6, 1):
        edition_of(f"Graphs of day {days}", days=days, upvotes=100 if days == -4 else 1)
    subscriber = reader(
        "graph",
        size=5,
        caught_up_at=NOW - 7 * ONE,
        cadence=Subscriber.CadenceKind.WEEKLY,
        weekday=4,
        hour=8,
    )

    delivery = plan(subscriber)

    assert titles(delivery)[0] == "Graphs of day -4"
    assert delivery is not None
    assert (len(delivery.picks), delivery.left_out, len(delivery.editions)) == (5, 2, 7)
    assert delivery.edition.date == DAY
    assert subscriber.next_digest_at == datetime(2025, 10, 3, 8, tzinfo=UTC)


def test_no_paper_comes_twice_over_following_editions():
    subscriber = reader("graph", thin_day=Subscriber.ThinDay.FILL)
    seen: list[str] = []
    for days in range(8):
        edition_of(*[f"{word} {days}" for word in ("Graphs", "Soup", "Bread")], days=days)
        if days % 3 != 1:  # now and then an hour is missed
            seen += titles(plan(subscriber, NOW + days * ONE))

    assert len(seen) == len(set(seen)) == 21


def test_hidden_and_withdrawn_papers_are_no_candidates():
    make_edition(
        make_paper("Graphs withdrawn", withdrawn=True), make_paper("Graphs hidden"), make_paper("Graphs")
    )
    Edition.objects.get().entries.filter(paper__title="Graphs hidden").update(hidden=True)

    assert titles(plan(reader("graph"))) == ["Graphs"]


def test_an_old_edition_that_comes_out_late_is_still_new():
    edition_of("Graphs of today")
    subscriber = reader("graph")
    plan(subscriber)

    make_edition(make_paper("Graphs of last week"), day=DAY - timedelta(days=5), at=NOW + HOUR)

    assert titles(plan(subscriber, NOW + ONE)) == ["Graphs of last week"]


# --- Suppressed -----------------------------------------------------------------------------


def test_a_suppressed_address_is_excluded_in_the_ledger():
    edition_of("Graphs")
    subscriber = reader("graph")
    suppress(subscriber.email_key, Suppression.Reason.BOUNCE)

    assert dispatch.plan([subscriber.pk], NOW) == []

    delivery = subscriber.deliveries.get()
    assert (delivery.state, delivery.reason, delivery.settled_at) == (State.EXCLUDED, "suppressed", NOW)
    subscriber.refresh_from_db()
    assert subscriber.next_digest_at == datetime(2025, 9, 27, 8, tzinfo=UTC)


def test_one_suppressed_address_excludes_nobody_else():
    edition_of("Graphs")
    suppressed, other = reader("graph"), reader("graph")
    suppress(suppressed.email_key, Suppression.Reason.COMPLAINT)

    assert len(dispatch.plan([suppressed.pk, other.pk], NOW)) == 1
    assert other.deliveries.get().state == State.PLANNED


# --- Chunks ---------------------------------------------------------------------------------


def test_chunks_hold_everybody_due_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dispatch, "CHUNK", 4)
    edition_of("Graphs")
    due = {reader().pk for _ in range(11)}
    reader(paused_until=NOW + HOUR)

    chunks = list(dispatch.due_chunks(NOW))

    assert [len(chunk) for chunk in chunks] == [4, 4, 3]
    assert {pk for chunk in chunks for pk in chunk} == due


def test_chunks_stay_complete_while_others_plan_what_was_cut(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dispatch, "CHUNK", 4)
    edition_of("Graphs")
    due = {reader().pk for _ in range(11)}

    planned = [
        pk for chunk in dispatch.due_chunks(NOW) for pk in chunk if dispatch.plan(chunk, NOW) is not None
    ]

    assert set(planned) == due
    assert Delivery.objects.count() == 11


def test_a_chunk_takes_the_same_number_of_queries_however_many_people():
    edition_of("Graphs", "Soup")

    def cost(people: int) -> int:
        ids = [reader("graph, -soup").pk for _ in range(people)]
        return steps_of(lambda: dispatch.plan(ids, NOW))

    cost(1)  # this process has read the edition now

    assert cost(5) == cost(200) < 20


def test_a_tick_on_which_nobody_is_due_costs_next_to_nothing():
    edition_of("Graphs")
    for _ in range(20):
        reader(next_digest_at=NOW + HOUR)

    assert steps_of(lambda: list(dispatch.due_chunks(NOW))) <= 4


def test_readers_of_different_windows_share_one_look_at_each():
    for days in (-2, -1, 0):
        edition_of(f"Graphs of day {days}", days=days)
    ids = [reader("graph", caught_up_at=NOW - n * ONE).pk for n in (1, 2, 3) for _ in range(10)]

    assert steps_of(lambda: dispatch.plan(ids, NOW)) < 25
    lengths = [len(delivery.editions) for delivery in Delivery.objects.order_by("subscriber_id")]
    assert lengths == [1] * 10 + [2] * 10 + [3] * 10
