"""A good page of three records from every source and enricher, and how each is read."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from random import Random
from types import ModuleType
from typing import Any

import pytest

from digest.enrichers import ENRICHERS
from digest.enrichers.base import Enrichment, Known
from digest.sources import SOURCES, http
from digest.sources.base import FoundPaper, Look, SetAside, SourceError
from tests.digest.conftest import hf_entry
from tests.digest.sources.mutation import (
    Node,
    bend_bytes,
    bend_json,
    bend_xml,
    json_value,
    mixed,
    parse_xml,
    twin,
    write_json,
    write_xml,
)
from tests.world.exchange import Ask
from tests.world.invented import invented
from tests.world.wire import api, biorxiv, feed, huggingface, oai

DAY = date(2026, 9, 22)
NOON = datetime(2026, 9, 22, 12, tzinfo=UTC)
FEW = 3
"""Records of a page."""
Told = FoundPaper | Enrichment | SetAside


@dataclass(frozen=True, slots=True)
class Page:
    """Records in the language of a page: trees of JSON, or elements; `whole` puts them into one."""

    records: list[Any]
    whole: Callable[[list[Any]], Any]
    ask: Callable[[bytes], Iterator[Look | Told]]
    in_lines: bool = False
    """A document on each line."""
    in_order: bool = False
    """Whose each record is, its place says."""

    @property
    def is_xml(self) -> bool:
        return isinstance(self.records[0], Node)

    def copies(self) -> list[Any]:
        return [twin(one) if self.is_xml else deepcopy(one) for one in self.records]

    def write(self, tree: Any, chance: Random) -> bytes:
        if self.is_xml:
            return f"<?xml version='1.0' encoding='UTF-8'?>\n{write_xml(tree)}".encode(errors="surrogatepass")
        if self.in_lines:
            return b"\n".join(write_json(one, chance) for one in tree)
        return write_json(tree, chance)

    def good(self) -> list[Told]:
        """What comes of each record where nothing is wrong."""
        records = self.copies()
        if self.in_order:
            told, _ = self.read(self.write(self.whole(records), Random(1)))
            return [one for one in told if not isinstance(one, Look)]
        alone = [self.read(self.write(self.whole([record]), Random(1)))[0] for record in records]
        return [one for told in alone for one in told if not isinstance(one, Look)]

    def bent_within(self, chance: Random) -> tuple[bytes, int]:
        """The page with every record bent but the one that comes with it, by its number."""
        records, number = self.copies(), chance.randrange(FEW)
        kept = records[number]
        breaking = self.is_xml and chance.random() < 0.3
        found = records if self.in_order else mixed(records, kept, chance)
        if breaking:  # what comes before it is what there is
            found.remove(kept)
            found.insert(0, kept)
        bent: list[Any] = []
        for one in found:
            odd = one is not kept and not self.is_xml and chance.random() < 0.1
            if one is not kept and self.is_xml:
                bend_xml(one, chance, breaking=breaking)
            elif one is not kept:
                bend_json(one, chance)
            bent.append(json_value(chance) if odd else one)
        return self.write(self.whole(bent), chance), number

    def bent_anywhere(self, chance: Random) -> bytes:
        """The page bent in its frame, its records, its bytes, or all of that."""
        tree, dice = self.whole(self.copies()), chance.random()
        if dice < 0.7 and self.is_xml:
            bend_xml(tree, chance, breaking=chance.random() < 0.5, deep=True)
        elif dice < 0.7:
            bend_json(tree, chance, deep=True)
        payload = self.write(tree, chance)
        return bend_bytes(payload, chance) if dice > 0.5 else payload

    def read(self, payload: bytes) -> tuple[list[Look | Told], str]:
        """The looks, each before its records, or what was told of our papers; and the sentence by which the
        rest is refused, '' where it is not.
        """
        found: list[Look | Told] = []
        try:
            for one in self.ask(payload):
                found.append(one)
                if isinstance(one, Look):
                    one.records = list(one.records)
                    found += one.records
        except SourceError as error:
            return found, str(error) or "It does not say."
        return found, ""


# --- Sources --------------------------------------------------------------------------------


def _reads(source: str, file: str, day: date | None = None) -> Callable[[bytes], Iterator[Look | Told]]:
    return lambda payload: SOURCES[source].read(payload, name=file, day=day, today=DAY)


@cache
def _told(service: str, module: ModuleType, path: str, *query: tuple[str, str]) -> bytes:
    """What the world's services answer on that day."""
    asked = Ask(service, path, query, {}, NOON, invented(), "http://world")
    body: bytes = module.answer(asked).body
    return body


