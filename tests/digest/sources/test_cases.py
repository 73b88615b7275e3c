"""Every source that fetches, and the one in the documentation, against what all have to survive."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import time_machine

from digest.sources import SOURCES, gate
from tests.digest.conftest import hf_entry
from tests.digest.sources.arxiv import payloads
from tests.digest.sources.cases import ReadingCases, SourceCases
from tests.factories import DAY

DOCS = Path(__file__).resolve().parents[3] / "docs" / "sources.md"


class TestHuggingFace(SourceCases):
    source = SOURCES["huggingface"]
    setting = "HUGGINGFACE_URL"
    day = DAY

    def page(self, *numbers: int, broken: bool = False) -> bytes:
        entries: list[Any] = [hf_entry(f"2509.{n:05d}", f"Paper {n}") for n in numbers]
        return json.dumps(entries + [{"paper": {"id": "x"}}] * broken).encode()

    def names(self, *numbers: int) -> set[str]:
        return {f"2509.{n:05d}" for n in numbers}


class TestBiorxiv(SourceCases):
    source = SOURCES["biorxiv"]
    server = "biorxiv"
    setting = "BIORXIV_URL"
    day = DAY

    def page(self, *numbers: int, broken: bool = False) -> bytes:
        if not numbers:
            return b'{"messages": [{"status": "no posts found"}], "collection": []}'
        rows: list[Any] = [
            {
                "title": f"Cells of kind {n}",
                "authors": "Levi-Montalcini, R.; McClintock, B.",
                "doi": f"10.1101/2025.09.26.{n:06d}",
                "date": self.day.isoformat(),
                "version": "1",
                "type": "new results",
                "category": "cell biology",
                "abstract": "What they do.",
                "server": self.server,
            }
            for n in numbers
        ]
        rows += [
            {"title": "A preprint without a name", "date": self.day.isoformat(), "version": "1"}
        ] * broken
        told = {"status": "ok", "interval": f"{self.day}:{self.day}", "count": len(rows), "total": "99"}
        return json.dumps({"messages": [told], "collection": rows}).encode()

    def names(self, *numbers: int) -> set[str]:
        return {f"10.1101/2025.09.26.{n:06d}" for n in numbers}


class TestMedrxiv(TestBiorxiv):
    source = SOURCES["medrxiv"]
    server = "medrxiv"


class TestFile(ReadingCases):
    source = SOURCES["file"]
    day = DAY

    def page(self, *numbers: int, broken: bool = False) -> bytes:
        rows: list[Any] = [{"title": f"Filed {n}", "id": f"2509.{n:05d}"} for n in numbers]
        return json.dumps(rows + [{"id": "2509.00009"}] * broken).encode()

    def names(self, *numbers: int) -> set[str]:
        return {f"2509.{n:05d}" for n in numbers}


class TestArxivChanges(SourceCases):
    """arXiv's list of changes."""

    source = SOURCES["arxiv"]
    setting = "ARXIV_OAI_URL"
    category = "cs.CV"
    day = date(2026, 9, 22)

    @pytest.fixture(autouse=True)
    def _a_day_later(self) -> Iterator[None]:
        with time_machine.travel(f"{self.day + timedelta(days=1)}T12:00:00+00:00", tick=True):
            yield

    def page(self, *numbers: int, broken: bool = False) -> bytes:
        records = "".join(map(self._record, numbers))
        if broken:
            records += self._record(9).replace("<title>Views of 9</title>", "")
        told = f"<ListRecords>{records}</ListRecords>" if records else '<error code="noRecordsMatch"/>'
        return (
            '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
            f"<responseDate>2026-09-23T12:00:00Z</responseDate>{told}</OAI-PMH>"
        ).encode()

    def _record(self, n: int) -> str:
        return (
            f"<record><header><identifier>oai:arXiv.org:2609.{n:05d}</identifier>"
            "<datestamp>2026-09-22</datestamp><setSpec>cs:cs:CV</setSpec></header><metadata>"
            f'<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2609.{n:05d}</id>'
            '<version version="v1"><date>Mon, 21 Sep 2026 15:00:00 GMT</date><size>9kb</size></version>'
            f"<title>Views of {n}</title><authors>Ada Lovelace, Mary Somerville</authors>"
            "<categories>cs.CV</categories><abstract>What is seen.</abstract></arXivRaw></metadata></record>"
        )

    def names(self, *numbers: int) -> set[str]:
        return {f"2609.{n:05d}" for n in numbers}


class TestArxivFeed(TestArxivChanges):
    """arXiv's feed, on the day itself."""

    setting = "ARXIV_FEED_URL"
    day = payloads.MONDAY

    @pytest.fixture(autouse=True)
    def _a_day_later(self) -> Iterator[None]:
        with time_machine.travel(f"{self.day}T12:00:00+00:00", tick=True):
            yield

    def page(self, *numbers: int, broken: bool = False) -> bytes:
        items = [payloads.item(f"2609.{n:05d}v1", title=f"Views of {n}") for n in numbers]
        items += [payloads.item("2609.00009v1", title="")] * broken
        return payloads.rss(*items)


class TestArxivSearch(TestArxivChanges):
    """arXiv's API, for a day long past."""

    setting = "ARXIV_API_URL"
    day = payloads.FRIDAY

    @pytest.fixture(autouse=True)
    def _a_day_later(self) -> Iterator[None]:
        with time_machine.travel(f"{self.day + timedelta(days=30)}T12:00:00+00:00", tick=True):
            yield

    def page(self, *numbers: int, broken: bool = False) -> bytes:
        at = payloads.submitted_for(self.day)
        entries = [payloads.entry(f"2609.{n:05d}v1", at, title=f"Views of {n}") for n in numbers]
        entries += [payloads.entry("2609.00009v1", at, title="")] * broken
        return payloads.atom(*entries)


def documented(number: int) -> ModuleType:
    """One of the modules that the documentation shows."""
    code = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[number]
    assert code.count("\n") < 100
    module = ModuleType("digest.sources.example")
    exec(compile(code, str(DOCS), "exec"), vars(module))
    return module


class TestDocumented(SourceCases):
    source = documented(0).ExampleSource()
    setting = "EXAMPLE_URL"
    day = DAY

    @pytest.fixture(autouse=True)
    def _named_in_the_gate(self, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        settings.EXAMPLE_URL = "https://example.org"
        monkeypatch.setitem(gate.SERVICES, self.setting, "example")

    def page(self, *numbers: int, broken: bool = False) -> bytes:
        rows: list[Any] = [{"title": f"Example {n}", "doi": f"10.5555/{n}"} for n in numbers]
        return json.dumps(rows + [{"doi": "10.5555/9"}] * broken).encode()

    def names(self, *numbers: int) -> set[str]:
        return {f"10.5555/{n}" for n in numbers}
