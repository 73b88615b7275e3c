"""Documents that nobody means well: whatever comes, it ends in a value or in one sentence."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sources.arxiv import ArxivSource
from digest.sources.arxiv.document import DEEPEST, parse
from digest.sources.base import FoundPaper, Look, SetAside, SourceError
from tests.digest.sources.arxiv.conftest import adding
from tests.digest.sources.arxiv.payloads import (
    API_ERROR,
    BOMB,
    DELETED,
    DOCTYPE,
    FEED_ERROR,
    FRIDAY,
    OUTSIDE,
    atom,
    entry,
    item,
    oai,
    raw,
    rss,
    submitted_for,
)

TODAY = date(2026, 5, 4)
SENTENCE_LIMIT = 600


def read(payload: bytes) -> list[Look]:
    looks = list(ArxivSource().read(payload, name="file", day=None, today=TODAY))
    for look in looks:
        look.records = list(look.records)
        for record in look.records:
            assert isinstance(record, FoundPaper | SetAside)
            if isinstance(record, FoundPaper):
                assert record.title
                assert record.arxiv_id
    return looks


def survives(payload: bytes) -> None:
    """It is read, or refused in one line."""
    told = "."
    try:
        read(payload)
    except SourceError as error:
        told = str(error)
    assert 0 < len(told) < SENTENCE_LIMIT
    assert "\n" not in told


@pytest.mark.parametrize("payload", [BOMB, OUTSIDE, DOCTYPE], ids=["bomb", "outside", "doctype"])
def test_documents_that_declare_anything_are_not_read(payload: bytes):
    with pytest.raises(SourceError, match="not read"):
        read(payload)


def test_a_billion_laughs_take_no_time():
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    with pytest.raises(SourceError):
        read(f"<!DOCTYPE rss [{entities}]><rss><channel><title>&a9;</title></channel></rss>".encode())


def test_deep_documents_are_refused():
    deep = b"<rss>" + b"<a>" * 100_000
    with pytest.raises(SourceError, match="stand within each other"):
        read(deep)
    just = b"<rss><channel><title>cs.CV updates on arXiv.org</title>" + b"<a>" * (DEEPEST - 2)
    assert read(just + b"</a>" * (DEEPEST - 2) + b"</channel></rss>")


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "utf-8-sig"])
def test_documents_in_the_encoding_they_declare_are_read(encoding: str):
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    text = rss(item(title="Größe")).decode().replace("UTF-8", name)

    [look] = read(text.encode(encoding))

    assert [one.title for one in look.records if isinstance(one, FoundPaper)] == ["Größe"]


def test_documents_in_another_encoding_than_they_declare_give_what_comes_before():
    good, bad = item("2604.00001v1"), item("2604.00002v1", title="Größe")
    payload = rss(good, bad).decode().encode("latin-1")

    [look] = read(payload)

    assert adding(look) == ["2604.00001"]
    with pytest.raises(SourceError):
        read(rss(bad).decode().encode("latin-1"))


@pytest.mark.parametrize("encoding", ["ebcdic-cp-be", "klingon", "utf-7", "shift_jis", ""])
def test_odd_encodings_are_survived(encoding: str):
    survives(rss(item()).replace(b"UTF-8", encoding.encode()))


def test_elements_of_html_in_a_broken_feed_do_not_hide_the_items_before():
    [look] = read(rss(item("2604.00001v1"), "<item><title>a&nbsp;b</title></item>", item("2604.00003v1")))

    assert adding(look) == ["2604.00001"]


def test_a_huge_abstract_is_cut():
    [look] = read(rss(item(abstract="sheep " * 200_000)))

    [paper] = look.records
    assert isinstance(paper, FoundPaper)
    assert len(paper.abstract) <= 100_000


def test_only_whole_elements_are_collected():
    document = parse(b"<rss><item><title>A</title></item><item><title>B", ("item",), name="x")

    assert len(document.items) == 1
    assert document.broken


# --- At random ------------------------------------------------------------------------------

VALID = [
    rss(item("2604.00001v1"), item("2604.00002v2", "replace")),
    oai(raw("2604.00001", submitted_for(FRIDAY), datetime(2026, 4, 30, tzinfo=UTC)), DELETED, token="t1"),
    atom(entry("2604.00001v1"), entry("hep-th/9901001v1")),
    API_ERROR,
    FEED_ERROR,
    json.dumps({"date": "2026-04-27", "papers": [{"arxiv_id": "2604.00001", "title": "A"}]}).encode(),
]
NAMES = """
    rss feed RDF OAI-PMH channel item entry record header metadata arXivRaw arXiv dc id guid link title
    description summary abstract category categories pubDate published updated created date version
    announce_type creator author authors name keyname forenames doi DOI rights totalResults error
    resumptionToken identifier setSpec ListRecords comments comment primary_category x
