"""Answers of the API, recorded."""

from datetime import UTC, date, datetime

import pytest

from digest.sources.arxiv import ArxivSource
from digest.sources.base import FoundPaper, Look, Proof, SourceError
from tests.digest.sources.arxiv.conftest import aside, papers
from tests.digest.sources.arxiv.payloads import API_ERROR, FRIDAY, atom, entry

TODAY = date(2026, 5, 4)
AT = datetime(2026, 4, 22, 20, 15, 1, tzinfo=UTC)


def read(payload: bytes, *, day: date | None = None) -> list[Look]:
    return list(ArxivSource().read(payload, name="answer.xml", day=day, today=TODAY))


def one(told: str) -> FoundPaper:
    [look] = read(atom(told))
    [paper] = papers(look)
    return paper


def test_an_entry_with_every_field_is_a_paper_with_every_field():
    told = entry(
        "2604.20001v3",
        AT,
        categories=("eess.SY", "cs.SY", "93C10"),
        more="<arxiv:comment>20 pages</arxiv:comment><arxiv:doi>10.1000/ABC</arxiv:doi>",
    )

    assert one(told) == FoundPaper(
        title="Counting sheep",
        announced_at=datetime(2026, 4, 24, 4, tzinfo=UTC),
        arxiv_id="2604.20001",
        version=3,
        doi="10.1000/abc",
        authors=("Emmy Noether", "Sofia Kovalevskaya"),
        abstract="We count sheep.",
        primary_category="eess.SY",
        categories=("eess.SY",),
        comment="20 pages",
        submitted_at=AT,
        url="https://arxiv.org/abs/2604.20001",
        pdf_url="https://arxiv.org/pdf/2604.20001",
    )


def test_entries_are_of_the_day_that_announced_them_unless_one_is_given():
    payload = atom(entry("2604.20001v1", AT), entry("hep-th/9901001v1", "1999-01-04T12:00:00Z"))

    assert [look.day for look in read(payload)] == [date(1999, 1, 5), FRIDAY]
    assert [look.day for look in read(payload, day=FRIDAY)] == [FRIDAY]


def test_an_entry_without_a_date_is_of_the_month_in_its_id_or_of_today():
    [before] = read(atom(entry("2604.20001v1", "soon")))
    [now] = read(atom(entry("2605.20001v1", "soon")))
    [old] = read(atom(entry("hep-th/9901001v1", "soon")))

    assert (old.day, before.day, now.day) == (date(1999, 1, 1), date(2026, 4, 1), TODAY)


def test_an_error_told_as_an_entry_is_an_error():
    with pytest.raises(SourceError, match="incorrect id format for abc"):
        read(API_ERROR)


@pytest.mark.parametrize("title", ["0", "Error"])
def test_odd_titles_are_titles(title: str):
    assert one(entry(title=title)).title == title


def test_an_answer_without_entries_is_an_empty_look():
    [look] = read(atom())

    assert (look.day, look.proof, list(look.records)) == (TODAY, Proof.EMPTY, [])


def test_a_withdrawn_paper_only_enriches():
    paper = one(entry(more="<arxiv:comment>Withdrawn by the author</arxiv:comment>"))

    assert paper.withdrawn
    assert paper.only_enriches


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("2026-05-09T00:00:00Z", "it was submitted on 2026-05-09, which lies in the future"),
        ("8999-05-09T00:00:00Z", "it was submitted on 8999-05-09, which lies in the future"),
    ],
)
def test_a_paper_of_the_future_is_set_aside(at: str, reason: str):
    [look] = read(atom(entry("2604.20001v1", at), entry("2604.20002v1", AT)))

    assert [one.reason for one in aside(look)] == [reason]
    assert len(papers(look)) == 1


def test_a_day_in_the_future_is_refused():
    with pytest.raises(SourceError, match="lies in the future"):
        read(atom(entry()), day=date(2027, 1, 1))


def test_xml_of_another_kind_is_refused():
    with pytest.raises(SourceError, match="begins with <html>"):
        read(b"<html><body>Sorry</body></html>")
