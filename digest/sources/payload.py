"""Recorded payloads: from a path to bytes, from bytes to records."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from digest.relevance.text import clean
from digest.sources.base import SourceError
from digest.sources.fields import midnight

MAX_BYTES = 512 * 1024 * 1024
MAX_DIGITS = 1_000
"""Of a whole number."""
SNIFFED = 4 * 1024 * 1024
"""Bytes of a payload that are read to tell whose it is."""
ENOUGH = 5
"""Records of it: the first may be broken."""
_SEPARATOR = re.compile(r"\s*,\s*")
_GZIP = b"\x1f\x8b"
_DATE = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")


def read_bytes(path: Path) -> bytes:
    """The whole of a file, unpacked if it is gzip, whatever its name.

    Raises:
        SourceError: it cannot be read, is damaged, or is larger than `MAX_BYTES`.
    """
    try:
        with path.open("rb") as file:
            head = file.read(2)
            file.seek(0)
            if head == _GZIP:
                with gzip.open(file) as unpacked:
                    data = unpacked.read(MAX_BYTES + 1)
            else:
                data = file.read(MAX_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(f"{path} is a damaged gzip file ({error}). Fetch it again.") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(data) > MAX_BYTES:
        raise SourceError(f"{path} is larger than {MAX_BYTES // 1024 // 1024} MB; split it.")
    return data


def parse_json(data: bytes, *, name: str) -> Any:
    """One JSON document.

    Raises:
        SourceError: with the place where it breaks.
    """
    try:
        return _document(data)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{name} is not JSON: {_short(error)}.") from error


def parse_records(data: bytes, *, name: str) -> Iterator[tuple[int, Any]]:
    """Records of a JSON array, of an object that holds one (`papers`, `results`, ...), or of JSON
    Lines, each with its position. A broken line of JSON Lines comes as the `SourceError` it is.

    Raises:
        SourceError: it is none of these.
    """
    try:
        document = _document(data)
    except (ValueError, RecursionError) as error:
        if not _is_json_lines(data):
            raise SourceError(f"{name} is neither JSON nor JSON Lines: {_short(error)}.") from error
        return _lines(data, name)
    return iter(enumerate(_list_in(document, name)))


def first_records(data: bytes) -> list[Any]:
    """Some records by which to tell what a JSON payload is: the first of an array, else the document or
    the first line itself. None where the payload is no JSON. Only as much of it is read as these take.
    """
    head = data[:SNIFFED]
    try:
        text = head.decode(json.detect_encoding(head), "ignore").lstrip("\ufeff \t\r\n")
    except (LookupError, ValueError):
        return []
    found: list[Any] = []
    at = len(text) - len(text[1:].lstrip()) if text.startswith("[") else 0
    while len(found) < ENOUGH:
        try:
            record, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(record)
        separator = _SEPARATOR.match(text, end)
        if not at or separator is None:
            break
        at = separator.end()
    return found


def _document(data: bytes) -> Any:
    return json.loads(data, parse_int=_whole)


def _whole(digits: str) -> int | float:
    # Python reads no more than 4,300 of them, and one number must not cost all that stands beside it.
    return int(digits) if len(digits) <= MAX_DIGITS else float(digits)


_DECODER = json.JSONDecoder(parse_int=_whole)


def _list_in(document: Any, name: str) -> list[Any]:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        for key in ("papers", "results", "records", "items", "data"):
            if isinstance(document.get(key), list):
                return list(document[key])
        if isinstance(document.get("title"), str):
            return [document]
        if "error" in document:
            said = clean(str(document["error"])[:400])[:200]
            raise SourceError(f"{name} holds an error message, not papers: {said}")
    raise SourceError(f"{name} holds no list of papers. Expected a JSON array, or JSON Lines.")


def _is_json_lines(data: bytes) -> bool:
    """Whether one of the first lines is an object by itself; the others may be broken."""
    for line in data.split(b"\n", 20)[:20]:
        try:
            if isinstance(_document(line), dict):
                return True
        except (ValueError, RecursionError):
            continue
    return False


def _lines(data: bytes, name: str) -> Iterator[tuple[int, Any]]:
    start, position = 0, 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        line = data[start:end].strip()
        if line:
            try:
                yield position, _document(line)
            except (ValueError, RecursionError) as error:
                yield position, SourceError(f"not JSON: {_short(error)}")
            position += 1
        start = end + 1


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]


def seen_at(day: date) -> datetime:
    """When a recorded payload of a day was made: it does not say, so the end of its day stands in."""
    return min(timezone.now(), midnight(day) + timedelta(days=1))


def refuse_future(day: date, name: str, today: date) -> None:
    """No paper can be of a day that has not come.

    Raises:
        SourceError: it has not.
    """
    if day > today:
        raise SourceError(f"{name} is of {day}, which lies in the future. Give its day with --date.")


def day_in(name: str) -> date | None:
    """The last date in a file's name, which is the day it was recorded of."""
    for found in reversed(_DATE.findall(name)):
        try:
            return date.fromisoformat(found)
        except ValueError:
            continue
    return None
