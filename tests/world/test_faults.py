"""Each fault does what it says, and goes when it is lifted."""

import gzip
import http.client
import json
import time
import zlib
from datetime import timedelta
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from tests.world import faults
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


# --- When they strike -------------------------------------------------------------------------


def test_a_fault_strikes_so_many_times_after_so_many_requests(server: WorldServer):
    planned = server.fail("arxiv", faults.status(503), times=2, after=1)

    found = [ask(server, "arxiv_feed").status for _ in range(5)]
    assert found == [200, 503, 503, 200, 200]
    assert planned.met == 2


def test_a_fault_stays_until_it_is_lifted_and_leaves_others_alone(server: WorldServer):
    planned = server.fail("huggingface", faults.status(500))
    server.fail("arxiv_feed", faults.status(500))

    assert [ask(server, "huggingface").status for _ in range(3)] == [500] * 3
    assert ask(server, "github").status == 200
    planned.lift()
    assert ask(server, "huggingface").status == 200
    server.heal()
    assert ask(server, "arxiv_feed").status == 200


def test_a_fault_may_wait_for_a_certain_request(server: WorldServer):
    server.fail("huggingface", faults.status(500), when=lambda ask: ask.query.get("p") == "1")

    base = server.url + PATHS["huggingface"]
    assert [get(f"{base}&p={page}").status for page in range(3)] == [200, 500, 200]


# --- Refusals ---------------------------------------------------------------------------------


@services
@pytest.mark.parametrize("wish", ["2", "Tue, 22 Sep 2026 12:00:05 GMT", "soon", None])
def test_too_many_requests_are_refused_with_a_wish_or_without(
    server: WorldServer, service: str, wish: str | None
):
    server.fail(service, faults.status(429, retry_after=wish), times=1)

    answer = ask(server, service)
    assert (answer.status, answer.headers.get("retry-after")) == (429, wish)
    if service.startswith("arxiv"):
        assert answer.body == b"Rate exceeded."


@services
@pytest.mark.parametrize("code", [500, 503])
def test_a_service_breaks_by_its_status(server: WorldServer, service: str, code: int):
    server.fail(service, faults.status(code), times=1)

    assert [ask(server, service).status for _ in range(2)] == [code, 200]


def test_a_quota_that_is_spent_is_told_in_each_services_way(server: WorldServer):
    server.fail("", faults.quota_spent())

    hub, stars = ask(server, "huggingface"), ask(server, "github")
    assert (hub.status, hub.headers["ratelimit"].split(";")[1]) == (429, "r=0")
    assert (stars.status, stars.headers["x-ratelimit-remaining"]) == (403, "0")


@pytest.mark.parametrize("code", ["noRecordsMatch", "badArgument", "idDoesNotExist"])
def test_oai_errors_come_with_status_200(server: WorldServer, code: str):
    server.fail("arxiv_oai", faults.oai_error(code))

    answer = ask(server, "arxiv_oai")
    assert answer.status == 200
    assert ET.fromstring(answer.body)[-1].get("code") == code


def test_a_resumption_token_is_refused_and_the_first_page_is_not(server: WorldServer):
    server.fail("arxiv_oai", faults.bad_resumption_token())
    server.sizes["arxiv_oai"] = 5
    token = ET.fromstring(ask(server, "arxiv_oai").body)[-1][-1].text or ""

    answer = get(f"{server.url}/arxiv/oai?verb=ListRecords&resumptionToken={quote(token, safe='')}")
    assert b"code='badResumptionToken'" in answer.body


# --- The connection ---------------------------------------------------------------------------


