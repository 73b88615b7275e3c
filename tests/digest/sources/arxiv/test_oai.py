"""Records of OAI-PMH, recorded: versions, withdrawals, errors, the end of a list."""

from datetime import UTC, date, datetime

import pytest

from digest.sources.arxiv import ArxivSource, oai
from digest.sources.arxiv.document import parse
from digest.sources.base import FoundPaper, Look, Proof, SourceError
from tests.digest.sources.arxiv.conftest import aside, papers
from tests.digest.sources.arxiv.payloads import DELETED, FRIDAY, oai_error, raw
from tests.digest.sources.arxiv.payloads import oai as page

TODAY = date(2026, 5, 4)
V1, V2 = datetime(2026, 4, 22, 20, 15, 1, tzinfo=UTC), datetime(2026, 4, 30, 1, 2, 3, tzinfo=UTC)


def read(payload: bytes, *, day: date | None = None) -> list[Look]:
    return list(ArxivSource().read(payload, name="list.xml", day=day, today=TODAY))


def one(record: str) -> FoundPaper:
    [look] = read(page(record))
    [paper] = papers(look)
    return paper


def test_a_raw_record_is_a_paper_with_the_date_of_its_first_version():
    record = raw("2604.20001", V1, V2, comments="12 pages", more="<doi>10.1000/ABC 10.1000/def</doi>")

    assert one(record) == FoundPaper(
        title="Counting sheep",
        announced_at=datetime(2026, 4, 24, 4, tzinfo=UTC),
        arxiv_id="2604.20001",
        version=2,
        doi="10.1000/abc",
        authors=("Emmy Noether", "Sofia Kovalevskaya"),
        abstract="We count sheep.",
        primary_category="cs.CV",
        categories=("cs.CV", "cs.LG"),
        comment="12 pages",
        licence="http://creativecommons.org/licenses/by/4.0/",
        submitted_at=V1,
        url="https://arxiv.org/abs/2604.20001",
        pdf_url="https://arxiv.org/pdf/2604.20001",
    )


def test_records_are_of_the_day_that_announced_them_unless_one_is_given():
    records = page(raw("2604.20001", V1), raw("2603.00001", datetime(2026, 3, 2, 9, tzinfo=UTC)))

    assert [(look.day, len(papers(look))) for look in read(records)] == [(date(2026, 3, 3), 1), (FRIDAY, 1)]
    assert [(look.day, len(papers(look))) for look in read(records, day=FRIDAY)] == [(FRIDAY, 2)]


@pytest.mark.parametrize(
    ("source_type", "comments", "withdrawn"),
    [
        ("I", "", True),
        ("DI", "", True),
        ("D", "", False),
        ("D", "This paper has been withdrawn by the authors due to an error in Lemma 2", True),
        ("D", "Withdrawn", True),
        ("D", "12 pages; withdrawn because of a gap in the proof", True),
        ("D", "This article is a new version of arXiv:1904.01715, which is now withdrawn", False),
        ("D", "Replaces the withdrawn paper arXiv:1904.01715", False),
        ("D", "Supersedes a paper withdrawn by the author", False),
        ("D", "Withdrawn: it overlaps with another work", True),
        ("D", "12 pages, withdrawn by the authors", True),
        ("D", "THIS PAPER HAS BEEN WITHDRAWN", True),
        ("D", "Merged into arXiv:1904.01715; the paper is withdrawn", True),
        ("D", "The previous version was withdrawn; this is a complete rewrite", False),
        ("D", "Version 2 was withdrawn due to a bug, now corrected", False),
        ("D", "Our ICLR paper was withdrawn before review; accepted at NeurIPS 2026", False),
        ("D", "The ICLR 2026 submission was withdrawn", False),
        ("D", "The companion paper arXiv:1904.01715 has been withdrawn", False),
        ("D", "12 pages, dataset withdrawn by the authors", False),
        ("D", "code withdrawn by the author on request", False),
        ("D", "A report was withdrawn by the author of the dataset", False),
        ("D", "Theorem 2 withdrawn", False),
    ],
)
def test_a_withdrawn_paper_is_known_by_its_last_version_or_its_words(
    source_type: str, comments: str, withdrawn: bool
):
    paper = one(raw("2604.20001", V1, V2, source_type=source_type, comments=comments))

    assert paper.withdrawn is withdrawn
    assert paper.only_enriches is withdrawn


def test_a_withdrawal_that_was_taken_back_is_none():
    record = raw("2604.20001", V1, V2).replace("<source_type>D", "<source_type>I", 1)

    assert not one(record).withdrawn


