"""Looks at a world that goes wrong in every way: the verdict, and nothing lost or doubled afterwards."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import time_machine

from digest import tasks
from digest.models import Entry, Identifier, IngestRun, Paper
from digest.sources import http
from tests.world import faults
from tests.world.faults import Fault
from tests.world.fixtures import TODAY, world  # noqa: F401  (a fixture)
from tests.world.papers import Listing
from tests.world.server import WorldServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("naps")]
YESTERDAY = TODAY - timedelta(days=1)
HOUR = 3_601
"""Seconds until a service may be asked again that wanted none for an hour."""
PRIVATE = "http://169.254.169.254/latest/meta-data/"


@dataclass(frozen=True)
class Way:
    """One source as it is looked at, the services behind it, and what it should have of a day."""

    source: str
    category: str
    first: str
    every: str

    def look(self, day: date = TODAY) -> list[IngestRun]:
        """As a worker does; what the ledger then has of it, oldest first."""
        before = set(IngestRun.objects.values_list("pk", flat=True))
        tasks.look_at(self.source, day.isoformat(), self.category)
        return list(IngestRun.objects.exclude(pk__in=before).order_by("pk"))

    def told(self, world: WorldServer, day: date) -> set[str]:  # noqa: F811
        """Names of the papers that this day of this source brings."""
        if self.source == "huggingface":
            return {one.arxiv_id for one in world.world.daily[day] if isinstance(one, Listing)}
        if self.source == "biorxiv":
            posted = world.world.preprints[day]
            return {one.doi for one in posted if one.server == "biorxiv" and one.version == 1}
        told = world.world.announced(day, [self.category])
        return {one.paper.arxiv_id for one in told if one.kind in ("new", "cross")}


WAYS = {
    "huggingface": Way("huggingface", "", "huggingface", "huggingface"),
    "arxiv": Way("arxiv", "cs.CV", "arxiv_feed", "arxiv"),
    "biorxiv": Way("biorxiv", "", "biorxiv", "biorxiv"),
}
FAULTS: dict[str, Callable[[], Fault]] = {
    "429": lambda: faults.status(429),
    "429 in 2 s": lambda: faults.status(429, retry_after="2"),
    "429 at a date": lambda: faults.status(429, retry_after="Tue, 22 Sep 2026 12:00:09 GMT"),
    "429 soon": lambda: faults.status(429, retry_after="soon"),
    "429 next year": lambda: faults.status(429, retry_after="31536000"),
    "429 in an hour": lambda: faults.status(429, retry_after="3600"),
    "500": lambda: faults.status(500),
    "503": lambda: faults.status(503),
    "drip": lambda: faults.drip(0.05),
    "cut off": faults.truncated,
    "half": lambda: faults.truncated(clean=True),
    "reset": faults.reset,
    "HTML": faults.html_instead,
    "text": faults.plain_text,
    "number": lambda: faults.wrong_type(7),
    "object": lambda: faults.wrong_type({"papers": {"a": 1}}),
    "loop": faults.redirect_loop,
    "private": lambda: faults.redirect_to(PRIVATE),
    "loopback": lambda: faults.redirect_to("http://127.0.0.1:1/"),
    "bomb": faults.bomb,
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(f"{TODAY}T12:00:00+00:00", tick=True):
        yield


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TOTAL", 0.6)


@pytest.fixture(params=[*WAYS.values()], ids=[*WAYS])
def way(request: pytest.FixtureRequest, world: WorldServer) -> Way:  # noqa: F811
    found: Way = request.param
    look_yesterday(found, world)
    return found


def look_yesterday(way: Way, world: WorldServer) -> None:  # noqa: F811
    """While it was the day: arXiv's feed tells then what its list of changes cannot."""
    world.turn_to(YESTERDAY)
    with time_machine.travel(f"{YESTERDAY}T12:00:00+00:00", tick=True):
        way.look(YESTERDAY)
    world.turn_to(TODAY)


def entered() -> dict[str, date]:
    """Every paper by its strongest name, and the day of its edition."""
    days = dict(Entry.objects.values_list("paper_id", "edition__date"))
    names = Identifier.objects.exclude(scheme="title").values_list("value", "paper_id")
    return {name: days[paper] for name, paper in names}


def all_in_once(way: Way, world: WorldServer) -> None:  # noqa: F811
    """Yesterday's and today's papers are in, each once, and each in the edition of its first day."""
    first: dict[str, date] = {}
    for day in (YESTERDAY, TODAY):
        for name in way.told(world, day):
            first.setdefault(name, day)
    stored = entered()
    assert {name: stored.get(name) for name in first} == first
    assert Paper.objects.count() == Entry.objects.count()
    assert Identifier.objects.filter(scheme="arxiv").count() <= Paper.objects.count()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_service_that_goes_wrong_is_told_of_in_the_ledger_and_loses_nothing(
    way: Way,
    world: WorldServer,  # noqa: F811
    fault: Callable[[], Fault],
):
    planned = world.fail(way.every, fault())

    runs = way.look()

    assert planned.met
    assert {run.verdict for run in runs} <= {IngestRun.Verdict.FAILED, IngestRun.Verdict.PARTIAL}
    for run in runs:
        assert run.error, "the ledger says why"
        assert "\n" not in run.error
        assert not run.settled
    world.heal()
    time.sleep(HOUR)
    assert way.look()[-1].verdict == IngestRun.Verdict.COMPLETE
    all_in_once(way, world)


