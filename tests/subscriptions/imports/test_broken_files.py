"""Files as they come: other encodings, other separators, damage, and bombs. A bad line costs itself."""

import io
import resource
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.imports import FileRefused, FoundPerson, opening, upload
from tests.subscriptions.imports.lists import audience, packed
from tests.subscriptions.imports.reading import people, read, told


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_is_read_however_a_spreadsheet_saved_it(separator, end, encoding):
    lines = [["email", "keywords", "hour"], ["ada@example.org", "Schrödinger", "7"], ["", "", ""]]
    text = end.join(separator.join(cells) for cells in lines)

    [ada] = people(text.encode(encoding))

    assert ada.preferences.as_json()["keywords"] == ["Schrödinger"]
    assert ada.preferences.hour == 7


def test_a_cell_may_hold_separators_line_breaks_and_quotation_marks():
    content = b'email,keywords\r\nada@example.org,"retrieval,\r\n""speech"""\r\ngrace@example.org,robots\r\n'

    ada, grace = people(content)

    assert ada.preferences.as_json()["keywords"] == ["retrieval", '"speech"']
    assert (ada.where, grace.where) == ("line 2", "line 4")


def test_a_quotation_mark_that_never_closes_costs_its_own_line():
    content = b'email,keywords\nada@example.org,"retrieval\ngrace@example.org,robots\nmary@example.org,\n'

    assert told(content) == [
        "line 2: its quotation marks do not match",
        "line 3: grace@example.org",
        "line 4: mary@example.org",
    ]


def test_two_quotation_marks_that_do_not_belong_together_cost_their_own_lines():
    content = b'email,keywords\na@example.org,"x\nb@example.org,y\nc@example.org,"z\nd@example.org,\n'

    assert told(content) == [
        "line 2: its quotation marks do not match",
        "line 3: b@example.org",
        "line 4: its quotation marks do not match",
        "line 5: d@example.org",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("b@example.org", "1 cells where the header has 2"),
        ("b@example.org,x,y", "3 cells where the header has 2"),
        ("b@example.org,x\0y", "it holds NUL bytes"),
        ('b@example.org,"x"y', "its quotation marks do not match"),
        (f"b@example.org,{'x' * 200_000}", "it is too long, or a quotation mark is never closed"),
        (f'b@example.org,"{"x" * 200_000}"', "it is too long, or a quotation mark is never closed"),
        (f"b@example.org,{'x' * 99_000}", "keywords: too many, or one that is too long"),
        ("b@localhost,", "bad address: what stands after the @"),
        ("A@EXAMPLE.ORG,", "the same address as in an earlier line"),
    ],
)
def test_a_bad_line_is_set_aside_and_its_neighbours_are_not(line, reason):
    content = f"email,keywords\na@example.org,\n{line}\nc@example.org,\n".encode()

    assert told(content) == ["line 2: a@example.org", f"line 3: {reason}", "line 4: c@example.org"]


def test_a_mark_that_never_closes_before_many_lines_costs_its_own_line_only():
    rows = "".join(f"reader{n}@example.org,\n" for n in range(300))
    found = told(f'email,keywords\nada@example.org,"x\n{rows}'.encode())

    assert found[0] == "line 2: it is too long, or a quotation mark is never closed"
    assert found[1:] == [f"line {n + 3}: reader{n}@example.org" for n in range(300)]


def test_cells_left_over_from_a_spreadsheet_are_no_error_while_they_are_empty():
    assert told(b"email,keywords\nada@example.org,,,,\n") == ["line 2: ada@example.org"]


def test_the_first_line_of_an_address_counts():
    first, second = read(b"email,hour\nada@example.org,6\nADA@example.org,9\n")

    assert isinstance(first, FoundPerson)
    assert first.preferences.hour == 6
    assert second.reason == "the same address as in an earlier line"  # type: ignore[union-attr]