def _few(records: list[Any]) -> list[Any]:
    """Three that are neither long nor odd of themselves."""
    return sorted(records, key=lambda one: len(write_xml(one) if isinstance(one, Node) else json.dumps(one)))[
        FEW : 2 * FEW
    ]


def _framed(payload: bytes, *path: str, name: str) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """The records of a document, and the document made anew around others."""
    root = parse_xml(payload)

    def at(node: Node) -> Node:
        for step in path:
            node = next(one for one in node.inner if isinstance(one, Node) and one.name == step)
        return node

    def whole(records: list[Any]) -> Node:
        made = twin(root)
        others = [one for one in at(made).inner if not isinstance(one, Node) or one.name != name]
        at(made).inner = [*others, *records]
        assert isinstance(made, Node)
        return made

    found = [one for one in at(root).inner if isinstance(one, Node) and one.name == name]
    return _few([one for one in found if ">replace" not in write_xml(one)]), whole


def _filed(number: int) -> dict[str, Any]:
    """A record of a file, with every field one may have."""
    return {
        "id": f"2609.{number:05d}v2",
        "doi": f"10.5555/filed.{number}",
        "title": f"Filed paper number {number}",
        "abstract": "We file a paper, and say where.",
        "authors": [{"name": "Emmy Noether"}, {"name": "Sofia Kovalevskaya", "hidden": False}],
        "categories": ["cs.CV", "cs.LG"],
        "primary_category": "cs.CV",
        "listed": "2026-09-21T04:00:00Z",
        "published": "2026-09-18T11:00:00+02:00",
        "version": 2,
        "comment": "12 pages",
        "license": "CC BY 4.0",
        "tldr": "It files.",
        "topics": ["files", "papers"],
        "organization": "University of Erlangen",
        "url": f"https://example.org/{number}",
        "pdf_url": f"https://example.org/{number}.pdf",
        "code": "https://github.com/lab/thing",
        "project": "https://lab.example.org/thing",
        "upvotes": 7,
        "comments": 2,
        "stars": 30,
    }


def _announced(number: int) -> dict[str, Any]:
    return {
        "arxiv_id": f"2609.{number:05d}",
        "versioned_id": f"2609.{number:05d}v1",
        "title": f"Announced paper number {number}",
        "abstract": "We announce a paper, and when.",
        "authors": ["Emmy Noether", "Sofia Kovalevskaya"],
        "primary_category": "cs.CV",
        "categories": ["cs.CV", "cs.LG"],
        "announce_type": "new",
        "comment": "12 pages",
        "doi": f"10.5555/announced.{number}",
        "license": "http://creativecommons.org/licenses/by/4.0/",
        "published": "2026-09-21T11:00:00Z",
        "url": f"https://arxiv.org/abs/2609.{number:05d}",
        "code_url": "https://github.com/lab/thing",
    }


def _arxiv_xml() -> Iterator[tuple[str, Page]]:
    ids = [told.paper.arxiv_id for told in invented().announced(DAY, ["cs.CV"]) if told.kind == "new"]
    for name, payload, path, record in [
        ("arxiv feed", _told("arxiv_feed", feed, "/rss/cs.CV"), ["channel"], "item"),
        ("arxiv API", _told("arxiv_api", api, "/", ("id_list", ",".join(ids))), [], "entry"),
        ("arXivRaw", _changes("arXivRaw"), ["ListRecords"], "record"),
        ("arXiv", _changes("arXiv"), ["ListRecords"], "record"),
    ]:
        records, whole = _framed(payload, *path, name=record)
        yield name, Page(records, whole, _reads("arxiv", f"{DAY}.xml"))


def _changes(prefix: str) -> bytes:
    query = [
        ("verb", "ListRecords"),
        ("metadataPrefix", prefix),
        ("from", DAY.isoformat()),
        ("set", "cs:cs:CV"),
    ]
    return _told("arxiv_oai", oai, "/", *query)