@pytest.mark.parametrize("name", [name for name in FAULTS if name != "429 in an hour"])
def test_when_the_feed_of_arxiv_goes_wrong_its_list_of_changes_brings_the_day(
    world: WorldServer,  # noqa: F811
    name: str,
):
    way = WAYS["arxiv"]
    look_yesterday(way, world)
    world.fail("arxiv_feed", FAULTS[name]())

    runs = way.look()

    assert len(runs) == 2
    assert runs[-1].verdict == IngestRun.Verdict.COMPLETE
    new = {one.paper.arxiv_id for one in world.world.announced(TODAY, ["cs.CV"]) if one.kind == "new"}
    assert new <= entered().keys()
    world.heal()
    way.look()
    all_in_once(way, world)


def test_a_trouble_that_passes_leaves_no_trace(way: Way, world: WorldServer):  # noqa: F811
    world.fail(way.first, faults.status(503), times=2)

    [run] = way.look()

    assert run.verdict == IngestRun.Verdict.COMPLETE
    all_in_once(way, world)


@pytest.mark.parametrize("redated", [True, False], ids=["under today's date", "under its own"])
def test_yesterdays_list_again_is_stale_and_todays_comes_in_later(
    way: Way,
    world: WorldServer,  # noqa: F811
    redated: bool,
):
    before = entered()
    world.fail(way.first, faults.yesterday_again(redated=redated))

    runs = way.look()

    assert runs[0].verdict == IngestRun.Verdict.STALE
    assert not runs[0].settled
    assert runs[0].added == 0
    assert before.items() <= entered().items()
    world.heal()
    way.look()
    all_in_once(way, world)


def test_an_empty_list_on_a_day_that_was_to_have_one_is_not_believed(way: Way, world: WorldServer):  # noqa: F811
    planned = world.fail(way.first, faults.empty_day())
    others = world.fail(way.every, faults.status(500))

    runs = way.look()

    assert planned.met
    assert bool(others.met) == (way.first != way.every)
    assert runs[0].verdict == IngestRun.Verdict.EMPTY
    assert not any(run.settled for run in runs)
    world.heal()
    way.look()
    all_in_once(way, world)


def test_nothing_is_believed_where_two_services_say_so(world: WorldServer):  # noqa: F811
    """A small category on a quiet weekday: nobody is to wait for papers that do not come."""
    way = WAYS["arxiv"]
    look_yesterday(way, world)
    world.fail("arxiv", faults.empty_day())

    feed, changes = way.look()

    assert {feed.verdict, changes.verdict} == {IngestRun.Verdict.EMPTY}
    assert (feed.settled, changes.settled) == (False, True)
    world.heal()
    way.look()
    all_in_once(way, world)


def test_two_looks_at_one_service_are_one_witness(world: WorldServer):  # noqa: F811
    """A day of the last week is asked of the list of changes, and so is what is in doubt then."""
    way = WAYS["arxiv"]
    world.fail("arxiv", faults.empty_day())

    runs = way.look(YESTERDAY)

    assert [run.verdict for run in runs] == [IngestRun.Verdict.EMPTY] * 2
    assert not any(run.settled for run in runs)


def test_the_list_of_changes_alone_is_one_witness(world: WorldServer):  # noqa: F811
    way = WAYS["arxiv"]
    world.fail("arxiv_feed", faults.status(500))
    world.fail("arxiv_oai", faults.empty_day())

    runs = way.look()

    assert [run.verdict for run in runs] == [IngestRun.Verdict.FAILED, IngestRun.Verdict.EMPTY]
    assert not any(run.settled for run in runs)


def test_a_page_of_ten_times_the_size_brings_each_paper_once(way: Way, world: WorldServer):  # noqa: F811
    planned = world.fail(way.every, faults.tenfold_page())

    [run] = way.look()

    assert planned.met
    assert run.verdict == IngestRun.Verdict.COMPLETE
    world.heal()
    [again] = way.look()
    assert again.found == run.found, "each was counted once"
    all_in_once(way, world)


@pytest.mark.parametrize("kind", ["laughs", "file"])
def test_entities_are_never_resolved(world: WorldServer, kind: str):  # noqa: F811
    way = WAYS["arxiv"]
    look_yesterday(way, world)
    world.fail("arxiv", faults.entity_bomb(kind))

    runs = way.look()

    assert {run.verdict for run in runs} == {IngestRun.Verdict.FAILED}
    assert not Paper.objects.filter(title__contains="root:").exists()
    world.heal()
    way.look()
    all_in_once(way, world)


@pytest.mark.parametrize("declared", ["utf-8", "klingon-8"])
def test_letters_in_another_charset_than_declared_do_not_stop_a_day(
    way: Way,
    world: WorldServer,  # noqa: F811
    declared: str,
):
    world.fail(way.every, faults.wrong_charset(declared))

    way.look()  # what can be read may come in, with marks in place of letters, or nothing at all

    world.heal()
    assert way.look()[-1].verdict == IngestRun.Verdict.COMPLETE
    all_in_once(way, world)


def test_looking_again_and_again_changes_nothing(way: Way, world: WorldServer):  # noqa: F811
    way.look()
    before = list(Paper.objects.order_by("pk").values()), entered()

    [again] = way.look()

    assert (again.added, again.changed) == (0, 0)
    assert (list(Paper.objects.order_by("pk").values()), entered()) == before