@services
def test_a_dripping_answer_takes_its_time_and_is_whole(server: WorldServer, service: str):
    whole = ask(server, service).body
    server.fail(service, faults.drip(0.02, piece=len(whole) // 4 + 1))

    begun = time.monotonic()
    assert ask(server, service).body == whole
    assert 0.06 <= time.monotonic() - begun < 1


@services
def test_a_truncated_answer_promises_more_than_comes(server: WorldServer, service: str):
    whole = ask(server, service).body
    server.fail(service, faults.truncated())

    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(server, service)
    assert caught.value.partial == whole[: len(whole) // 2]


@services
def test_half_a_document_may_end_cleanly(server: WorldServer, service: str):
    whole = ask(server, service).body
    server.fail(service, faults.truncated(clean=True))

    answer = ask(server, service)
    assert answer.body == whole[: len(whole) // 2]
    with pytest.raises((ET.ParseError, ValueError)):
        ET.fromstring(answer.body) if service in XML else json.loads(answer.body)


@services
def test_a_connection_is_reset(server: WorldServer, service: str):
    server.fail(service, faults.reset(), times=1)

    with pytest.raises(ConnectionResetError):
        ask(server, service)
    assert ask(server, service).status == 200


def test_redirects_lead_in_a_circle_or_anywhere(server: WorldServer):
    server.fail("huggingface", faults.redirect_loop())
    server.fail("github", faults.redirect_to("http://169.254.169.254/latest/", code=301))

    round_and_round = ask(server, "huggingface")
    assert round_and_round.status == 302
    assert get(round_and_round.headers["location"]).headers["location"] == round_and_round.headers["location"]
    assert ask(server, "github").headers["location"] == "http://169.254.169.254/latest/"


# --- The document -----------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["huggingface", "arxiv_feed", "arxiv_oai", "arxiv_api", "biorxiv"])
def test_a_wrong_charset_is_declared(server: WorldServer, service: str):
    server.fail(service, faults.wrong_charset(), times=1)
    server.fail(service, faults.wrong_charset("klingon-8"), times=1)

    lied, nonsense = ask(server, service), ask(server, service)
    assert "charset=utf-8" in lied.headers["content-type"]
    with pytest.raises(UnicodeDecodeError):
        lied.body.decode()
    assert "charset=klingon-8" in nonsense.headers["content-type"]
    assert not nonsense.body.isascii()
    if service in XML:
        with pytest.raises((ET.ParseError, LookupError)):
            ET.fromstring(nonsense.body)


@services
def test_a_page_or_a_line_for_people_comes_instead(server: WorldServer, service: str):
    server.fail(service, faults.html_instead(), times=1)
    server.fail(service, faults.plain_text(), times=1)

    page, line = ask(server, service), ask(server, service)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.body.startswith(b"<!DOCTYPE html>")
    assert line.body == b"Error : (2002) Connection refused"


@pytest.mark.parametrize("document", [{"papers": []}, "text", 7, None, [[]]])
def test_json_of_another_shape_comes_instead(server: WorldServer, document: object):
    server.fail("huggingface", faults.wrong_type(document))

    assert json.loads(ask(server, "huggingface").body) == document


def test_a_bomb_is_small_on_the_wire_and_huge_unpacked(server: WorldServer):
    server.fail("huggingface", faults.bomb(64 << 20), times=1)
    server.fail("huggingface", faults.bomb(), times=1)

    small = ask(server, "huggingface")
    assert small.headers["content-encoding"] == "gzip"
    assert len(gzip.decompress(small.body)) == 64 << 20
    large = ask(server, "huggingface", seconds=5).body
    assert len(large) < 2 << 20
    assert int.from_bytes(large[-4:], "little") == 1 << 30
    unpacker = zlib.decompressobj(31)
    assert len(unpacker.decompress(large, 40 << 20)) == 40 << 20  # it goes on and on


@services
def test_entities_stand_where_a_title_was(server: WorldServer, service: str):
    server.fail(service, faults.entity_bomb(), times=1)
    server.fail(service, faults.entity_bomb("file"), times=1)

    laughs, file = ask(server, service).body, ask(server, service).body
    assert laughs.count(b"<!ENTITY") == 11
    assert b"&x;</" in laughs
    assert b'SYSTEM "file:///etc/passwd"' in file
    if service == "arxiv_feed":
        with pytest.raises(ET.ParseError, match="amplification"):
            ET.fromstring(laughs)
    with pytest.raises(ET.ParseError, match="undefined entity"):
        ET.fromstring(file)
