"""Enrichers against a world that moves on and goes wrong: what they bring, and nothing lost or doubled."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache

from digest import tasks
from digest.enrichers.github import TROUBLES, repository
from digest.models import Identifier, IngestRun, Paper, Sighting
from digest.sources import http
from digest.sources.arxiv import live
from digest.sources.arxiv.categories import categories_in
from tests.digest.test_ingest_world import FAULTS
from tests.world import faults
from tests.world.calendar import api_day
from tests.world.exchange import Ask, Reply
from tests.world.faults import Fault, Honest
from tests.world.fixtures import TODAY, world  # noqa: F401  (a fixture)
from tests.world.papers import Listing, Repository, Version
from tests.world.server import WorldServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("naps")]
NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
DAYS = [TODAY - timedelta(days=back) for back in range(6) if (TODAY - timedelta(days=back)).weekday() < 5]
LATER = timedelta(days=3, hours=1)
"""After which every enricher asks anew about every paper."""
WITH_QUOTA = {**FAULTS, "quota spent": faults.quota_spent}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=True) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TOTAL", 0.6)
    monkeypatch.setattr(http, "TRIES", 2)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """No answers, and on Redis no pauses that an earlier test was told to keep."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def listed(world: WorldServer, nothing_remembered: None) -> None:  # noqa: F811
    """The papers of the daily lists of a week are in."""
    for day in DAYS:
        tasks.look_at("huggingface", day.isoformat(), "")
    world.forget()


def ask(name: str) -> list[IngestRun]:
    """As a worker does; what the ledger then has of it, oldest first."""
    before = set(IngestRun.objects.values_list("pk", flat=True))
    tasks.enrich_papers(name)
    return list(IngestRun.objects.exclude(pk__in=before).filter(source=name).order_by("pk"))


def pass_time(clock: time_machine.Traveller, world: WorldServer, by: timedelta) -> None:  # noqa: F811
    clock.move_to(NOON + by)
    time.sleep(by.total_seconds())  # a nap: for the pauses that services wished for
    world.turn_to(NOON + by)


def repositories(world: WorldServer) -> dict[int, Repository]:  # noqa: F811
    """By paper: what its link leads to, wherever that moved."""
    found = {}
    for paper in Paper.objects.exclude(code_url=""):
        home = world.world.repositories[repository(paper.code_url)]
        found[paper.pk] = world.world.repositories[home.moved_to.lower()] if home.moved_to else home
    return found


def stars() -> dict[int, int | None]:
    """By paper: what GitHub was last seen to tell."""
    told = Sighting.objects.filter(source="github", stars__isnull=False).order_by("seen_at")
    return dict(told.values_list("paper_id", "stars"))


# --- GitHub ---------------------------------------------------------------------------------


def test_stars_become_sightings_each_once(world: WorldServer):  # noqa: F811
    homes = repositories(world)
    expected = {pk: home.stars_on(TODAY) for pk, home in homes.items()}

    [run] = ask("github")

    assert run.verdict == IngestRun.Verdict.COMPLETE
    assert len(expected) > 10
    assert stars() == expected
    assert Sighting.objects.filter(source="github").count() == len(expected)
    assert ask("github") == [], "nobody is asked about twice a day"


def test_a_repository_that_was_renamed_gets_its_new_address(world: WorldServer):  # noqa: F811
    moved = {pk: home for pk, home in repositories(world).items() if home.full_name.startswith("new-home/")}
    assert moved

    ask("github")

    for pk, home in moved.items():
        assert Paper.objects.get(pk=pk).code_url == f"https://github.com/{home.full_name}"
        assert stars()[pk] == home.stars_on(TODAY)


def test_a_repository_that_is_gone_takes_only_its_own_link_along(world: WorldServer):  # noqa: F811
    homes = repositories(world)
    gone = list(homes)[:2]
    world.world.host(replace(homes[gone[0]], gone=True))
    world.world.host(replace(homes[gone[1]], blocked=True))

    ask("github")

    assert set(Paper.objects.filter(code_url="", pk__in=homes).values_list("pk", flat=True)) == set(gone)
    assert stars().keys() == homes.keys() - set(gone)


