"""Fields of payloads nobody can be trusted with: what is taken, and what is left."""

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources import fields

JUNK: list[Any] = [None, True, False, 7, 1.5, math.nan, [], {}, "", "   ", b"2509.00001", object()]


# --- arXiv ids ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "arxiv_id", "version"),
    [
        ("2509.00001", "2509.00001", None),
        ("0704.0001", "0704.0001", None),
        (" 2509.00001v3 ", "2509.00001", 3),
        ("arXiv:2509.00001v12", "2509.00001", 12),
        ("ARXIV: 2509.00001", "2509.00001", None),
        ("https://arxiv.org/abs/2509.00001v2", "2509.00001", 2),
        ("http://arxiv.org/abs/2509.00001v1/", "2509.00001", 1),
        ("https://arxiv.org/pdf/2509.00001v2.pdf", "2509.00001", 2),
        ("https://export.arxiv.org/pdf/2509.00001", "2509.00001", None),
        ("10.48550/arXiv.2509.00001", "2509.00001", None),
        ("math/0309136", "math/0309136", None),
        ("math.GT/0309136v1", "math/0309136", 1),
        ("MATH/0309136", "math/0309136", None),
        ("cond-mat/0005103v4", "cond-mat/0005103", 4),
        ("https://arxiv.org/abs/hep-th/9901001v2", "hep-th/9901001", 2),
    ],
)
def test_arxiv_ids_old_and_new_lose_their_version_their_class_and_their_site(
    written: str, arxiv_id: str, version: int | None
):
    assert fields.arxiv_id(written) == (arxiv_id, version)


@pytest.mark.parametrize(
    "written",
    [
        "2509.1",
        "2509.000001",
        "250.00001",
        "x2509.00001",
        "2509.00001v",
        "2509.00001 and more",
        "math/030913",
        "10.1234/2509.00001",
        "https://example.org/2509.00001",
        *JUNK,
    ],
)
def test_what_is_no_arxiv_id_is_none(written: Any):
    assert fields.arxiv_id(written) == ("", None)


@pytest.mark.parametrize("written", ["２５０９.00001", "٢٥٠٩.٠٠٠٠١"])
def test_only_plain_digits_make_an_arxiv_id(written: str):
    assert fields.arxiv_id(written) == ("", None)


def test_a_version_beyond_reason_is_no_version():
    assert fields.arxiv_id("2509.00001v99999") == ("2509.00001", None)


@given(st.text(max_size=60))
def test_no_text_upsets_the_reader_of_arxiv_ids(written: str):
    arxiv_id, version = fields.arxiv_id(written)
    assert len(arxiv_id) <= 60
    assert version is None or 0 <= version < 1000


# --- DOIs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        ("10.1101/2025.09.01.123456", "10.1101/2025.09.01.123456"),
        ("doi:10.1000/ABC", "10.1000/abc"),
        ("DOI: 10.1000/abc", "10.1000/abc"),
        ("https://doi.org/10.1038/S41586-020-1", "10.1038/s41586-020-1"),
        ("http://dx.doi.org/10.1038/x", "10.1038/x"),
        (
            "10.1002/(sici)1099(199905)8:3<1::aid>3.0.co;2-8",
            "10.1002/(sici)1099(199905)8:3<1::aid>3.0.co;2-8",
        ),
    ],
)
def test_dois_are_lower_case_and_lose_their_resolver(written: str, doi: str):
    assert fields.doi(written) == doi


@pytest.mark.parametrize("written", ["10.1/x", "10.1234/", "10.1234/a b", "11.1234/x", "abc", *JUNK])
def test_what_is_no_doi_is_none(written: Any):
    assert fields.doi(written) == ""


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        ("https://www.doi.org/10.1000/x", "10.1000/x"),
        ("doi.org/10.1000/x", "10.1000/x"),
        ("DOI 10.1000/x", "10.1000/x"),
        ("doi:10.1000/xyz.", "10.1000/xyz"),
        ("10.1000/xyz,", "10.1000/xyz"),
        ("https://doi.org/10.1000/x%281%29", "10.1000/x(1)"),
        ("https://doi.org/10.1000/xyz?nosfx=y#abstract", "10.1000/xyz"),
        ("10.48550/arXiv.2611.00001v2", "10.48550/arxiv.2611.00001"),
        ("https://doi.org/10.48550/arXiv.2611.00001.", "10.48550/arxiv.2611.00001"),
        ("10.48550/arXiv.math.AG/0210288", "10.48550/arxiv.math/0210288"),
        ("10.1101/2026.11.23.700001v1", "10.1101/2026.11.23.700001"),
        ("10.64898/2026.11.23.700001v12.full.pdf", "10.64898/2026.11.23.700001"),
        ("10.1000/gopherv2", "10.1000/gopherv2"),
        ("10.1002/(sici)1097-0258(1998)17:15<1661::aid-sim968>3.0.co;2-2",) * 2,
    ],
)
def test_a_doi_has_one_spelling(written: str, doi: str):
    """A record by another spelling would be another paper."""
    assert fields.doi(written) == doi
    assert fields.doi(doi) == doi


@pytest.mark.parametrize("hidden", ["%00", "%20b", "%0a", "%ud800", "%ff"])
def test_what_percent_signs_hide_in_a_doi_is_no_way_in(hidden: str):
    found = fields.doi(f"10.1234/a{hidden}")

    assert found.isprintable()
    assert " " not in found


@pytest.mark.parametrize("written", ["item/1234567", "paper/0000001", "https://example.org/abs/foo/1234567"])
def test_a_number_in_no_archive_of_arxivs_is_no_arxiv_id(written: str):
    assert fields.arxiv_id(written) == ("", None)


