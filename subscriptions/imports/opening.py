"""From what was given to files that can be read: plain, or the tables of a zip archive; with limits."""

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, BinaryIO

from subscriptions.imports.found import FileRefused

MAX_BYTES = 50 * 1024 * 1024
"""Of all files together, unpacked."""
MAX_LINES = 1_000_000
MAX_MEMBERS = 100
TABLES = (".csv", ".tsv", ".txt")
PIECE = 64 * 1024

TOO_BIG = f"The file holds more than {MAX_BYTES // 1024 // 1024} MB, unpacked. Split it; import the parts."
TOO_LONG = f"The file has more than {MAX_LINES:,} lines. Split it; import the parts."


@dataclass(slots=True)
class Part:
    """One table. `stream` can be sought."""

    name: str
    stream: IO[bytes]
    lines: int = 0


@contextmanager
def parts_of(stream: BinaryIO, name: str) -> Iterator[list[Part]]:
    """The tables in it, all within the limits before the first is read.

    Raises:
        FileRefused: too big, too long, or a broken archive.
    """
    with ExitStack() as stack:
        whole = stack.enter_context(_copy(stream, _Budget(MAX_BYTES)))
        parts = _unpacked(whole, stack) if zipfile.is_zipfile(whole) else [Part(name=name, stream=whole)]
        for part in parts:
            part.lines = _count_lines(part.stream)
        if sum(part.lines for part in parts) > MAX_LINES:
            raise FileRefused(TOO_LONG)
        yield parts


class _Budget:
    def __init__(self, size: int) -> None:
        self.left = size

    def take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise FileRefused(TOO_BIG)


def _unpacked(whole: IO[bytes], stack: ExitStack) -> list[Part]:
    budget = _Budget(MAX_BYTES)
    try:
        archive = stack.enter_context(zipfile.ZipFile(whole))
        members = [member for member in archive.infolist() if _is_table(member)]
        if len(members) > MAX_MEMBERS:
            raise FileRefused(f"The archive holds more than {MAX_MEMBERS} tables.")
        parts = []
        for member in members:
            with archive.open(member) as packed:
                copy = stack.enter_context(_copy(packed, budget))
            parts.append(Part(name=PurePosixPath(member.filename).name, stream=copy))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise FileRefused("The archive is damaged; fetch it again.") from error
    except (RuntimeError, NotImplementedError) as error:
        raise FileRefused("The archive is encrypted or packed in an unusual way; unpack it first.") from error
    if not parts:
        raise FileRefused("The archive holds no table (a file that ends in .csv).")
    return parts


def _is_table(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    # What macOS adds: a shadow of every file, under the same name.
    shadow = path.name.startswith("._") or "__MACOSX" in path.parts
    return not member.is_dir() and not shadow and path.suffix.lower() in TABLES


def _copy(stream: IO[bytes], budget: _Budget) -> IO[bytes]:
    """To a file of our own, on disk when it is large: a pipe and an archive cannot be sought."""
    copy = tempfile.SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115  (whoever asked closes it)
    try:
        while piece := stream.read(PIECE):
            budget.take(len(piece))
            copy.write(piece)
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return copy


def _count_lines(stream: IO[bytes]) -> int:
    stream.seek(0)  # looking for an archive has moved it
    feeds = returns = 0
    while piece := stream.read(PIECE):
        feeds += piece.count(b"\n")
        returns += piece.count(b"\r")
    return max(feeds, returns) + 1