def test_without_its_first_version_a_paper_has_no_date():
    record = raw("2604.20001", V1, V2).replace('version="v1"', 'version="first"')

    paper = one(record)

    assert (paper.version, paper.submitted_at) == (2, None)


def test_a_record_of_the_arxiv_format_tells_names_in_parts():
    record = """<record><header><identifier>oai:arXiv.org:2604.20001</identifier></header><metadata>
<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2604.20001</id><created>2026-04-22</created>
<authors><author><keyname>Noether</keyname><forenames>Emmy</forenames></author>
<author><keyname>:</keyname></author>
<author><keyname>Rodrigues</keyname><forenames>W. A.</forenames><suffix>Jr</suffix></author></authors>
<title>Counting sheep</title><categories>math.MP math-ph 15A66</categories>
<abstract>We count.</abstract></arXiv></metadata></record>"""

    paper = one(record)

    assert paper.authors == ("Emmy Noether", "W. A. Rodrigues Jr")
    assert paper.categories == ("math-ph",)
    assert paper.submitted_at == datetime(2026, 4, 22, tzinfo=UTC)


def test_created_is_not_believed_where_there_is_a_later_version():
    record = """<record><metadata><arXiv><id>2604.20001</id><created>2026-04-30</created>
<updated>2026-04-30</updated><title>Counting sheep</title></arXiv></metadata></record>"""

    assert one(record).submitted_at is None


def test_dublin_core_tells_the_least():
    record = """<record><header><identifier>oai:arXiv.org:hep-th/0408048</identifier>
<setSpec>physics:hep-th</setSpec></header><metadata>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>An invitation</dc:title>
<dc:creator>Smolin, Lee</dc:creator><dc:subject>High Energy Physics - Theory</dc:subject>
<dc:description>We describe.</dc:description><dc:description>Comment: 50 pages</dc:description>
<dc:date>2005-06-28</dc:date><dc:date>2004-08-05</dc:date>
<dc:identifier>http://arxiv.org/abs/hep-th/0408048</dc:identifier>
<dc:identifier>doi:10.1142/9789812702340_0078</dc:identifier></oai_dc:dc></metadata></record>"""

    paper = one(record)

    assert (paper.arxiv_id, paper.title, paper.authors) == (
        "hep-th/0408048",
        "An invitation",
        ("Lee Smolin",),
    )
    assert (paper.abstract, paper.comment) == ("We describe.", "50 pages")
    assert (paper.doi, paper.primary_category) == ("10.1142/9789812702340_0078", "hep-th")
    assert paper.submitted_at == datetime(2004, 8, 5, tzinfo=UTC)


def test_a_bare_record_is_a_list_of_one():
    [look] = read(raw("2604.20001", V1).encode())

    assert [paper.arxiv_id for paper in papers(look)] == ["2604.20001"]


def test_deleted_records_are_passed_over():
    [look] = read(page(DELETED, raw("2604.20001", V1)))

    assert len(papers(look)) == 1
    assert aside(look) == []


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("<record/>", "no metadata in a format known here"),
        ("<record><metadata><marc/></metadata></record>", "no metadata in a format known here"),
        ("<record><metadata><arXivRaw><title>A</title></arXivRaw></metadata></record>", "no arXiv id"),
        ("<record><metadata><arXivRaw><id>2604.20001</id></arXivRaw></metadata></record>", "no title"),
        (
            raw("2604.20001", datetime(2099, 1, 1, tzinfo=UTC)),
            "it was submitted on 2099-01-01, which lies in the future",
        ),
    ],
)
def test_a_bad_record_is_set_aside_and_the_others_go_in(record: str, reason: str):
    [look] = read(page(record, raw("2604.20002", V1)))

    assert [paper.arxiv_id for paper in papers(look)] == ["2604.20002"]
    assert [one.reason for one in aside(look)] == [reason]


def test_nothing_that_matches_is_an_empty_look():
    [look] = read(oai_error("noRecordsMatch", "No records match."))

    assert (look.day, look.proof, look.reason) == (TODAY, Proof.EMPTY, "No records match.")


@pytest.mark.parametrize(
    "code", ["badArgument", "badResumptionToken", "cannotDisseminateFormat", "badVerb", ""]
)
def test_every_other_error_is_an_error(code: str):
    with pytest.raises(SourceError, match=code or "nameless"):
        read(oai_error(code, "It went wrong."))


@pytest.mark.parametrize(
    ("token", "read_as"), [(None, ""), ("", ""), (" verb%3DListRecords ", "verb%3DListRecords")]
)
def test_an_empty_token_ends_the_list(token: str | None, read_as: str):
    document = parse(page(raw("2604.20001", V1), token=token), ("record",), name="x")

    assert oai.read_page(document, name="x").token == read_as