def test_a_doi_is_never_longer_than_its_column():
    assert len(fields.doi("10.1234/" + "x" * 5_000)) == 300


@pytest.mark.parametrize("hidden", ["\x00", "\x1b", "\ud800"])
def test_a_doi_holds_nothing_a_database_refuses(hidden: str):
    assert hidden not in fields.doi(f"10.1234/a{hidden}b")


# --- Moments --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2025-09-26T01:30:00.000Z", datetime(2025, 9, 26, 1, 30, tzinfo=UTC)),
        ("2025-09-26T01:30:00+02:00", datetime(2025, 9, 25, 23, 30, tzinfo=UTC)),
        ("2025-09-26T01:30:00", datetime(2025, 9, 26, 1, 30, tzinfo=UTC)),
        (" 2025-09-26 ", datetime(2025, 9, 26, tzinfo=UTC)),
    ],
)
def test_moments_are_told_in_utc(written: str, moment: datetime):
    assert fields.moment(written) == moment


@pytest.mark.parametrize(
    "written",
    ["yesterday", "2025-13-01", "2025-02-30", "0001-01-01", "9999-12-31", "26/09/2025", 1758850200, *JUNK],
)
def test_what_is_no_moment_is_none(written: Any):
    assert fields.moment(written) is None


@given(st.datetimes(), st.timezones() | st.none())
def test_every_moment_that_is_told_is_aware(written: datetime, zone: Any):
    moment = fields.moment(written.replace(tzinfo=zone).isoformat())
    assert moment is None or moment.tzinfo is UTC


def test_midnight_is_utc():
    assert fields.midnight(date(2025, 9, 26)) == datetime(2025, 9, 26, tzinfo=UTC)


# --- Counts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "told"), [(0, 0), (7, 7), (12.0, 12), (2_147_483_647, 2_147_483_647)])
def test_whole_numbers_are_counts(value: float, told: int):
    assert fields.count({"n": value}, "n") == told


@pytest.mark.parametrize(
    "value", [True, False, None, -1, -0.5, math.nan, math.inf, 2_147_483_648, 10**400, 1e300, "7", [7], {}]
)
def test_what_is_no_count_is_none(value: Any):
    assert fields.count({"n": value}, "n") is None


def test_the_first_field_that_holds_a_count_is_taken():
    assert fields.count({"a": "x", "b": 3, "c": 4}, "a", "b", "c") == 3
    assert fields.count({}, "a") is None


# --- Addresses on the web -------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org/a/b?c=d&e=f#g",
        "https://sub.example.org:8443/x_(y)",
        "HTTPS://EXAMPLE.ORG/",
        "https://bücher.example/ü",
        "https://blog.example.org/@ada/on-looms",
    ],
)
def test_plain_web_addresses_are_kept(url: str):
    assert fields.web_url({"url": f" {url} "}, "url") == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt://example.org/%0aalert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "ftp://example.org/x",
        "//example.org/x",
        "/relative",
        "https://user:secret@example.org/",
        "https://example.org@evil.example/",
        "https://example.org\\@evil.example/",
        "http://localhost/admin",
        "http://localhost:8000/a.b",
        "http://intranet/x.html",
        "https:///example.org",
        "https://example.org/a b",
        "https://example.org/\nx",
        "https://example.org/" + "x" * 2_000,
        *JUNK,
    ],
)
def test_other_addresses_are_left(url: Any):
    assert fields.web_url({"url": url}, "url") == ""


@pytest.mark.parametrize("hidden", ["\x00", "\x1b", "\x7f", "\ud800"])
def test_an_address_holds_nothing_a_database_refuses(hidden: str):
    assert hidden not in fields.web_url({"url": f"https://example.org/a{hidden}b"}, "url")


def test_the_first_field_that_holds_an_address_is_taken():
    record = {"a": "nonsense", "b": "https://example.org/b", "c": "https://example.org/c"}
    assert fields.web_url(record, "a", "b", "c") == "https://example.org/b"


# --- Text and names -------------------------------------------------------------------------


def test_the_first_field_with_any_text_is_taken_and_cleaned():
    assert fields.text({"a": " \n", "b": " two\n  lines "}, "a", "b") == "two lines"
    assert fields.text({"a": 5, "b": None}, "a", "b", "c") == ""


def test_text_is_cut_at_its_limit():
    assert fields.text({"a": "x" * 500}, "a", limit=40) == "x" * 40


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (["Ada Lovelace", " Mary \n Somerville "], ("Ada Lovelace", "Mary Somerville")),
        ([{"name": "Ada"}, {"name": "Mary", "hidden": False}], ("Ada", "Mary")),
        ([{"name": "Ada"}, {"name": "Mary", "hidden": True}], ("Ada",)),
        ("Ada Lovelace, Mary Somerville", ("Ada Lovelace", "Mary Somerville")),
        ("Lovelace, Ada; Somerville, Mary", ("Lovelace, Ada", "Somerville, Mary")),
        (["", None, 5, {"name": None}, {}, [], "Ada"], ("Ada",)),
        ("", ()),
        (None, ()),
        ({"name": "Ada"}, ()),
    ],
)
def test_names_come_in_many_shapes(value: object, names: tuple[str, ...]):
    assert fields.names(value) == names


def test_names_are_limited_in_number_and_length():
    assert len(fields.names(["x" * 999] * 9_000)) == 5_000
    assert fields.names(["x" * 999]) == ("x" * 300,)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_no_value_upsets_any_reader(value: Any):
    record = {"x": value}
    assert isinstance(fields.text(record, "x"), str)
    assert isinstance(fields.web_url(record, "x"), str)
    assert isinstance(fields.names(value), tuple)
    assert isinstance(fields.doi(value), str)
    fields.count(record, "x")
    fields.moment(value)
    fields.arxiv_id(value)