def _sources() -> Iterator[tuple[str, Page]]:
    day = ("date", DAY.isoformat())
    listed = _few(json.loads(_told("huggingface", huggingface, "/api/daily_papers", day)))
    listed[-1] = hf_entry("2609.00007", "Listed by hand", submittedOnDailyAt="2026-09-22T01:30:00.000Z")
    yield "huggingface", Page(listed, list, _reads("huggingface", f"{DAY}.json"))
    filed = [_filed(number) for number in range(1, FEW + 1)]
    yield "array", Page(filed, list, _reads("file", "papers.json"))
    yield "lines", Page(filed, list, _reads("file", "papers.jsonl"), in_lines=True)
    posted = json.loads(_told("biorxiv", biorxiv, f"/details/biorxiv/{DAY}/{DAY}/0/json"))
    first = [row for row in posted["collection"] if row["version"] == "1"]
    frame: dict[str, Any] = {"messages": posted["messages"]}
    of_biorxiv = _reads("biorxiv", f"{DAY}.json")
    yield "biorxiv", Page(_few(first), lambda rows: deepcopy(frame) | {"collection": rows}, of_biorxiv)
    yield from _arxiv_xml()
    announced = [_announced(number) for number in range(1, FEW + 1)]
    head = {"date": DAY.isoformat(), "status": "ok", "category": "cs.CV", "count": FEW}
    yield (
        "announcements",
        Page(announced, lambda papers: {**head, "papers": papers}, _reads("arxiv", "a.json")),
    )


# --- Enrichers ------------------------------------------------------------------------------

PAPERS = [
    Known(number, f"2609.{number:05d}", code_url=f"https://github.com/lab/model-{number}", title="A")
    for number in range(FEW)
]


def _asks(name: str) -> Callable[[bytes], Iterator[Look | Told]]:
    """Whoever it is, it gets the payload for an answer; of one in lines, each question a line. The wire
    itself is the business of other tests: here there are thousands of answers.
    """

    def ask(payload: bytes) -> Iterator[Told]:
        lines = payload.split(b"\n")

        def get(url: str, *_: Any, **__: Any) -> http.Answer:
            number = url.rpartition("-")[2]
            return http.Answer(200, url, (lines * FEW)[int(number)] if number.isdigit() else payload)

        with pytest.MonkeyPatch.context() as door:
            door.setattr(http, "get", get)
            door.setattr(http, "post_json", get)
            yield from ENRICHERS[name].ask(PAPERS)

    return ask


def _repository(number: int) -> dict[str, Any]:
    full = f"lab/model-{number}"
    return {"id": number, "full_name": full, "html_url": f"https://github.com/{full}",
            "stargazers_count": 10 + number, "archived": False, "license": None}  # fmt: skip


def _scholar(number: int) -> dict[str, Any]:
    return {
        "paperId": f"{number:040x}",
        "externalIds": {"ArXiv": f"2609.{number:05d}", "DOI": f"10.1234/a.{number}"},
        "tldr": {"model": "tldr@v2.0.0", "text": f"Does thing {number}."},
        "publicationDate": "2026-09-20",
        "abstract": f"We do thing number {number}.",
    }


def _work(number: int) -> dict[str, Any]:
    doi = f"https://doi.org/10.48550/arxiv.2609.{number:05d}"
    places = {"We": [0, 4], "do": [1, 5], "thing": [2], f"{number}.": [3]}
    by = [{"author_position": "first", "institutions": [{"display_name": f"University {number}"}]},
          {"author_position": "last", "institutions": [{"display_name": "Elsewhere"}]}]  # fmt: skip
    return {"ids": {"doi": doi}, "doi": doi, "abstract_inverted_index": places, "authorships": by}


def _enrichers() -> Iterator[tuple[str, Page]]:
    numbers = range(FEW)
    yield "github", Page([*map(_repository, numbers)], list, _asks("github"), in_lines=True, in_order=True)
    yield "semanticscholar", Page([*map(_scholar, numbers)], list, _asks("semanticscholar"), in_order=True)
    frame = {"meta": {"count": FEW}}
    yield (
        "openalex",
        Page([*map(_work, numbers)], lambda works: {**frame, "results": works}, _asks("openalex")),
    )


PAGES = dict([*_sources(), *_enrichers()])
