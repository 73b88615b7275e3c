"""Looks at a world that goes wrong in every way: the verdict, and nothing lost or doubled afterwards."""

import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

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
LATE = datetime(2026, 10, 1, 12, tzinfo=UTC)
"""When a day of this world is long past."""
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
    late: bool = False
    """Looked at when all is over, so that nobody can ask the feed."""

    def __str__(self) -> str:
        return f"{self.source}-late" if self.late else self.source

    def look(self, day: date = TODAY) -> list[IngestRun]:
        """As a worker does; what the ledger then has of it, oldest first."""
        before = set(IngestRun.objects.values_list("pk", flat=True))
        with time_machine.travel(LATE if self.late else datetime.now(UTC), tick=True):
            tasks.look_at(self.source, day.isoformat(), self.category)
        return list(IngestRun.objects.exclude(pk__in=before).order_by("pk"))

    def told(self, world: WorldServer, day: date) -> set[str]:  # noqa: F811
        """Names of the papers that this day of this source brings."""
        if self.source == "huggingface":
            return {one.arxiv_id for one in world.world.daily[day] if isinstance(one, Listing)}
        if self.source in ("biorxiv", "medrxiv"):
            posted = world.world.preprints[day]
            return {one.doi for one in posted if one.server == self.source and one.version == 1}
        told = world.world.announced(day, [self.category])
        # What is listed here later was announced before: by its submission it belongs to that day.
        kinds = ("new",) if self.late else ("new", "cross")
        return {one.paper.arxiv_id for one in told if one.kind in kinds}


