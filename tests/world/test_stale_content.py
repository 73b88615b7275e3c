"""Faults in what is told: whole and valid documents that are not the day's."""

import json
from datetime import date, timedelta
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from tests.world import faults
from tests.world.faults import Fault
from tests.world.fixtures import TODAY
from tests.world.server import WorldServer
from tests.world.visitor import Got, get

PATHS = {
    "huggingface": f"/hf/api/daily_papers?date={TODAY}",
    "arxiv_feed": "/arxiv/feed/rss/cs.CV",
    "arxiv_oai": f"/arxiv/oai?verb=ListRecords&metadataPrefix=arXivRaw&from={TODAY}&until={TODAY}",
    "arxiv_api": f"/arxiv/api?search_query={quote('cat:cs.CV')}&max_results=5",
    "biorxiv": f"/biorxiv/details/biorxiv/{TODAY}/{TODAY}/0/json",
    "github": "/github/repos/Lab-1/Thing-1",
}
JSON = ("huggingface", "biorxiv", "github")
XML = ("arxiv_feed", "arxiv_oai", "arxiv_api")
YESTERDAY = TODAY - timedelta(days=1)
services = pytest.mark.parametrize("service", PATHS)


def ask(server: WorldServer, service: str, *, seconds: float = 2) -> Got:
    return get(server.url + PATHS[service], seconds=seconds)


def guids(answer: Got) -> list[str | None]:
    return [element.text for element in ET.fromstring(answer.body).iter("guid")]


# --- The content ------------------------------------------------------------------------------


def test_yesterdays_list_comes_again_under_todays_date_or_its_own(server: WorldServer):
    def told() -> list[tuple[str, str]]:
        rows = json.loads(ask(server, "huggingface").body)
        return [(row["paper"]["id"], row["paper"]["submittedOnDailyAt"][:10]) for row in rows]

    server.fail("huggingface", faults.yesterday_again(), times=1)
    server.fail("huggingface", faults.yesterday_again(redated=False), times=1)
    listed = {listing.arxiv_id for listing in server.world.daily[YESTERDAY]}  # type: ignore[union-attr]

    redated, own, honest = told(), told(), told()
    assert {name for name, _ in redated} == {name for name, _ in own} == listed
    assert {day for _, day in redated} == {TODAY.isoformat()}
    assert {day for _, day in own} == {YESTERDAY.isoformat()}
    assert not listed & {name for name, _ in honest}


def test_yesterdays_batch_comes_again_and_the_feed_is_built_today(server: WorldServer):
    server.turn_to(YESTERDAY)
    yesterday = guids(ask(server, "arxiv_feed"))
    server.turn_to(TODAY)
    server.fail("arxiv_feed", faults.yesterday_again(), times=1)
    server.fail("arxiv_feed", faults.yesterday_again(redated=False), times=1)

    redated, own, honest = (ask(server, "arxiv_feed") for _ in range(3))
    assert guids(redated) == guids(own) == yesterday != guids(honest)
    dates = [ET.fromstring(answer.body).findtext("channel/pubDate", "")[:16] for answer in (redated, own)]
    assert dates == ["Tue, 22 Sep 2026", "Mon, 21 Sep 2026"]
    built = [
        ET.fromstring(answer.body).findtext("channel/lastBuildDate", "")[:16] for answer in (redated, own)
    ]
    assert built == ["Tue, 22 Sep 2026"] * 2


def test_on_a_weekend_it_is_fridays_that_comes_again(server: WorldServer):
    server.turn_to(date(2026, 9, 18))
    friday = guids(ask(server, "arxiv_feed"))
    server.turn_to(date(2026, 9, 20))
    server.fail("arxiv_feed", faults.yesterday_again())

    assert guids(ask(server, "arxiv_feed")) == friday


def test_yesterdays_posts_come_again(server: WorldServer):
    server.fail("biorxiv", faults.yesterday_again(redated=False), times=1)

    rows = json.loads(ask(server, "biorxiv").body)["collection"]
    assert {row["date"] for row in rows} == {YESTERDAY.isoformat()}


def test_an_empty_day_is_a_valid_answer_with_nothing_in_it(server: WorldServer):
    server.fail("", faults.empty_day())

    assert json.loads(ask(server, "huggingface").body) == []
    assert (
        ET.fromstring(ask(server, "arxiv_feed").body).findtext("channel/title")
        == "cs.CV updates on arXiv.org"
    )
    assert guids(ask(server, "arxiv_feed")) == []
    assert b"code='noRecordsMatch'" in ask(server, "arxiv_oai").body
    assert json.loads(ask(server, "biorxiv").body)["collection"] == []


def test_the_api_may_answer_with_no_results(server: WorldServer):
    server.fail("arxiv_api", faults.api_empty(), times=1)

    assert b"<opensearch:totalResults>0</opensearch:totalResults>" in ask(server, "arxiv_api").body
    assert b"<opensearch:totalResults>0</opensearch:totalResults>" not in ask(server, "arxiv_api").body


def test_a_page_may_have_ten_times_the_entries_asked_for(server: WorldServer):
    honest = json.loads(ask(server, "huggingface").body)
    posted = len([row for row in server.world.preprints[TODAY] if row.server == "biorxiv"])
    batch = guids(ask(server, "arxiv_feed"))
    server.fail("", faults.tenfold_page())

    found = json.loads(get(f"{server.url}{PATHS['huggingface']}&limit=7").body)
    assert len(found) == 70
    assert {row["paper"]["id"] for row in found} == {row["paper"]["id"] for row in honest}
    rows = json.loads(ask(server, "biorxiv").body)["collection"]
    assert (len(rows), len({(row["doi"], row["version"]) for row in rows})) == (300, posted)
    assert guids(ask(server, "arxiv_feed")) == batch * 10
    assert (
        len(ET.fromstring(ask(server, "arxiv_api").body).findall("{http://www.w3.org/2005/Atom}entry")) == 50
    )


def test_a_fault_of_the_body_comes_even_to_those_who_have_it(server: WorldServer):
    tag = ask(server, "arxiv_feed").headers["etag"]
    server.fail("arxiv_feed", faults.truncated(clean=True))

    assert get(server.url + PATHS["arxiv_feed"], {"If-None-Match": tag}).status == 200


def test_every_fault_has_a_name():
    made: list[Fault] = [
        faults.reset(),
        faults.bomb(),
        faults.empty_day(),
        faults.status(500),
        faults.drip(1),
    ]

    assert all(fault.name for fault in made)