def test_what_did_not_change_in_a_day_is_confirmed_without_being_sent(
    world: WorldServer,  # noqa: F811
    clock: time_machine.Traveller,
):
    ask("github")
    before, sent = list(Sighting.objects.order_by("pk").values()), len(stars())
    statuses: list[int] = []

    def watch(ask: Ask, honest: Honest) -> Reply:
        reply = honest(ask)
        statuses.append(reply.status)
        return reply

    world.fail("github", Fault("watched", watch))
    clock.move_to(NOON + timedelta(days=1, hours=1))

    [run] = ask("github")

    assert run.verdict == IngestRun.Verdict.COMPLETE
    assert statuses.count(304) >= sent - len(repositories(world)) // 4 > 0
    assert set(statuses) <= {304, 200, 301}
    assert list(Sighting.objects.order_by("pk").values()) == before


def test_stars_that_grew_are_seen_the_next_day(world: WorldServer, clock: time_machine.Traveller):  # noqa: F811
    ask("github")
    homes = repositories(world)
    pass_time(clock, world, LATER)

    ask("github")

    today = (NOON + LATER).date()
    assert stars() == {pk: home.stars_on(today) for pk, home in homes.items()}
    grew = sum(home.stars_on(today) != home.stars_on(TODAY) for home in homes.values())
    assert Sighting.objects.filter(source="github").count() == len(homes) + grew


@pytest.mark.parametrize("fault", WITH_QUOTA.values(), ids=WITH_QUOTA.keys())
@pytest.mark.parametrize("after", [0, 5], ids=["at once", "after five"])
def test_github_that_goes_wrong_is_told_of_and_nothing_is_lost_or_doubled(
    world: WorldServer,  # noqa: F811
    clock: time_machine.Traveller,
    fault: Callable[[], Fault],
    after: int,
):
    links = dict(Paper.objects.values_list("pk", "code_url"))
    homes = repositories(world)
    planned = world.fail("github", fault(), after=after)

    runs = ask("github")

    assert planned.met
    assert_told(runs)
    assert bool(stars()) == bool(after), "what came before is kept"
    lost = {pk for pk, url in Paper.objects.values_list("pk", "code_url") if links[pk] and not url}
    assert not lost, "no link goes because of a fault"
    world.heal()
    pass_time(clock, world, LATER)
    assert ask("github")[-1].verdict == IngestRun.Verdict.COMPLETE
    today = (NOON + LATER).date()
    assert stars() == {pk: home.stars_on(today) for pk, home in homes.items()}
    seen = Sighting.objects.filter(source="github").values_list("paper_id", "seen_at")
    assert len(seen) == len(set(seen))


def assert_told(runs: list[IngestRun]) -> None:
    assert {run.verdict for run in runs} <= {IngestRun.Verdict.FAILED, IngestRun.Verdict.PARTIAL}
    assert runs
    for run in runs:
        assert run.error, "the ledger says why"
        assert run.error.isprintable()


@pytest.mark.parametrize("name", ["429 next year", "500", "HTML", "quota spent"])
def test_a_github_that_stays_in_trouble_is_not_asked_without_end(world: WorldServer, name: str):  # noqa: F811
    world.fail("github", WITH_QUOTA[name]())

    ask("github")

    assert len(world.asked_of("github")) <= http.TRIES * TROUBLES
    assert stars() == {}


def test_one_repository_in_trouble_does_not_keep_the_others_from_being_asked_about(
    world: WorldServer,  # noqa: F811
):
    homes = repositories(world)
    pk, home = next((pk, home) for pk, home in homes.items() if not home.full_name.startswith("new-home/"))
    path = f"/repos/{home.full_name.lower()}"
    world.fail("github", faults.status(500), when=lambda ask: ask.path.lower() == path)

    [run] = ask("github")

    assert run.verdict == IngestRun.Verdict.PARTIAL
    assert stars().keys() == homes.keys() - {pk}
    assert [aside["name"] for aside in run.set_aside] == [home.full_name.lower()]


