"""A table in a text file, record by record. One that is broken costs itself, never its neighbours."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from subscriptions.imports.opening import PIECE

DELIMITERS = ",;\t"
MAX_CHARS = 100_000
"""Of one record, all its cells together."""
MAX_LINES_OF_A_RECORD = 100
"""A record whose quotation mark never closes would else swallow all that follows."""


@dataclass(frozen=True, slots=True)
class Record:
    """`line` is where it begins, counted from 1."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class BadRecord:
    line: int
    reason: str


def header_of(stream: IO[bytes], delimiter: str) -> list[str]:
    """The names of the columns, made comparable; none where there is no first record."""
    for record in records(stream, delimiter):
        return [" ".join(c.split()).casefold() for c in record.cells] if isinstance(record, Record) else []
    return []


def records(stream: IO[bytes], delimiter: str) -> Iterator[Record | BadRecord]:
    """From the beginning, with the header. Lines without anything in them are no records."""
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=_encoding_of(stream), errors="replace", newline="")
    try:
        yield from _records(_Lines(text), delimiter)
    finally:
        text.detach()


def _records(lines: "_Lines", delimiter: str) -> Iterator[Record | BadRecord]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        line = lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLong) as error:
            # The first line is to blame. Those it took along are read anew, each on its own.
            lines.give_back()
            reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
            yield BadRecord(line, _reason(error))
            continue
        if any("\0" in cell for cell in cells):
            yield BadRecord(line, "it holds NUL bytes")
        elif any(cell.strip() for cell in cells):
            yield Record(line, cells)


def _reason(error: Exception) -> str:
    if isinstance(error, _TooLong) or "limit" in str(error):
        return "it is too long, or a quotation mark is never closed"
    return "its quotation marks do not match"


class _TooLong(Exception):
    """One record, or one line, is longer than any of a list of people."""


class _Lines:
    """The lines of a text, of which those after the first of a record can be given back."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._chars = 0
        self._line = 1

    def begin(self) -> int:
        """A new record. Returns the number of its first line."""
        self._line += len(self._taken)
        self._taken, self._chars = [], 0
        return self._line

    def give_back(self) -> None:
        self._again.extendleft(reversed(self._taken[1:]))
        self._taken = self._taken[:1]

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self._taken) >= MAX_LINES_OF_A_RECORD:
            raise _TooLong
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self._taken.append(line)
        self._chars += len(line)
        if self._chars > MAX_CHARS:
            raise _TooLong
        return line

    def _read(self) -> str:
        """The next line; of one that is too long only as much as shows that."""
        line = self._text.readline(MAX_CHARS + 1)
        rest = line
        while len(rest) > MAX_CHARS and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(MAX_CHARS + 1)
        return line


def _encoding_of(stream: IO[bytes]) -> str:
    """UTF-8 if all of it is; else what Windows writes."""
    start = stream.read(2)
    stream.seek(0)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := stream.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        stream.seek(0)
    return "utf-8-sig"
