"""arXiv's feed and its OAI-PMH, through the standard library's parsers."""

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from tests.world.fixtures import TODAY
from tests.world.server import WorldServer
from tests.world.visitor import get
from tests.world.wire.oai import set_of

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
DC = "{http://purl.org/dc/elements/1.1/}"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
RAW = "{http://arxiv.org/OAI/arXivRaw/}"
SATURDAY = date(2026, 9, 19)


def items(server: WorldServer, categories: str = "cs.CV") -> list[ET.Element]:
    return ET.fromstring(get(f"{server.url}/arxiv/feed/rss/{categories}").body).findall("channel/item")


def oai(server: WorldServer, query: str) -> ET.Element:
    answer = get(f"{server.url}/arxiv/oai?{query}")
    assert answer.status == 200
    return ET.fromstring(answer.body)


# --- arXiv's feed -----------------------------------------------------------------------------


def test_a_feed_tells_the_batch_in_its_order_with_its_kinds(server: WorldServer):
    found = items(server)

    told = server.world.announced(TODAY, ["cs.CV"])
    assert [item.findtext(f"{ARXIV}announce_type") for item in found] == [row.kind for row in told]
    assert [item.findtext("title") for item in found] == [row.paper.title for row in told]
    first, row = found[0], told[0]
    assert first.findtext("guid") == f"oai:arXiv.org:{row.paper.arxiv_id}v{row.version}"
    assert first.findtext("description", "").endswith(f"Announce Type: new \nAbstract: {row.paper.abstract}")
    assert [c.text for c in first.findall("category")] == list(row.paper.told_in(TODAY))
    assert first.findtext("pubDate") == "Tue, 22 Sep 2026 00:00:00 -0400"


def test_what_is_new_elsewhere_is_a_cross_list_here(server: WorldServer):
    kinds = {
        categories: {
            i.findtext("link"): i.findtext(f"{ARXIV}announce_type") for i in items(server, categories)
        }
        for categories in ("cs.CV", "CS.cl", "cs.CV+cs.CL", "cs")
    }

    shared = kinds["cs.CV"].keys() & kinds["CS.cl"].keys()
    assert shared
    assert kinds["cs.CV+cs.CL"].keys() == kinds["cs.CV"].keys() | kinds["CS.cl"].keys()
    assert any(kinds["cs.CV"][link] == "cross" and kinds["cs.CV+cs.CL"][link] == "new" for link in shared)
    assert all(kind in ("new", "replace", "cross") for kind in kinds["cs"].values())


def test_a_feed_changes_at_midnight_in_new_york_and_is_empty_on_weekends(server: WorldServer):
    server.turn_to(datetime(2026, 9, 22, 3, 59, tzinfo=UTC))
    before = get(f"{server.url}/arxiv/feed/rss/cs.CV")
    server.turn_to(datetime(2026, 9, 22, 4, 0, tzinfo=UTC))
    after = get(f"{server.url}/arxiv/feed/rss/cs.CV")
    server.turn_to(SATURDAY)
    weekend = ET.fromstring(get(f"{server.url}/arxiv/feed/rss/cs.CV").body)

    assert ET.fromstring(before.body).findtext("channel/pubDate") == "Mon, 21 Sep 2026 00:00:00 -0400"
    assert ET.fromstring(after.body).findtext("channel/pubDate") == "Tue, 22 Sep 2026 00:00:00 -0400"
    assert (before.headers["cache-control"], after.headers["cache-control"]) == (
        "max-age=60",
        "max-age=86400",
    )
    assert not weekend.findall("channel/item")
    assert weekend.findtext("channel/pubDate") == "Sat, 19 Sep 2026 00:00:00 -0400"
    assert [day.text for day in weekend.iter("day")] == ["Sunday", "Saturday"]


def test_a_feed_of_what_does_not_exist_is_refused_with_a_feed(server: WorldServer):
    answer = get(f"{server.url}/arxiv/feed/rss/nonsense.XX")

    assert answer.status == 400
    title = ET.fromstring(answer.body).findtext("channel/title", "")
    assert title.startswith("Feed error for query: ")


def test_a_feed_that_is_too_long_loses_what_is_new(server: WorldServer):
    others = [row.kind for row in server.world.announced(TODAY, ["cs.CV"]) if row.kind != "new"]
    server.sizes["arxiv_feed"] = len(others)

    assert [item.findtext(f"{ARXIV}announce_type") for item in items(server)] == others


def test_late_versions_are_not_announced_and_authors_come_in_one_string(server: WorldServer):
    name = server.world.announced(TODAY, ["cs.CV"])[0].paper.arxiv_id
    server.world.announce(date(2026, 9, 23), name, "replace", version=6)
    server.turn_to(date(2026, 9, 23))

    assert f"https://arxiv.org/abs/{name}" not in {item.findtext("link") for item in items(server)}
    creators = [item.findtext(f"{DC}creator", "") for item in items(server)]
    assert any(", " in text for text in creators)


# --- arXiv's OAI-PMH ---------------------------------------------------------------------------


