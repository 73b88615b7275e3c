"""The rest of the world's services: arXiv's API, bioRxiv and GitHub."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from tests.world.fixtures import TODAY, world  # noqa: F401
from tests.world.papers import Repository
from tests.world.server import WorldServer
from tests.world.visitor import get, get_all

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def search(server: WorldServer, query: str) -> ET.Element:
    return ET.fromstring(get(f"{server.url}/arxiv/api?{query}").body)


def total(feed: ET.Element) -> int:
    return int(feed.findtext(f"{SEARCH}totalResults", ""))


def ids(feed: ET.Element) -> list[str]:
    return [(entry.findtext(f"{ATOM}id") or "").rpartition("/")[2] for entry in feed.findall(f"{ATOM}entry")]


def posts(server: WorldServer, path: str) -> Any:
    return json.loads(get(f"{server.url}/biorxiv/details/{path}").body)


# --- arXiv's API ------------------------------------------------------------------------------


def test_the_api_gives_ten_of_many_ids_unless_more_are_wished_for(server: WorldServer):
    names = [row.paper.arxiv_id for row in server.world.announced(TODAY, ["cs.CV"])][:12]
    found = search(server, f"id_list={','.join(names)}")
    more = search(server, f"id_list={','.join(names)}&max_results=100")

    assert (total(found), len(ids(found)), len(ids(more))) == (12, 10, 12)
    assert found.findtext(f"{SEARCH}itemsPerPage") == "10"
    entry, paper = more.findall(f"{ATOM}entry")[0], server.world.as_of(names[0], TODAY)
    assert paper is not None
    assert entry.findtext(f"{ATOM}id") == f"http://arxiv.org/abs/{names[0]}v{paper.versions[-1].number}"
    assert entry.findtext(f"{ATOM}title") == paper.title
    assert entry.findtext(f"{ATOM}summary") == paper.abstract
    published = f"{paper.versions[0].submitted_at:%Y-%m-%dT%H:%M:%SZ}"
    assert entry.findtext(f"{ATOM}published") == published
    assert [a.findtext(f"{ATOM}name") for a in entry.findall(f"{ATOM}author")] == [
        a.name for a in paper.authors
    ]
    primary = entry.find(f"{ARXIV}primary_category")
    assert primary is not None
    assert primary.get("term") == paper.primary


def test_a_version_can_be_asked_for(server: WorldServer):
    told = next(t for t in server.world.announced(TODAY, ["cs.CV"]) if t.kind == "replace")

    assert ids(search(server, f"id_list={told.paper.arxiv_id}v1")) == [f"{told.paper.arxiv_id}v1"]
    assert total(search(server, f"id_list={told.paper.arxiv_id}v9")) == 0


def test_a_search_by_category_and_window_pages_in_order_of_submission(server: WorldServer):
    query = f"search_query={quote('cat:cs.CV AND submittedDate:[202609141800 TO 202609161800]')}"
    query += "&sortBy=submittedDate&sortOrder=ascending&max_results=7"
    pages = [search(server, f"{query}&start={start}") for start in range(0, 70, 7)]

    names = [name.partition("v")[0] for page in pages for name in ids(page)]
    moments = [server.world.papers[name].versions[0].submitted_at for name in names]
    assert len(names) == len(set(names)) == total(pages[0]) > 7
    assert moments == sorted(moments)
    assert all("cs.CV" in server.world.papers[name].told_in(TODAY) for name in names)
    first, last = datetime(2026, 9, 14, 18, tzinfo=UTC), datetime(2026, 9, 16, 18, 1, tzinfo=UTC)
    assert all(first <= moment < last for moment in moments)


def test_unknown_ids_are_no_results_and_malformed_ones_a_400_with_an_error_for_an_entry(server: WorldServer):
    assert total(search(server, "id_list=0000.00000")) == 0

    answer = get(f"{server.url}/arxiv/api?id_list=abc")
    entry = ET.fromstring(answer.body).find(f"{ATOM}entry")
    assert answer.status == 400
    assert entry is not None
    assert entry.findtext(f"{ATOM}title") == "Error"
    assert entry.findtext(f"{ATOM}id") == "https://arxiv.org/api/errors#incorrect_id_format_for_abc"


@pytest.mark.parametrize("query", ["max_results=2001", "start=29990&max_results=100", "start=x"])
def test_the_api_refuses_to_give_too_much_at_once(server: WorldServer, query: str):
    assert get(f"{server.url}/arxiv/api?search_query=cat:cs.CV&{query}").status == 400


# --- bioRxiv ----------------------------------------------------------------------------------


def test_biorxiv_pages_by_thirty_and_counts_too_many(server: WorldServer):
    rows = [row for row in server.world.preprints[TODAY] if row.server == "biorxiv"]
    first = posts(server, f"biorxiv/{TODAY}/{TODAY}/0/json")
    second = posts(server, f"biorxiv/{TODAY}/{TODAY}/30/json")
    end = posts(server, f"biorxiv/{TODAY}/{TODAY}/60/json")

    assert [len(first["collection"]), len(second["collection"])] == [30, len(rows) - 30]
    assert int(first["messages"][0]["total"]) > len(rows)
    assert end == {"messages": [{"status": "no posts found"}], "collection": []}
    told = first["collection"] + second["collection"]
    assert [(row["doi"], row["version"]) for row in told] == [(row.doi, str(row.version)) for row in rows]
    assert [row["abstract"] for row in told] == [row.abstract for row in rows]
    assert all(isinstance(value, str) for row in told for value in row.values())


def test_every_version_is_a_row_of_its_own(server: WorldServer):
    server.turn_to(date(2026, 9, 27))
    row = next(r for day in server.world.preprints.values() for r in day if r.version == 2)
    found = posts(server, f"{row.server}/{row.doi}/na/json")["collection"]

    assert [one["version"] for one in found][:2] == ["1", "2"]
    assert {one["doi"] for one in found} == {row.doi}


def test_biorxiv_filters_by_category_and_server_and_knows_no_tomorrow(server: WorldServer):
    cells = posts(server, f"biorxiv/{TODAY}/{TODAY}/0/json?category=cell_biology")["collection"]
    tomorrow = TODAY + timedelta(days=1)

    assert {row["category"] for row in cells} == {"cell biology"}
    assert {row["server"] for row in posts(server, "medrxiv/3d/0/json")["collection"]} == {"medrxiv"}
    assert posts(server, f"biorxiv/{tomorrow}/{tomorrow}/0/json")["collection"] == []


# --- GitHub -----------------------------------------------------------------------------------


def test_github_tells_stars_that_grow_and_confirms_what_one_has(server: WorldServer):
    server.world.host(Repository("Owner/Name", 7, TODAY, stars=10, growth=5))
    first = get(f"{server.url}/github/repos/owner/name")
    again = get(f"{server.url}/github/repos/owner/name", {"If-None-Match": first.headers["etag"]})
    mine = {"Authorization": "Bearer me"}
    other = get(f"{server.url}/github/repos/owner/name", mine | {"If-None-Match": first.headers["etag"]})
    server.turn_to(TODAY + timedelta(days=2))
    later = get(f"{server.url}/github/repos/owner/name", {"If-None-Match": first.headers["etag"]})

    assert (json.loads(first.body)["full_name"], json.loads(first.body)["stargazers_count"]) == (
        "Owner/Name",
        10,
    )
    assert (again.status, again.body) == (304, b"")
    assert other.status == 200  # a tag is bound to the token
    assert json.loads(later.body)["stargazers_count"] == 20
    assert [first.headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining")] == ["60", "59"]
    assert other.headers["x-ratelimit-limit"] == "5000"


def test_renamed_gone_blocked_and_unknown_repositories(server: WorldServer):
    server.world.host(Repository("old/name", 1, TODAY, moved_to="new/name"))
    server.world.host(Repository("new/name", 1, TODAY))
    server.world.host(Repository("was/here", 2, TODAY, gone=True))
    server.world.host(Repository("not/yours", 3, TODAY, blocked=True))
    base = f"{server.url}/github/repos"
    moved = get(f"{base}/old/name")

    assert moved.status == 301
    assert json.loads(get(moved.headers["location"]).body)["full_name"] == "new/name"
    assert [get(f"{base}/{name}").status for name in ("was/here", "never/was", "not/yours")] == [
        404,
        404,
        451,
    ]


def test_a_quota_is_kept_where_it_is_to_be(server: WorldServer):
    server.limited.add("github")
    server.world.host(Repository("a/b", 1, TODAY))
    paths = ["/github/repos/a/b"] * 61

    answers = get_all(server.url, *paths)
    server.turn_to(TODAY, hour=13)
    assert [answer.status for answer in answers] == [200] * 60 + [403]
    assert answers[-1].headers["x-ratelimit-remaining"] == "0"
    assert int(answers[-1].headers["x-ratelimit-reset"]) == int(
        datetime(2026, 9, 22, 13, tzinfo=UTC).timestamp()
    )
    assert get(f"{server.url}/github/repos/a/b").status == 200
