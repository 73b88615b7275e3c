"""Recorded payloads, from a path to bytes and from bytes to records."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from digest.sources import payload
from digest.sources.base import SourceError
from digest.sources.payload import parse_json, parse_records, read_bytes


def records(data: bytes) -> list[Any]:
    return list(parse_records(data, name="list.json"))


# --- Bytes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["day.json", "day.json.gz", "day", "day.txt"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_file_is_unpacked_if_it_is_gzip_whatever_its_name(tmp_path: Path, name: str, packed: bool):
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"[1]") if packed else b"[1]")

    assert read_bytes(path) == b"[1]"


def test_gzip_of_several_members_is_one_file(tmp_path: Path):
    path = tmp_path / "joined.gz"
    path.write_bytes(gzip.compress(b"[1,") + gzip.compress(b"2]"))

    assert read_bytes(path) == b"[1,2]"


@pytest.mark.parametrize("cut", [3, 12, 40, -1])
def test_a_truncated_gzip_file_is_told_in_one_sentence(tmp_path: Path, cut: int):
    path = tmp_path / "day.json.gz"
    path.write_bytes(gzip.compress(json.dumps(list(range(500))).encode())[:cut])

    with pytest.raises(SourceError, match=r"day\.json\.gz is a damaged gzip file .*Fetch it again\.") as told:
        read_bytes(path)
    assert "\n" not in str(told.value)


def test_damage_in_the_middle_of_a_gzip_file_is_told(tmp_path: Path):
    path = tmp_path / "day.gz"
    packed = bytearray(gzip.compress(json.dumps(list(range(2_000))).encode()))
    packed[len(packed) // 2] ^= 0xFF
    path.write_bytes(packed)

    with pytest.raises(SourceError, match="damaged gzip"):
        read_bytes(path)


def test_a_missing_file_is_told(tmp_path: Path):
    with pytest.raises(SourceError, match=r"gone\.json cannot be read: No such file"):
        read_bytes(tmp_path / "gone.json")


def test_a_folder_is_no_file(tmp_path: Path):
    with pytest.raises(SourceError, match="cannot be read: Is a directory"):
        read_bytes(tmp_path)


def test_an_empty_file_is_empty(tmp_path: Path):
    path = tmp_path / "empty"
    path.touch()
    assert read_bytes(path) == b""


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_file_that_is_too_large_unpacked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
):
    monkeypatch.setattr(payload, "MAX_BYTES", 1024 * 1024)
    path = tmp_path / "bomb"
    data = b" " * (1024 * 1024 + 1)
    path.write_bytes(gzip.compress(data) if packed else data)

    with pytest.raises(SourceError, match="larger than 1 MB; split it"):
        read_bytes(path)


# --- Records --------------------------------------------------------------------------------


def test_an_array_is_its_records_with_their_positions():
    assert records(b'[{"title": "A"}, 5, null]') == [(0, {"title": "A"}), (1, 5), (2, None)]


@pytest.mark.parametrize("key", ["papers", "results", "records", "items", "data"])
def test_an_object_that_holds_a_list_is_that_list(key: str):
    assert records(json.dumps({"n": 1, key: [{"title": "A"}]}).encode()) == [(0, {"title": "A"})]


def test_one_object_with_a_title_is_one_record():
    assert records(b'{"title": "A"}') == [(0, {"title": "A"})]


def test_json_lines_are_records_and_empty_lines_are_none():
    assert records(b'{"title": "A"}\n\n  {"title": "B"}\r\n{"title": "C"}') == [
        (0, {"title": "A"}),
        (1, {"title": "B"}),
        (2, {"title": "C"}),
    ]


def test_a_broken_line_comes_as_its_error_and_the_others_as_records():
    (_, first), (position, broken), (_, last) = records(b'{"title": "A"}\n{"title": \n{"title": "C"}\n')

    assert (first, last) == ({"title": "A"}, {"title": "C"})
    assert position == 1
    assert isinstance(broken, SourceError)
    assert str(broken).startswith("not JSON: ")


def test_a_broken_first_line_does_not_stop_the_others():
    found = records(b'{"title": "A\n{"title": "B"}\n{"title": "C"}\n')

    assert isinstance(found[0][1], SourceError)
    assert [record for _, record in found[1:]] == [{"title": "B"}, {"title": "C"}]


def test_a_line_of_another_encoding_is_broken_and_the_others_are_not():
    found = records(b'{"title": "A"}\n{"title": "\xe9t\xe9"}\n{"title": "C"}\n')

    assert [isinstance(record, SourceError) for _, record in found] == [False, True, False]


def test_a_byte_order_mark_is_no_error():
    assert records(b"\xef\xbb\xbf[1]") == [(0, 1)]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "neither JSON nor JSON Lines"),
        (b"   \n ", "neither JSON nor JSON Lines"),
        (b"<!doctype html><p>Down", "neither JSON nor JSON Lines"),
        (b'[{"title": "A"},', "neither JSON nor JSON Lines"),
        (b"\x00\x01\x02", "neither JSON nor JSON Lines"),
        (b"[" * 100_000, "neither JSON nor JSON Lines"),
        (b'{"error": "rate limited"}', "holds an error message, not papers: rate limited"),
        (b'{"n": 1}', "holds no list of papers"),
        (b"5", "holds no list of papers"),
        (b'"text"', "holds no list of papers"),
        (b"null", "holds no list of papers"),
    ],
    ids=["empty", "blank", "html", "cut", "binary", "deep", "error", "object", "number", "text", "null"],
)
def test_what_holds_no_papers_is_told_in_one_line(data: bytes, told: str):
    with pytest.raises(SourceError, match=told) as error:
        records(data)
    assert str(error.value).startswith("list.json ")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400


def test_a_line_nested_too_deep_is_broken_alone():
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000

    found = records(b'{"title": "A"}\n' + deep + b'\n{"title": "C"}')

    assert [isinstance(record, SourceError) for _, record in found] == [False, True, False]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[" * 100_000, b"\xff\xfe"], ids=["empty", "cut", "deep", "binary"]
)
def test_one_document_that_is_no_json_is_told(data: bytes):
    with pytest.raises(SourceError, match=r"^it is not JSON: "):
        parse_json(data, name="it")