def test_oai_lists_the_batch_of_a_day_with_versions(server: WorldServer):
    found = oai(server, f"verb=ListRecords&metadataPrefix=arXivRaw&from={TODAY}&until={TODAY}&set=cs:cs:CV")

    records = found.findall(f"{OAI}ListRecords/{OAI}record")
    told = {row.paper.arxiv_id: row for row in server.world.announced(TODAY, ["cs.CV"])}
    names = {record.findtext(f".//{RAW}id", "") for record in records}
    assert names >= told.keys()
    # What changed today for those who ask for another category is listed, too.
    assert names - told.keys() < {row.paper.arxiv_id for row in server.world.announced(TODAY, ["cs"])}
    for record in records:
        if (name := record.findtext(f".//{RAW}id", "")) not in told:
            continue
        paper = told[name].paper
        versions = [v for v in paper.versions if v.number <= told[paper.arxiv_id].version]
        dates = [parsedate_to_datetime(e.text or "") for e in record.iter(f"{RAW}date")]
        assert dates == [version.submitted_at for version in versions]
        assert record.findtext(f".//{RAW}title") == paper.title
        assert [e.text for e in record.iter(f"{OAI}setSpec")] == [set_of(c) for c in paper.told_in(TODAY)]
    assert found.find(f".//{OAI}resumptionToken") is None


def test_oai_pages_by_tokens_and_the_last_one_is_empty(server: WorldServer):
    server.sizes["arxiv_oai"] = 20
    arguments = "metadataPrefix=arXivRaw&from=2026-09-21"
    pages = [oai(server, f"verb=ListRecords&{arguments}")]
    while token := pages[-1].findtext(f".//{OAI}resumptionToken"):
        assert token.endswith(f"%26skip%3D{20 * len(pages)}")
        pages.append(oai(server, f"verb=ListRecords&resumptionToken={quote(token, safe='')}"))

    ids = [element.text for page in pages for element in page.iter(f"{OAI}identifier")]
    assert len(pages) > 2
    assert len(ids) == len(set(ids)) > 40
    last = pages[-1].find(f".//{OAI}resumptionToken")
    assert last is not None
    assert last.text is None
    assert last.get("expirationDate") == "2026-09-23T00:00:00Z"


def test_a_record_stands_under_its_last_change_only(server: WorldServer):
    name = server.world.announced(date(2026, 9, 21), ["cs.CV"])[0].paper.arxiv_id
    server.world.touch(TODAY, name)

    def listed(day: date) -> set[str | None]:
        found = oai(server, f"verb=ListIdentifiers&metadataPrefix=arXiv&from={day}&until={day}")
        return {element.text for element in found.iter(f"{OAI}identifier")}

    assert f"oai:arXiv.org:{name}" in listed(TODAY)
    assert f"oai:arXiv.org:{name}" not in listed(date(2026, 9, 21))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("verb=Nonsense", "badVerb"),
        ("", "badVerb"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=arXiv&metadataPrefix=arXiv", "badArgument"),
        ("verb=ListRecords&metadataPrefix=arXiv&from=2026-9-1", "badArgument"),
        ("verb=ListRecords&metadataPrefix=arXiv&until=2026-09-24", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=x&from=2026-09-21", "badArgument"),
        ("verb=GetRecord&metadataPrefix=arXiv&identifier=oai:arXiv.org:1", "idDoesNotExist"),
        (f"verb=ListRecords&metadataPrefix=arXivRaw&from={SATURDAY}&until={SATURDAY}", "noRecordsMatch"),
    ],
)
def test_errors_of_oai_come_with_status_200(server: WorldServer, query: str, code: str):
    error = oai(server, query).find(f"{OAI}error")

    assert error is not None
    assert error.get("code") == code


def test_oai_has_a_batch_at_half_past_ten_on_the_evening_before(server: WorldServer):
    query = f"verb=ListRecords&metadataPrefix=arXivRaw&from={TODAY}&until={TODAY}"
    server.turn_to(datetime(2026, 9, 22, 2, 29, tzinfo=UTC))
    assert oai(server, query).find(f"{OAI}error") is not None

    server.turn_to(datetime(2026, 9, 22, 2, 30, tzinfo=UTC))
    assert oai(server, query).find(f"{OAI}error") is None


def test_the_arxiv_prefix_splits_names_and_gives_the_present_versions_date(server: WorldServer):
    told = next(t for t in server.world.announced(TODAY, ["cs.CV"]) if t.kind == "replace")
    found = oai(server, f"verb=GetRecord&metadataPrefix=arXiv&identifier=oai:arXiv.org:{told.paper.arxiv_id}")

    space = "{http://arxiv.org/OAI/arXiv/}"
    names = [a.findtext(f"{space}keyname") for a in found.iter(f"{space}author")]
    assert names == [author.name.rpartition(" ")[2] for author in told.paper.authors]
    shown = told.paper.at(told.version).submitted_at.date()
    assert found.findtext(f".//{space}created") == shown.isoformat()
