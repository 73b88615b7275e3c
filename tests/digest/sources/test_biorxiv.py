"""Rows of bioRxiv and medRxiv, whatever they hold, and recorded pages of them."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sources.base import FoundPaper, Proof, SetAside, SourceError
from tests.digest.sources.preprints import DAY, REFUSALS, page, paper, read, row, titles

FIELDS = tuple(row())


# --- A row ------------------------------------------------------------------------------------


def test_every_field_finds_its_place():
    assert paper() == FoundPaper(
        title="Preprint number 1",
        announced_at=datetime(2026, 8, 20, tzinfo=UTC),
        doi="10.1101/2026.08.01.000001",
        version=1,
        authors=("E. Noether", "S. V. Kovalevskaya"),
        abstract="A short account of what was done.",
        primary_category="bioinformatics",
        categories=("bioinformatics",),
        organization="University of Erlangen",
        licence="cc_by_nc_nd",
        submitted_at=datetime(2026, 8, 20, tzinfo=UTC),
        url="https://www.biorxiv.org/content/10.1101/2026.08.01.000001v1",
        pdf_url="https://www.biorxiv.org/content/10.1101/2026.08.01.000001v1.full.pdf",
    )


def test_a_second_version_only_enriches():
    assert paper(version="2").only_enriches
    assert not paper(version="1").only_enriches


def test_a_later_version_is_the_same_preprint_at_another_address():
    later = paper(version="12")

    assert later.only_enriches
    assert later.version == 12
    assert later.url.endswith("v12")
    assert later.submitted_at is None  # that was another day
    assert later.doi == paper().doi


@pytest.mark.parametrize("version", ["", "0", "-1", "x", "١", "9" * 5_000, None, [], 1.5, True, {}])
def test_a_version_that_is_none_counts_as_the_first(version: Any):
    found = paper(version=version)

    assert found.version is None
    assert not found.only_enriches
    assert found.url == "https://www.biorxiv.org/content/10.1101/2026.08.01.000001"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("Smith, J.; Doe, A.", ("J. Smith", "A. Doe")),
        ("Smith, J.; Doe, A.;", ("J. Smith", "A. Doe")),
        ("van der Berg, J. P.", ("J. P. van der Berg",)),
        ("King, M. L., Jr.", ("M. L. King Jr.",)),
        ("The Brain Consortium; Smith, J.", ("The Brain Consortium", "J. Smith")),
        ("M&uuml;ller, K.; O&#39;Neil, P.", ("K. Müller", "P. O'Neil")),
        ("; , ;", ()),
        ("", ()),
        (None, ()),
        (["Smith, J."], ()),
    ],
)
def test_authors_are_named_as_people_say_it(told: Any, said: tuple[str, ...]):
    assert paper(authors=told).authors == said


def test_markup_is_gone_from_title_and_abstract():
    found = paper(
        title="<i>E. coli</i> at\n p < 0.05",
        abstract="O_ST_ABSAimC_ST_ABSTo bind Ca<sup>2+</sup>.\n\nResultsIt &lt;binds&gt;.",
    )

    assert found.title == "E. coli at p < 0.05"
    assert found.abstract == "Aim: To bind Ca²⁺. Results: It <binds>."


def test_what_is_not_available_is_left_empty():
    found = paper(abstract="NA", license="NA", published="NA", category="")

    assert (found.abstract, found.licence, found.comment, found.categories) == ("", "", "", ())


def test_the_journal_it_came_out_in_is_a_comment():
    assert (
        paper(published="10.1038/s41586-026-1").comment == "Published as https://doi.org/10.1038/s41586-026-1"
    )


@pytest.mark.parametrize("doi", ["10.64898/2026.01.02.1", "https://doi.org/10.64898/2026.01.02.1"])
def test_dois_of_any_publisher_are_taken(doi: str):
    assert paper(doi=doi).doi == "10.64898/2026.01.02.1"


def test_an_address_is_made_of_a_doi_by_its_letters_alone():
    assert paper(doi='10.1101/"><b%').url == "https://www.biorxiv.org/content/10.1101/%22%3E%3Cb%25v1"


def test_a_long_category_is_told_whole_and_filed_under_what_there_is_room_for():
    found = paper(category="rehabilitation medicine and physical therapy")

    assert found.categories == ("rehabilitation medicine and physical therapy",)
    assert len(found.primary_category) <= 40


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "withdrawn"},
        {"type": "Withdrawal"},
        {"title": "WITHDRAWN: A claim"},
        {"title": "[Withdrawn] A claim"},
        {"title": "Withdrawn: A claim"},
        {"title": "RETRACTED A claim"},
        {"abstract": "This manuscript has been withdrawn by the authors."},
        {"abstract": "<p>The preprint was temporarily withdrawn.</p>"},
        {"abstract": "The authors have withdrawn this manuscript owing to an error."},
        {"abstract": "bioRxiv has withdrawn this article."},
    ],
)
def test_a_withdrawal_is_known_by_what_it_says(fields: dict[str, str]):
    assert paper(**fields).withdrawn


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Withdrawal of benzodiazepines"},
        {"title": "Withdrawal-induced anxiety in mice"},
        {"title": "Withdrawn patients in a trial"},
        {"abstract": "The drug was withdrawn. Patients had withdrawn from the study."},
        {"abstract": "x " * 300 + "This manuscript has been withdrawn."},
        {"type": "new results"},
    ],
)
def test_withdrawal_as_a_subject_withdraws_nothing(fields: dict[str, str]):
    assert not paper(**fields).withdrawn


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (5, "not an object"),
        (None, "not an object"),
        (row(doi="NA"), "`doi` is not a DOI"),
        (row(doi=None), "`doi` is not a DOI"),
        (row(title="<b></b>"), "no title"),
        (row(server="medRxiv"), "it is of medrxiv: read it with --source medrxiv"),
        (row(date="2999-01-01"), "it is of 2999-01-01, which lies in the future"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_are_not(record: Any, reason: str):
    [look] = read(page(record, row(2)), day=None)

    aside, good = look.records
    assert isinstance(aside, SetAside)
    assert aside.reason == reason
    assert aside.position == 0
    assert isinstance(good, FoundPaper)


JUNK: list[Any] = [
    None,
    True,
    -1,
    2**80,
    float("nan"),
    "",
    "\ud800",
    "\x00",
    [],
    {},
    [[{}]],
    "<" * 5_000,
    "z" * 300_000,
    ";" * 9_000,
]


@pytest.mark.parametrize("field", FIELDS)
def test_whatever_a_field_holds_the_row_comes_out_as_something(field: str):
    rows = [row(n, **{field: junk}) for n, junk in enumerate(JUNK)]

    records = [record for look in read(page(*rows, row(99))) for record in look.records]

    assert any(isinstance(record, FoundPaper) and record.doi.endswith("99") for record in records)
    json.dumps([str(record) for record in records]).encode()
    for record in records:
        if isinstance(record, FoundPaper):
            assert len(record.title) <= 3_000
            assert len(record.abstract) <= 100_000
            str(record).encode()  # no lone surrogate got through


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.just(row()),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["messages", "collection", *FIELDS]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_any_document_gives_looks_or_one_sentence(document: Any):
    try:
        looks = read(document)
    except SourceError as error:
        told = str(error)
    else:
        told = "read"
        assert all(isinstance(record, FoundPaper | SetAside) for look in looks for record in look.records)
    assert told
    assert "\n" not in told


# --- Recorded pages ---------------------------------------------------------------------------


def test_a_recorded_page_is_of_the_day_its_interval_names():
    [look] = read(page(row(date="")))

    assert (look.day, look.seen_at) == (DAY, datetime(2026, 8, 21, tzinfo=UTC))
    assert look.bytes_read > 100


def test_recorded_pages_of_several_days_are_a_look_each():
    first = page(row(1), row(2, date="2026-08-21"), interval="2026-08-20:2026-08-21")
    second = page(row(2, date="2026-08-21"), row(3, date="2026-08-21"))

    looks = read([first, second])

    assert [(look.day, titles(look)) for look in looks] == [
        (DAY, ["Preprint number 1"]),
        (date(2026, 8, 21), ["Preprint number 2", "Preprint number 3"]),
    ]
    assert [record.day for look in looks for record in look.records if isinstance(record, FoundPaper)] == [
        None
    ] * 3
    assert looks[1].bytes_read == 0


def test_a_day_that_is_given_overrides_what_the_rows_say():
    [look] = read(page(row(1), row(2, date="2026-08-21")), day=date(2026, 8, 25))

    assert look.day == date(2026, 8, 25)
    assert look.proof is None
    assert all(
        record.day is None and record.announced_at == datetime(2026, 8, 25, tzinfo=UTC)
        for record in look.records
        if isinstance(record, FoundPaper)
    )


def test_without_any_date_the_files_name_counts_and_then_today():
    bare = {"collection": [row(date="NA")]}

    assert [look.day for look in read(bare, name="biorxiv-2026-08-11.json")] == [date(2026, 8, 11)]
    assert [look.day for look in read(bare)] == [date(2026, 8, 30)]


@pytest.mark.parametrize(
    ("rows", "total", "proof"), [(30, "255", Proof.PARTIAL), (29, "255", None), (30, "30", None)]
)
def test_a_recorded_page_of_a_longer_list_proves_no_day(rows: int, total: str, proof: Proof | None):
    [look] = read(page(*[row(n) for n in range(rows)], total=total))

    assert look.proof == proof
    assert look.reason == ("There is more: this is one page, 30 of 255 rows." if proof else "")


def test_a_recorded_day_without_posts_is_an_empty_look():
    [look] = read(page())

    assert (look.day, look.proof, list(look.records)) == (DAY, Proof.EMPTY, [])


def test_a_day_in_the_future_is_refused():
    with pytest.raises(SourceError, match="lies in the future"):
        read(page(row()), day=date(2026, 9, 1))


@pytest.mark.parametrize(("body", "message"), [case for case in REFUSALS if case[0] != b"[]"])
def test_a_recorded_error_is_told_as_a_live_one(body: bytes, message: str):
    with pytest.raises(SourceError, match=message):
        read(body)