# --- arXiv ----------------------------------------------------------------------------------


def arxiv_ids() -> dict[str, Paper]:
    names = Identifier.objects.filter(scheme="arxiv").select_related("paper")
    return {name.value: name.paper for name in names}


def assert_as_arxiv_has_them(world: WorldServer, now: datetime = NOON) -> None:  # noqa: F811
    """Every paper of the list has the categories and the version arXiv tells of it, and is there once."""
    papers = arxiv_ids()
    assert len(papers) == Paper.objects.count() > 10
    for arxiv_id, paper in papers.items():
        told = world.world.as_of(arxiv_id, api_day(now))
        assert told
        assert set(paper.categories) == set(categories_in(told.categories))
        assert paper.primary_category == categories_in(told.categories)[0]
        assert paper.version == told.versions[-1].number
        assert paper.withdrawn == ("withdrawn" in told.comment)


def test_papers_of_the_daily_list_get_their_categories(world: WorldServer):  # noqa: F811
    assert not Paper.objects.exclude(categories=[]).exists()

    [run] = ask("arxiv-api")

    assert run.verdict == IngestRun.Verdict.COMPLETE
    assert_as_arxiv_has_them(world)
    assert ask("arxiv-api") == []


def test_a_paper_that_was_withdrawn_is_marked_and_asked_about_no_more(
    world: WorldServer,  # noqa: F811
    clock: time_machine.Traveller,
):
    ask("arxiv-api")
    name = min(one.arxiv_id for one in world.world.daily[TODAY] if isinstance(one, Listing))
    paper, title = world.world.papers[name], arxiv_ids()[name].title
    at, number = NOON - timedelta(hours=30), paper.versions[-1].number + 1
    last = Version(number, at, 0, "I", "This paper has been withdrawn by the authors")
    world.world.add(replace(paper, versions=(*paper.versions, last)))
    world.world.announce(TODAY + timedelta(days=1), name, "replace", version=number)
    pass_time(clock, world, LATER)
    world.forget()

    ask("arxiv-api")

    stored = arxiv_ids()[name]
    assert stored.withdrawn
    assert stored.version == number
    assert stored.title == title
    assert list(Paper.objects.filter(withdrawn=True)) == [stored]
    pass_time(clock, world, 2 * LATER)
    world.forget()
    ask("arxiv-api")
    assert world.asked_of("arxiv_api")
    assert not any(name in asked.query["id_list"] for asked in world.asked_of("arxiv_api"))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_an_api_of_arxiv_that_goes_wrong_is_told_of_and_heals(
    world: WorldServer,  # noqa: F811
    clock: time_machine.Traveller,
    fault: Callable[[], Fault],
):
    planned = world.fail("arxiv_api", fault())

    runs = ask("arxiv-api")

    assert planned.met
    assert_told(runs)
    world.heal()
    pass_time(clock, world, timedelta(hours=2))
    assert ask("arxiv-api")[-1].verdict == IngestRun.Verdict.COMPLETE
    assert_as_arxiv_has_them(world, NOON + timedelta(hours=2))


def test_what_arxiv_told_before_a_request_failed_is_kept(
    world: WorldServer,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(live, "AT_ONCE", 5)
    world.fail("arxiv_api", faults.status(500), after=1)

    [run] = ask("arxiv-api")

    assert run.verdict == IngestRun.Verdict.PARTIAL
    assert "500" in run.error
    assert Paper.objects.exclude(categories=[]).count() == 5
    world.heal()
    assert ask("arxiv-api")[-1].verdict == IngestRun.Verdict.COMPLETE
    assert_as_arxiv_has_them(world)