def test_a_line_set_aside_does_not_count_as_the_first():
    assert told(b"email,hour\nada@example.org,99\nada@example.org,9\n")[1] == "line 3: ada@example.org"


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_at_all_upset_the_reader(noise: bytes):
    """Whatever follows a good header, each line is a person or set aside."""
    for found in (b"email,keywords\n" + noise, noise):
        with suppress(FileRefused):
            assert all(line.startswith("line ") for line in told(found))


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40).filter(lambda cell: not set(cell) & set(b'\n\r"')), max_size=8))
def test_noise_between_good_lines_never_costs_one(noise: list[bytes]):
    lines = [b"email,keywords"]
    for number, junk in enumerate(noise):
        lines += [junk, b"reader%d@example.org,x" % number]

    found = {one.address.key for one in read(b"\n".join(lines)) if isinstance(one, FoundPerson)}

    assert found >= {f"reader{number}@example.org" for number in range(len(noise))}


# --- limits -----------------------------------------------------------------------------


def test_a_file_over_the_limit_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(opening, "MAX_BYTES", 1_000)
    with pytest.raises(FileRefused, match=r"^The file holds more than \d+ MB"):
        read(b"email\n" + b"ada@example.org\n" * 100)


def test_a_file_of_too_many_lines_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(opening, "MAX_LINES", 100)
    with pytest.raises(FileRefused, match=r"^The file has more than"):
        read(b"email\n" + b"ada@example.org\n" * 100)


def test_an_archive_that_unpacks_to_too_much_is_refused_though_it_is_small():
    bomb = packed({"subscribed.csv": b"Email Address,MEMBER_RATING\n" + b" " * (opening.MAX_BYTES + 1)})

    assert len(bomb) < 100_000
    with pytest.raises(FileRefused, match=r"^The file holds more than 50 MB"):
        read(bomb)


def test_many_small_tables_of_an_archive_count_together(monkeypatch):
    monkeypatch.setattr(opening, "MAX_BYTES", 20_000)
    files = {f"subscribed_{n}.csv": b"x" * 5_000 for n in range(5)}

    with pytest.raises(FileRefused, match=r"^The file holds more than"):
        read(packed(files))


def test_an_archive_of_very_many_tables_is_refused():
    with pytest.raises(FileRefused, match=r"^The archive holds more than 100 tables"):
        read(packed({f"{n}.csv": b"" for n in range(101)}))


def damaged_archives() -> Iterator[bytes]:
    whole = packed({"subscribed_members_export_1.csv": audience(*(f"r{n}@example.org" for n in range(500)))})
    yield whole[:200] + b"\xff" * 40 + whole[240:]
    lying = bytearray(whole)
    # The directory at the end says how large the table is: less than it is.
    at = whole.rindex(b"PK\1\2") + 24
    lying[at : at + 4] = (100).to_bytes(4, "little")
    yield bytes(lying)


@pytest.mark.parametrize("archive", [*damaged_archives()], ids=["damaged", "lies about its size"])
def test_a_damaged_archive_is_refused_with_one_sentence(archive: bytes):
    with pytest.raises(FileRefused, match=r"^The archive is damaged"):
        read(archive)


def test_an_encrypted_archive_is_refused_with_one_sentence():
    archive = bytearray(packed({"subscribed.csv": audience("ada@example.org")}))
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        archive[archive.index(mark) + flags] |= 1

    with pytest.raises(FileRefused, match=r"^The archive is encrypted"):
        read(bytes(archive))


def test_an_archive_without_a_table_is_refused_with_one_sentence():
    with pytest.raises(FileRefused, match=r"^The archive holds no table"):
        read(packed({"letter.pdf": b"%PDF"}))


def test_an_archive_in_an_archive_is_not_opened():
    with pytest.raises(FileRefused, match=r"^The archive holds no table"):
        read(packed({"inner.zip": packed({"a.csv": b"email\n"})}))


def resident() -> int:
    """Bytes of memory this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="tells the memory of a process on Linux")
def test_a_hundred_thousand_lines_take_little_memory():
    content = b"email\n" + b"".join(b"reader%d@example.org\n" % n for n in range(100_000))
    with upload(io.BytesIO(content), "list.csv") as found:
        people = enumerate(found)
        for _ in range(1_000):
            next(people)
        before = most = resident()
        for number, _ in people:
            if number % 1_000 == 0:
                most = max(most, resident())

    assert number == 99_999
    # A hash a line, and no line itself: the people alone would be some 70 MB.
    assert most - before < 16_000_000


def test_what_was_brought_can_be_read_twice():
    archive = io.BytesIO(packed({"a.csv": b"email\nada@example.org\n"}))
    with upload(archive, "a.zip") as found:
        assert list(found) == list(found)
    assert zipfile.is_zipfile(archive)