"""
ODD_TEXTS = """
    2604.00001v1|oai:arXiv.org:2604.00001v3|https://arxiv.org/abs/hep-th/9901001|cs.CV|new|I|2026-04-24
    |Mon, 27 Apr 2026 00:00:00 -0400|Mon, 99 Apr 2026 99:00:00 -9999|Mon, 27 Apr 0001 00:00:00 +2359
    |0001-01-01|9999-12-31T23:59:59Z|Feed error for query: x|cs.CV updates on arXiv.org|10.1000/abc
    |arXiv:2604.00001v1 Announce Type: new\nAbstract: A|http://[|%%%|v1|-1|99999999999999999999|Error|٣
"""
TEXTS = st.text(max_size=30) | st.sampled_from([one.strip() for one in ODD_TEXTS.split("|")])
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["term", "href", "status", "code", "version", "rel"]), TEXTS, max_size=2
)


def _xml(tree: Any) -> str:
    from xml.sax.saxutils import escape, quoteattr

    name, attributes, text, inner = tree
    told = "".join(f" {key}={quoteattr(_printable(value))}" for key, value in attributes.items())
    return f"<{name}{told}>{escape(_printable(text))}{''.join(map(_xml, inner))}</{name}>"


def _printable(text: str) -> str:
    return "".join(one for one in text if one >= " " and not "\ud800" <= one <= "\udfff" and one < "\ufffe")


TREES: st.SearchStrategy[Any] = st.recursive(
    st.tuples(st.sampled_from(NAMES.split()), ATTRIBUTES, TEXTS, st.just([])),
    lambda inner: st.tuples(st.sampled_from(NAMES.split()), ATTRIBUTES, TEXTS, st.lists(inner, max_size=5)),
    max_leaves=25,
)
ROOTS = st.sampled_from(["rss", "feed", "RDF", "OAI-PMH", "record", "ListRecords"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "date",
                    "papers",
                    "arxiv_id",
                    "title",
                    "authors",
                    "name",
                    "categories",
                    "comment",
                    "announce_type",
                    "x",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(ROOTS, TREES)
def test_no_tree_of_elements_breaks_the_reader(root: str, tree: Any):
    survives(_xml((root, {}, "", [tree])).encode())


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["item", "entry", "record"]), st.lists(TREES, max_size=6))
def test_no_record_breaks_the_reader(name: str, inner: list[Any]):
    root = {"item": "rss", "entry": "feed", "record": "OAI-PMH"}[name]
    survives(_xml((root, {}, "", [(name, {}, "", inner)])).encode())


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(VALID), st.data())
def test_no_damage_breaks_the_reader(payload: bytes, data: st.DataObject):
    start = data.draw(st.integers(0, len(payload)))
    end = data.draw(st.integers(start, min(len(payload), start + 60)))
    survives(payload[:start] + data.draw(st.binary(max_size=12)) + payload[end:])


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["date", "papers", "status", "error"]), JSON, max_size=4) | st.lists(JSON)
)
def test_no_json_breaks_the_reader(document: Any):
    survives(json.dumps(document).encode())


@settings(max_examples=100, deadline=None)
@given(st.lists(JSON, max_size=5))
def test_no_listed_paper_breaks_the_reader(found: list[Any]):
    survives(json.dumps({"date": "2026-04-27", "papers": found}).encode())


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_no_noise_breaks_the_reader(payload: bytes):
    survives(payload)
