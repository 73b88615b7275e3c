"""Whose answer a recorded payload is, by its content."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from digest.sources import payload, source_of
from tests.digest.conftest import hf_entry
from tests.digest.sources.cases import JUNK


def page(server: str = "", *, rows: int = 1) -> dict[str, Any]:
    row = {"doi": "10.1101/1", "title": "Cells", **({"server": server} if server else {})}
    return {"messages": [{"status": "ok" if rows else "no posts found"}], "collection": [row] * rows}


DOCUMENTS: dict[str, tuple[str, Any]] = {
    "a daily list": ("huggingface", [hf_entry()]),
    "a daily list whose first entries are broken": ("huggingface", [None, {"paper": {}}, hf_entry()]),
    "preprints of bioRxiv": ("biorxiv", page("biorxiv")),
    "preprints of medRxiv": ("medrxiv", page("medRxiv")),
    "pages of medRxiv": ("medrxiv", [page("medrxiv"), page("medrxiv")]),
    "preprints that do not say of which server": ("biorxiv", page()),
    "a day without preprints": ("biorxiv", page(rows=0)),
    "records": ("file", [{"title": "A"}]),
    "records in an object": ("file", {"papers": [{"title": "A"}]}),
    "one record": ("file", {"title": "A", "collection": "prints"}),
    "nothing": ("file", []),
    "an error": ("file", {"error": "not found"}),
}


@pytest.mark.parametrize(("name", "document"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_payload_is_known_by_its_content(name: str, document: Any, coding: str):
    assert source_of(json.dumps(document, indent=1).encode(coding)).name == name


def test_announcements_are_arxivs():
    document = {"date": "2026-09-22", "papers": [{"id": "1", "announce_type": "new"}]}

    assert source_of(json.dumps(document).encode()).name == "arxiv"


@pytest.mark.parametrize("document", [b"<?xml version='1.0'?><rss/>", b"\xef\xbb\xbf\n <OAI-PMH/>"])
def test_xml_is_arxivs_or_in_its_shape(document: bytes):
    assert source_of(document).name == "arxiv"


@pytest.mark.parametrize("body", [body for body in JUNK if not body.startswith(b"<")], ids=repr)
def test_junk_is_nobodys(body: bytes):
    assert source_of(body).name == "file"


def test_lines_are_records_of_a_file():
    assert source_of(b'{"title": "A"}\n{"title": "B"}\n').name == "file"


def test_no_more_of_a_long_file_is_read_than_that_takes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(payload, "SNIFFED", 4_000)

    assert source_of(json.dumps([hf_entry() for _ in range(1_000)]).encode()).name == "huggingface"
    assert source_of(json.dumps([{"title": "A" * 5_000}]).encode()).name == "file"


@pytest.mark.shared_data
def test_what_was_recorded_is_known(shared_data: Path):
    assert {
        source_of(gzip.decompress(p.read_bytes())).name for p in (shared_data / "hf_daily").glob("*.gz")
    } == {"huggingface"}
    announced = (shared_data / "cs_cv_announcements").glob("2026-*.gz")
    assert {source_of(gzip.decompress(path.read_bytes())).name for path in announced} == {"arxiv"}
    assert source_of(gzip.decompress((shared_data / "arxiv_papers.jsonl.gz").read_bytes())).name == "file"
