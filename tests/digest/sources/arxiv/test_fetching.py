"""Asking arXiv for today: its feed, and what its answers prove."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from digest.sources.arxiv import ArxivSource
from digest.sources.base import Proof, SourceError
from tests.digest.loopback import Answer
from tests.digest.sources.arxiv.conftest import (
    LONG_AGO,
    NOON,
    SATURDAY,
    Services,
    adding,
    fetch,
    papers,
)
from tests.digest.sources.arxiv.payloads import (
    BOMB,
    FEED_ERROR,
    FRIDAY,
    MONDAY,
    item,
    oai,
    raw,
    rss,
    submitted_for,
)

pytestmark = pytest.mark.usefixtures("noon")


# --- The source -----------------------------------------------------------------------------


def test_its_categories_are_those_of_the_settings_each_once(settings: Any):
    settings.ARXIV_CATEGORIES = ["cs.CL", " cs.cl", "cs.NA", "math.NA", ""]

    assert ArxivSource().categories() == ("cs.CL", "math.NA")


def test_it_expects_announcements_by_its_calendar():
    assert ArxivSource().expects(MONDAY)
    assert not ArxivSource().expects(SATURDAY)


def test_without_a_category_there_is_nothing_to_ask(services: Services):
    with pytest.raises(SourceError, match="ARXIV_CATEGORIES"):
        fetch(category="")
    assert ArxivSource().reconcile(FRIDAY, "") is None
    assert services.asked == []


# --- Today: the feed ------------------------------------------------------------------------


def test_today_is_asked_of_the_feed_by_category(services: Services):
    services.feed(rss(item("2604.00001v1"), item("2604.00002v2", "replace")))

    look = fetch(category="CS.cv")

    assert services.paths == ["/rss/cs.CV"]
    assert adding(look) == ["2604.00001"]
    assert (look.source, look.day, look.category) == ("arxiv", MONDAY, "cs.CV")
    assert (look.proof, look.reason, look.announced) == (Proof.COMPLETE, "", ("2604.00001v1",))
    assert NOON <= look.seen_at < NOON + timedelta(minutes=1)


def test_the_feed_of_another_day_is_stale_and_its_papers_keep_their_day(services: Services):
    services.feed(rss(item("2604.00001v1"), day=FRIDAY))

    look = fetch()

    assert (look.day, look.proof) == (MONDAY, Proof.STALE)
    assert [paper.day for paper in papers(look)] == [FRIDAY]
    assert [paper.announced_at for paper in papers(look)] == [datetime(2026, 4, 24, 4, tzinfo=UTC)]
    assert adding(look) == ["2604.00001"]
    assert str(FRIDAY) in look.reason


@pytest.mark.parametrize("day", [date(1970, 1, 1), date(2099, 1, 1), date(2026, 4, 19), date(2026, 4, 28)])
def test_a_feed_under_a_date_that_cannot_be_its_own_files_nothing(services: Services, day: date):
    """Else its papers would lie in an edition nobody reads, and be known when they are really told."""
    services.feed(rss(item("2604.00001v1"), day=day))

    look = fetch()

    assert (look.proof, look.reason, look.announced) == (Proof.STALE, f"The feed is of {day}.", ())
    assert (len(papers(look)), adding(look)) == (1, [])


def test_the_feed_of_another_category_files_nothing(services: Services):
    services.feed(rss(item("2604.00001v1", categories=["cs.CL"]), category="cs.CL"))

    look = fetch(category="cs.CV")

    assert (look.proof, look.reason) == (Proof.STALE, "The feed is of cs.CL, not of cs.CV.")
    assert (len(papers(look)), adding(look)) == (1, [])


@pytest.mark.parametrize(
    ("asked", "told"), [("cs.NA", "math.NA"), ("math.NA", "cs.NA"), ("cs.CL+cs.CV", "cs.CV+cs.CL")]
)
def test_a_category_may_go_by_another_name(services: Services, asked: str, told: str):
    services.feed(rss(item("2604.00001v1"), category=told))

    assert fetch(category=asked).proof == Proof.COMPLETE


def test_the_last_batch_again_at_a_weekend_is_stale(services: Services, noon: Any):
    noon.move_to(datetime(2026, 4, 25, 12, tzinfo=UTC))
    services.feed(rss(item(), day=SATURDAY))

    look = fetch(SATURDAY)

    assert (look.proof, [paper.day for paper in papers(look)]) == (Proof.STALE, [FRIDAY])


def test_an_empty_feed_at_a_weekend_is_a_holiday(services: Services, noon: Any):
    noon.move_to(datetime(2026, 4, 25, 12, tzinfo=UTC))
    services.feed(rss(day=SATURDAY))

    assert fetch(SATURDAY).proof == Proof.HOLIDAY


def test_an_empty_feed_of_this_day_is_empty(services: Services):
    services.feed(rss())

    look = fetch()

    assert (look.proof, look.reason) == (Proof.EMPTY, "The feed of this day is empty.")


def test_an_empty_feed_that_was_made_for_another_day_tells_nothing_of_this_one(services: Services):
    services.feed(rss(day=FRIDAY))

    look = fetch()

    assert (look.proof, look.reason) == (Proof.PARTIAL, "The feed is empty on a day of announcements.")


def test_a_feed_without_any_date_proves_nothing(services: Services):
    services.feed(rss(item(), day=None).replace(b"lastBuildDate", b"x").replace(b"pubDate", b"x"))

    look = fetch()

    assert (look.proof, look.reason) == (Proof.PARTIAL, "The feed does not say which day it is of.")
    assert adding(look) == ["2604.21935"]


def test_a_feed_that_breaks_off_is_partial(services: Services):
    services.feed(rss(item("2604.00001v1"), item("2604.00002v1"))[:-300])

    look = fetch()

    assert (look.proof, adding(look)) == (Proof.PARTIAL, ["2604.00001"])


def test_a_category_the_feed_does_not_know_is_an_error_in_its_words(services: Services):
    services.feed(Answer(FEED_ERROR, status=400))

    with pytest.raises(SourceError, match="no such category"):
        fetch(category="cs.XX")


def test_a_feed_under_a_status_of_error_is_an_error(services: Services):
    services.feed(Answer(rss(item()), status=400))

    with pytest.raises(SourceError, match="status 400"):
        fetch()


@pytest.mark.parametrize(
    "body",
    [b"", b"Rate exceeded.", b"<html><body>Down for maintenance</body></html>", b"\xff\xfe\x00", b"{}", BOMB],
    ids=["nothing", "text", "html", "noise", "json", "bomb"],
)
def test_what_is_no_feed_is_an_error(services: Services, body: bytes):
    services.feed(body)
    services.oai(body)
    services.api(body)

    for day in (MONDAY, FRIDAY, LONG_AGO):
        with pytest.raises(SourceError):
            fetch(day)


def test_a_server_that_wants_fewer_requests_is_told_as_such(services: Services, naps: list[float]):
    services.feed(Answer(b"Rate exceeded.", status=429))

    with pytest.raises(SourceError, match="429"):
        fetch()


def test_a_category_cannot_lead_to_another_address(services: Services):
    services.feed(rss())

    fetch(category="../secret?a=b")

    assert services.paths == ["/rss/..%2Fsecret%3Fa%3Db"]


# --- Between two days -----------------------------------------------------------------------


def test_on_the_evening_of_an_announcement_today_is_not_asked_of_the_feed(services: Services, noon: Any):
    """It already holds tomorrow's papers and still bears today's date."""
    noon.move_to(datetime(2026, 4, 28, 1, tzinfo=UTC))  # 21:00 on Monday in New York
    services.feed(rss(item("2604.99999v1")))
    services.oai(oai(raw("2604.00001", submitted_for(MONDAY))))

    assert adding(fetch(MONDAY)) == ["2604.00001"]


def test_before_its_feed_is_made_a_day_is_stale_and_adds_nothing(services: Services, noon: Any):
    noon.move_to(datetime(2026, 4, 28, 1, tzinfo=UTC))
    services.feed(rss(item("2604.00001v1")))

    look = fetch(date(2026, 4, 28))

    assert (look.proof, adding(look), look.announced) == (Proof.STALE, [], ())
    assert [paper.day for paper in papers(look)] == [MONDAY]
