"""Enrichers are asked about papers we have, and what they tell is written as a look is."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from digest import enrich, tasks
from digest.enrichers import ENRICHERS
from digest.enrichers.base import Enrichment, Known
from digest.models import Identifier, IngestRun, Inquiry, Paper, Sighting
from digest.sources.base import SetAside, SourceError, Unreachable
from tests.digest.conftest import NOON
from tests.digest.scripted import NAME, ScriptedEnricher
from tests.factories import DAY, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition_clock")]
Verdict = IngestRun.Verdict
Queue = list[tuple[str, tuple[object, ...]]]
HOUR, ONE_DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ScriptedEnricher]:
    """Put an enricher in that answers what a function makes of each paper; None is silence."""

    def put(answer: Callable[[Known], Enrichment | SetAside | None], **fields: Any) -> ScriptedEnricher:
        def answers(papers: Sequence[Known]) -> Iterator[Enrichment | SetAside]:
            for paper in papers:
                if (told := answer(paper)) is not None:
                    yield told

        enricher = ScriptedEnricher(answers, **fields)
        monkeypatch.setitem(ENRICHERS, NAME, enricher)
        return enricher

    return put


def silence(known: Known) -> None:
    return None


def stars(known: Known, number: int = 7) -> Enrichment:
    return Enrichment(id=known.id, stars=number)


def papers(n: int, **fields: Any) -> list[Paper]:
    """The newest first."""
    return [make_paper(f"Paper {at}", announced_at=NOON - at * HOUR, **fields) for at in range(n)]


def asked(enricher: ScriptedEnricher) -> list[list[int]]:
    return [[known.id for known in call] for call in enricher.asked]


# --- Whom to ask about ----------------------------------------------------------------------


def test_the_newest_papers_are_asked_about_first_and_in_parts(ask: Any):
    enricher = ask(stars, at_once=2)
    ids = [paper.pk for paper in papers(5)]

    enrich.enrich(NAME)

    assert asked(enricher) == [ids[:2], ids[2:4], ids[4:]]


def test_one_tick_asks_only_so_often_and_the_next_goes_on(ask: Any):
    enricher = ask(stars, at_once=1)
    ids = [paper.pk for paper in papers(enrich.ROUNDS + 3)]

    assert len(enrich.enrich(NAME)) == enrich.ROUNDS
    enrich.enrich(NAME)

    assert asked(enricher) == [[pk] for pk in ids]


def test_an_enricher_is_told_what_it_needs_to_ask(ask: Any):
    enricher = ask(silence)
    paper = make_paper("Sheep", arxiv_id="2501.00001", code_url="https://code.example.org", announced_at=NOON)
    Identifier.objects.create(paper=paper, scheme="doi", value="10.1000/sheep")
    bare = make_paper("Bare", abstract="", announced_at=NOON - HOUR)
    bare.identifiers.all().delete()

    enrich.enrich(NAME)

    assert enricher.asked == [
        [
            Known(
                id=paper.pk,
                arxiv_id="2501.00001",
                doi="10.1000/sheep",
                code_url="https://code.example.org",
                title="Sheep",
                has_abstract=True,
            ),
            Known(id=bare.pk, title="Bare"),
        ]
    ]


@pytest.mark.parametrize("fields", [{"withdrawn": True}, {"announced_at": NOON - 14 * ONE_DAY}])
def test_withdrawn_and_old_papers_are_left_alone(ask: Any, fields: dict[str, Any]):
    enricher = ask(stars)
    make_paper(**{"announced_at": NOON} | fields)

    assert enrich.enrich(NAME) == []
    assert enricher.asked == []
    assert not IngestRun.objects.exists()


def test_doubles_and_what_an_enricher_does_not_want_are_left_alone(ask: Any):
    first, second, third = papers(3)
    enricher = ask(stars, wants=lambda known: known.id != first.pk)
    Paper.objects.filter(pk=second.pk).update(same_as=first)

    enrich.enrich(NAME)

    assert asked(enricher) == [[third.pk]]


def test_what_is_wanted_is_found_behind_any_number_of_others(ask: Any):
    enricher = ask(stars, wants=lambda known: bool(known.code_url), at_once=2)
    wanted = make_paper(code_url="https://code.example.org", announced_at=NOON - 200 * HOUR)
    Paper.objects.bulk_create(
        Paper(public_id=f"other-{n}", title="Other", announced_at=NOON) for n in range(1_100)
    )

    enrich.enrich(NAME)

    assert asked(enricher) == [[wanted.pk]]


# --- When to ask again ----------------------------------------------------------------------


@pytest.mark.parametrize("answer", [stars, silence])
def test_nobody_is_asked_again_too_soon_whatever_they_said(ask: Any, clock: Any, answer: Any):
    enricher = ask(answer, every=ONE_DAY)
    papers(1)
    enrich.enrich(NAME)

    clock.shift(ONE_DAY - timedelta(seconds=1))
    enrich.enrich(NAME)
    assert len(enricher.asked) == 1

    clock.shift(1)
    enrich.enrich(NAME)
    assert len(enricher.asked) == 2
    assert Inquiry.objects.get().asked_at == NOON + ONE_DAY


def test_another_enrichers_answer_is_not_this_ones(ask: Any):
    enricher = ask(stars)
    paper = papers(1)[0]
    Inquiry.objects.create(paper=paper, enricher="other", asked_at=NOON)

    enrich.enrich(NAME)

    assert asked(enricher) == [[paper.pk]]


def test_inquiries_of_long_ago_are_pruned(ask: Any):
    ask(stars)
    old, young = papers(2)
    Inquiry.objects.create(paper=old, enricher="other", asked_at=NOON - enrich.REMEMBERED - HOUR)
    Inquiry.objects.create(paper=young, enricher="other", asked_at=NOON - enrich.REMEMBERED)

    enrich.enrich(NAME)

    assert list(Inquiry.objects.filter(enricher="other").values_list("paper", flat=True)) == [young.pk]


def test_no_enricher_wants_to_be_asked_later_than_an_inquiry_is_remembered():
    assert all(enricher.every < enrich.REMEMBERED for enricher in ENRICHERS.values())


# --- Trouble --------------------------------------------------------------------------------


def down(known: Known) -> Enrichment:
    raise Unreachable("The server is down: try again later.")


def stumbles(known: Known) -> Enrichment:
    raise SourceError("Its answer is no list: check its address.")


def test_a_failure_is_no_answer_and_ends_the_tick(ask: Any):
    enricher = ask(down, at_once=1)
    papers(2)

    run = enrich.enrich(NAME)[0]
    assert (run.verdict, run.error) == (Verdict.FAILED, "The server is down: try again later.")
    assert len(enricher.asked) == 1
    assert not Inquiry.objects.exists()

    enrich.enrich(NAME)
    assert asked(enricher)[0] == asked(enricher)[1]


def test_papers_that_an_enricher_stumbles_over_let_others_have_their_turn(ask: Any, clock: Any):
    first, second = papers(2)
    enricher = ask(lambda known: stumbles(known) if known.id == first.pk else stars(known), at_once=1)
    assert enrich.enrich(NAME)[0].verdict == Verdict.FAILED

    enrich.enrich(NAME)
    assert asked(enricher) == [[first.pk], [second.pk]]

    clock.shift(enrich.STUMBLED)
    enrich.enrich(NAME)
    assert asked(enricher)[2:] == [[first.pk]]


def test_what_came_before_a_failure_is_kept_and_the_rest_asked_about_next_time(ask: Any):
    first, second, third = papers(3)
    enricher = ask(lambda known: stars(known) if known.id == first.pk else down(known))

    run = enrich.enrich(NAME)[0]

    assert (run.verdict, run.settled, run.found) == (Verdict.PARTIAL, False, 1)
    assert run.error == "The server is down: try again later."
    assert Sighting.objects.get().paper == first
    assert [inquiry.paper for inquiry in Inquiry.objects.all()] == [first]

    enrich.enrich(NAME)
    assert asked(enricher) == [[first.pk, second.pk, third.pk], [second.pk, third.pk]]


def test_a_record_that_is_set_aside_ends_no_tick(ask: Any):
    one, *_ = papers(3)
    enricher = ask(
        lambda known: SetAside(0, "one", "no number") if known.id == one.pk else stars(known), at_once=1
    )

    runs = enrich.enrich(NAME)

    assert len(enricher.asked) == 3
    assert [run.verdict for run in runs] == [Verdict.PARTIAL, Verdict.COMPLETE, Verdict.COMPLETE]


def test_a_record_that_is_set_aside_is_asked_for_again_before_long(ask: Any, clock: Any):
    """It may be a withdrawal that could not be read."""
    one, other = papers(2)
    enricher = ask(lambda known: SetAside(0, "", "no number") if known.id == one.pk else stars(known))
    enrich.enrich(NAME)

    clock.shift(max(enrich.STUMBLED, enricher.every / 12))
    enrich.enrich(NAME)

    assert sorted(map(sorted, asked(enricher))) == [[one.pk], [one.pk, other.pk]]


def test_many_records_that_are_set_aside_end_a_tick(ask: Any):
    """It looks as if the format had changed: that is not to be tried on every paper at once."""
    enricher = ask(lambda known: SetAside(0, str(known.id), "no number"), at_once=5)
    papers(10)

    enrich.enrich(NAME)

    assert len(enricher.asked) == 1


def test_a_mistake_of_ours_is_failed_in_the_ledger(ask: Any):
    def broken(known: Known) -> Enrichment:
        raise ZeroDivisionError

    ask(broken)
    papers(1)
    with pytest.raises(ZeroDivisionError):
        enrich.enrich(NAME)

    assert IngestRun.objects.get().verdict == Verdict.FAILED


def test_a_mistake_of_ours_stays_in_its_task_and_lets_others_have_their_turn(
    ask: Any, caplog: pytest.LogCaptureFixture
):
    first, second = papers(2)

    def broken(known: Known) -> Enrichment:
        if known.id == first.pk:
            raise ZeroDivisionError
        return stars(known)

    enricher = ask(broken, at_once=1)

    tasks.enrich_papers(NAME)
    tasks.enrich_papers(NAME)

    assert asked(enricher) == [[first.pk], [second.pk]]
    assert "ZeroDivisionError" in caplog.text
    assert [record.levelname for record in caplog.records if record.exc_info] == ["ERROR"]


# --- The ledger -----------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [stars, silence])
def test_the_ledger_says_that_an_enricher_was_asked(ask: Any, answer: Any):
    ask(answer)
    papers(2)

    run = enrich.enrich(NAME)[0]

    assert (run.source, run.day, run.verdict, run.error) == (NAME, DAY, Verdict.COMPLETE, "")
    assert run.found == 2 * (answer is stars)


# --- The tasks ------------------------------------------------------------------------------


def test_a_tick_enqueues_those_that_are_switched_on_and_known(
    ask: Any, settings: Any, queued: Queue, monkeypatch: pytest.MonkeyPatch
):
    ask(stars)
    off = ScriptedEnricher(lambda _papers: [], on=False)
    monkeypatch.setitem(ENRICHERS, "keyless", off)
    settings.ENRICHERS = ["keyless", NAME, "nobody-knows-me"]

    tasks.enrich_due()

    assert queued == [("digest.tasks.enrich_papers", (NAME,))]


def test_a_task_asks_and_tells_of_trouble_without_raising(ask: Any, caplog: pytest.LogCaptureFixture):
    ask(down)
    papers(1)

    tasks.enrich_papers(NAME)

    assert "The server is down" in caplog.text
