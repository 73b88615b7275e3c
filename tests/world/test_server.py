"""The server itself, and worlds of recorded days."""

import gzip
import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings as project

from digest.sources import gate
from digest.sources import http as door
from tests.world.invented import invented
from tests.world.recorded import recorded
from tests.world.server import WorldServer, settings_for
from tests.world.visitor import get, get_all

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


# --- Recorded days ----------------------------------------------------------------------------


def test_recorded_lists_are_told_as_they_are(tmp_path: Path):
    document = [{"paper": {"id": "2509.00001", "title": "T"}, "odd": None}]
    (tmp_path / "2025-09-26.json.gz").write_bytes(gzip.compress(json.dumps(document).encode()))
    with WorldServer(recorded(daily=tmp_path)) as server:
        server.turn_to(date(2025, 9, 26))
        assert json.loads(get(f"{server.url}/hf/api/daily_papers?date=2025-09-26").body) == document
        assert json.loads(get(f"{server.url}/hf/api/daily_papers?date=2025-09-25").body) == []


def test_recorded_announcements_become_feeds_of_the_same_kinds(shared_data: Path):
    folder = shared_data / "cs_cv_announcements"
    for repeats in (False, True):
        with WorldServer(recorded(announcements=folder, weekends_repeat=repeats)) as server:
            counts = {}
            for path in sorted(folder.glob("2*.json.gz")):
                document = json.loads(gzip.decompress(path.read_bytes()))
                day = date.fromisoformat(document["date"])
                server.turn_to(day)
                found = ET.fromstring(get(f"{server.url}/arxiv/feed/rss/cs.CV").body).findall("channel/item")
                told = {
                    (i.findtext("link", "").rpartition("/")[2], i.findtext(f"{ARXIV}announce_type"))
                    for i in found
                }
                counts[day] = len(told)
                assert len(found) == len(told)
                if day.weekday() < 5:
                    assert told == {(p["arxiv_id"], p["announce_type"]) for p in document["papers"]}
            assert len(counts) == 11
            weekends = [count for day, count in counts.items() if day.weekday() >= 5]
            friday = counts[date(2026, 4, 24)]
            assert weekends == ([186, 186, friday, friday] if repeats else [0, 0, 0, 0])


def test_recorded_days_of_the_daily_list_are_all_there(shared_data: Path):
    with WorldServer(recorded(daily=shared_data / "hf_daily")) as server:
        assert len(server.world.daily) == 348
        server.turn_to(date(2025, 9, 26))
        found = json.loads(get(f"{server.url}/hf/api/daily_papers?date=2025-09-26&limit=100").body)
    raw = json.loads(gzip.decompress((shared_data / "hf_daily/2025-09-26.json.gz").read_bytes()))
    assert found == raw


# --- The server -------------------------------------------------------------------------------


def test_it_remembers_what_it_was_asked_in_order(server: WorldServer):
    get_all(
        server.url, "/hf/api/daily_papers?date=2026-09-21&p=0", "/arxiv/feed/rss/cs.CV", "/github/repos/a/b"
    )

    assert [(asked.service, asked.path) for asked in server.asked] == [
        ("huggingface", "/api/daily_papers"),
        ("arxiv_feed", "/rss/cs.CV"),
        ("github", "/repos/a/b"),
    ]
    assert server.asked[0].query == {"date": "2026-09-21", "p": "0"}
    assert server.asked[0].at <= server.asked[1].at <= server.asked[2].at
    assert len(server.asked_of("arxiv")) == 1
    server.forget()
    assert server.asked == []


def test_many_can_ask_at_once(server: WorldServer):
    url = f"{server.url}/arxiv/feed/rss/cs.CV"
    with ThreadPoolExecutor(8) as crowd:
        bodies = {answer.body for answer in crowd.map(get, [url] * 40)}

    assert len(bodies) == 1
    assert len(server.asked) == 40


def test_a_right_tag_is_answered_with_304_and_a_wrong_one_with_the_document(server: WorldServer):
    for path in ("/hf/api/daily_papers?date=2026-09-21", "/arxiv/feed/rss/cs.CV"):
        first = get(f"{server.url}{path}")
        same = get(f"{server.url}{path}", {"If-None-Match": first.headers["etag"]})
        assert (same.status, same.body) == (304, b"")
        assert get(f"{server.url}{path}", {"If-None-Match": '"other"'}).body == first.body
    assert len(first.headers["etag"]) == 64  # arXiv's is not quoted


def test_bodies_are_packed_for_those_who_accept_it(server: WorldServer):
    server.packs = True
    url = f"{server.url}/arxiv/feed/rss/cs.CV"

    packed = get(url, {"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == get(url).body


def test_it_ends_at_once_with_connections_open_and_an_answer_under_way():
    from tests.world.faults import drip

    with WorldServer(invented()) as server:
        server.fail("huggingface", drip(5))
        parts = urlsplit(server.url)
        idle = http.client.HTTPConnection(parts.netloc, timeout=2)
        idle.request("GET", "/github/repos/a/b")
        idle.getresponse().read()
        slow = http.client.HTTPConnection(parts.netloc, timeout=2)
        slow.request("GET", "/hf/api/daily_papers?date=2026-09-21")
        while not server.asked_of("huggingface"):
            time.sleep(0.005)
        begun, threads = time.monotonic(), threading.active_count()
    assert time.monotonic() - begun < 1
    assert threading.active_count() < threads
    idle.close()
    slow.close()


def test_a_bug_in_the_world_fails_the_test():
    server = WorldServer(invented()).__enter__()
    server.world.daily = None  # type: ignore[assignment]

    assert get(f"{server.url}/hf/api/daily_papers?date=2026-09-21").status == 500
    with pytest.raises(AssertionError, match="the world itself broke"):
        server.__exit__(None, None, None)


def test_settings_lead_every_service_to_the_server():
    assert settings_for("http://x")["ARXIV_FEED_URL"] == "http://x/arxiv/feed"
    assert len(settings_for("http://x")) == 6


@pytest.mark.django_db
def test_the_fixture_leads_the_project_here_and_nobody_waits(world: WorldServer):
    begun = time.monotonic()
    for _ in range(5):
        answer = door.get(f"{project.ARXIV_FEED_URL}/rss/cs.CV")
    assert time.monotonic() - begun < 2
    assert set(gate.PAUSES.values()) == {0}
    assert answer.unchanged
    assert ET.fromstring(answer.body).findtext("channel/pubDate") == "Tue, 22 Sep 2026 00:00:00 -0400"
