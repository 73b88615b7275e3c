"""arXiv about papers that others list, by their ids."""

import re
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import escape

from digest.enrichers import ENRICHERS
from digest.enrichers.base import Enrichment, Known
from digest.sources.base import SetAside
from tests.digest.enrichers.cases import EnricherCases
from tests.digest.enrichers.conftest import Desk
from tests.digest.loopback import Answer
from tests.digest.sources.arxiv.payloads import atom

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class TestArxivApi(EnricherCases):
    enricher = ENRICHERS["arxiv-api"]
    per_request = 100
    fields = ("abstract", "comment", "doi")
    no_answer = "is not XML that can be read|declares entities|breaks off"

    def known(self, number: int) -> Known:
        return Known(id=number, arxiv_id=f"2608.{number:05d}")

    def record(self, number: int) -> dict[str, Any]:
        return {
            "id": f"2608.{number:05d}",
            "abstract": f"What {number} does.",
            "comment": f"{number} pages",
            "doi": f"10.5555/{number}",
        }

    def reply(self, desk: Desk, records: dict[int, Any]) -> Answer:
        asked = [int(name.partition(".")[2]) for name in desk.asked[-1]["id_list"].split(",")]
        return Answer(atom(*(self._entry(records[n]) for n in asked if n in records)))

    @staticmethod
    def _entry(record: dict[str, Any]) -> str:
        def element(name: str, field: str) -> str:
            value = record.get(field)
            return "" if value is None else f"<{name}>{escape(_NO_XML.sub('', str(value)))}</{name}>"

        return (
            f"<entry><id>http://arxiv.org/abs/{record['id']}v2</id><title>On {record['id']}</title>"
            "<published>2026-08-03T10:00:00Z</published><updated>2026-08-05T10:00:00Z</updated>"
            f"{element('summary', 'abstract')}{element('arxiv:comment', 'comment')}"
            f"{element('arxiv:doi', 'doi')}"
            '<arxiv:primary_category term="cs.CV"/><category term="cs.CV"/>'
            "<author><name>Emmy Noether</name></author></entry>"
        )

    def told(self, number: int) -> Enrichment:
        return Enrichment(
            id=number,
            title=f"On 2608.{number:05d}",
            abstract=f"What {number} does.",
            categories=("cs.CV",),
            primary_category="cs.CV",
            version=2,
            comment=f"{number} pages",
            doi=f"10.5555/{number}",
        )

    def told_of_bare(self, number: int) -> Enrichment:
        return replace(self.told(number), abstract="", comment="", doi="")

    def told_of_unknown(self, number: int) -> list[Enrichment | SetAside]:
        return [SetAside(0, f"2608.{number:05d}", "arXiv knows no such paper")]

    def assert_told(self, told: list[Enrichment | SetAside], *expected: Enrichment | SetAside) -> None:
        """In any order: what is unknown is told last."""
        plain = [replace(one, position=0) if isinstance(one, SetAside) else one for one in told]
        assert sorted(map(repr, plain)) == sorted(map(repr, expected))