WAYS = {
    "huggingface": Way("huggingface", "", "huggingface", "huggingface"),
    "arxiv": Way("arxiv", "cs.CV", "arxiv_feed", "arxiv"),
    "biorxiv": Way("biorxiv", "", "biorxiv", "biorxiv"),
    "medrxiv": Way("medrxiv", "", "biorxiv", "biorxiv"),
    "arxiv-late": Way("arxiv", "cs.CV", "arxiv_api", "arxiv", late=True),
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
CHARSETS = {
    "latin-1 as utf-8": lambda: faults.wrong_charset("utf-8"),
    "utf-8 as klingon-8": lambda: faults.wrong_charset("klingon-8"),
}
NO_PAGE = r"is not JSON: |is an error message |is not a page of preprints"
NO_XML = r"is not XML that can be read: |declares entities or a document type"
NO_LIST = {
    "huggingface": r"^The daily list of 2026-09-22 is not (JSON|a daily list): ",
    "biorxiv": rf"^bioRxiv's list of 2026-09-22 ({NO_PAGE})",
    "medrxiv": rf"^medRxiv's list of 2026-09-22 ({NO_PAGE})",
    "arxiv": rf"^The (feed|changes|search) .*({NO_XML})",
}
"""By source: the reason of a look at what is no list at all."""
ANSWERED = r"^127\.0\.0\.1 answered {} instead of a list\. Try again later\.$"
REASONS = {
    **dict.fromkeys(
        ("429", "429 in 2 s", "429 at a date", "429 soon", "429 next year"), ANSWERED.format(429)
    ),
    "429 in an hour": r"^127\.0\.0\.1 wants no request before \d\d:\d\d UTC on \d{4}-\d\d-\d\d",
    "500": ANSWERED.format(500),
    "503": ANSWERED.format(503),
    "drip": r"^127\.0\.0\.1 had not ended its answer after \d+ seconds",
    "cut off": r"^127\.0\.0\.1 broke off its answer \(ProtocolError\)",
    "reset": r"^127\.0\.0\.1 broke off its answer \(ProtocolError\)",
    "loop": r"^127\.0\.0\.1 redirects in a circle, or more than 3 times",
    "private": r"^169\.254\.169\.254 leads to 169\.254\.169\.254, which is not a public address: ",
    "loopback": r"^127\.0\.0\.1 leads to 127\.0\.0\.1, which is not a public address: ",
    "bomb": r"^127\.0\.0\.1 sent more than 32 MB; stopped reading\.$",
}
"""By fault: the reason, where it does not depend on the source."""
WITHOUT_BODY = {"reset", "loop", "private", "loopback"}


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
    if found.late:
        world.turn_to(LATE)
    return found


@pytest.fixture(autouse=True)
def nothing_unforeseen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A task swallows what nobody foresaw, so that it does not stop the others: then it logs an error."""
    yield
    assert [one for one in caplog.get_records("call") if one.levelno >= logging.ERROR] == []


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


@pytest.mark.parametrize("fault", FAULTS)
def test_a_service_that_goes_wrong_is_told_of_in_the_ledger_and_loses_nothing(
    way: Way,
    world: WorldServer,  # noqa: F811
    fault: str,
):
    planned = world.fail(way.every, FAULTS[fault]())

    runs = way.look()

    assert planned.met
    assert len(runs) == (2 if way.source == "arxiv" else 1)
    for run in runs:
        if fault == "half" and way.source == "arxiv":  # XML can be read up to there
            assert run.verdict == IngestRun.Verdict.PARTIAL
            assert re.search(r"^(The feed|The answer|Page 1) breaks off: ", run.error)
        else:
            assert run.verdict == IngestRun.Verdict.FAILED
            assert re.search(REASONS.get(fault) or NO_LIST[way.source], run.error)
        assert "\n" not in run.error
        assert not run.settled
    assert (sum(run.bytes_read for run in runs) > 0) == (fault not in WITHOUT_BODY)
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
    planned = world.fail("arxiv_feed", FAULTS[name]())

    runs = way.look()

    assert planned.met
    assert len(runs) == 2
    assert runs[-1].verdict == IngestRun.Verdict.COMPLETE
    new = {one.paper.arxiv_id for one in world.world.announced(TODAY, ["cs.CV"]) if one.kind == "new"}
    assert new <= entered().keys()
    world.heal()
    way.look()
    all_in_once(way, world)


def test_a_trouble_that_passes_leaves_no_trace(way: Way, world: WorldServer):  # noqa: F811
    planned = world.fail(way.first, faults.status(503), times=2)

    [run] = way.look()

    assert planned.met == 2
    assert run.verdict == IngestRun.Verdict.COMPLETE
    all_in_once(way, world)


# A search by the time of submission cannot tell another day's.
@pytest.mark.parametrize("way", [way for way in WAYS.values() if not way.late], indirect=True, ids=str)
@pytest.mark.parametrize("redated", [True, False], ids=["under today's date", "under its own"])
def test_yesterdays_list_again_is_stale_and_todays_comes_in_later(
    way: Way,
    world: WorldServer,  # noqa: F811
    redated: bool,
):
    before = entered()
    planned = world.fail(way.first, faults.yesterday_again(redated=redated))

    runs = way.look()

    assert planned.met
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
    # The search of arXiv answers so when it fails, too.
    assert runs[0].verdict == (IngestRun.Verdict.PARTIAL if way.late else IngestRun.Verdict.EMPTY)
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
    planned = world.fail("arxiv", faults.entity_bomb(kind))

    runs = way.look()

    assert planned.met == 2
    assert all("declares entities" in run.error for run in runs)
    assert {run.verdict for run in runs} == {IngestRun.Verdict.FAILED}
    assert not Paper.objects.filter(title__contains="root:").exists()
    world.heal()
    way.look()
    all_in_once(way, world)


@pytest.mark.parametrize("charset", CHARSETS)
def test_letters_in_another_charset_than_declared_make_no_wrong_ones(
    way: Way,
    world: WorldServer,  # noqa: F811
    charset: str,
):
    planned = world.fail(way.every, CHARSETS[charset]())

    runs = way.look()

    assert planned.met
    if charset == "utf-8 as klingon-8" and way.source != "arxiv":
        # JSON is UTF-8 whatever its header says (RFC 8259, section 8.1).
        assert [run.verdict for run in runs] == [IngestRun.Verdict.COMPLETE]
    else:
        for run in runs:
            assert run.verdict == IngestRun.Verdict.FAILED
            assert ("unknown encoding: klingon-8" in run.error) == (charset == "utf-8 as klingon-8")
            assert re.search(NO_LIST[way.source], run.error)
    assert not Paper.objects.filter(title__contains="\N{REPLACEMENT CHARACTER}").exists()
    world.heal()
    assert way.look()[-1].verdict == IngestRun.Verdict.COMPLETE
    all_in_once(way, world)


def test_looking_again_and_again_changes_nothing(way: Way, world: WorldServer):  # noqa: F811
    way.look()
    before = list(Paper.objects.order_by("pk").values()), entered()

    [again] = way.look()

    assert (again.added, again.changed) == (0, 0)
    assert (list(Paper.objects.order_by("pk").values()), entered()) == before
