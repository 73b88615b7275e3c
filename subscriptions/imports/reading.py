"""A file of any of the formats, line by line: a person, or set aside with the reason."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from io import SEEK_END
from typing import BinaryIO, Protocol

from subscriptions.address import Address, AddressRefused, parse_address
from subscriptions.imports import listmonk, mailchimp, own
from subscriptions.imports.found import BadCell, FileRefused, FoundPerson, Row, SetAside, Standing, Told
from subscriptions.imports.opening import Part, parts_of
from subscriptions.imports.table import DELIMITERS, BadRecord, Record, header_of, records

FORBIDDING = {Standing.UNSUBSCRIBED, Standing.BOUNCED, Standing.COMPLAINED, Standing.BLOCKED}
NONE_OF_OURS = (
    "This is no list that can be read: its first line names neither the columns of Mailchimp's or listmonk's "
    "export nor only columns of ours ({columns})."
)


class Format(Protocol):
    """A platform's table. Columns are compared in lower case."""

    NAME: str
    LABEL: str

    def claims(self, columns: Collection[str]) -> bool:
        """Is this surely mine?"""

    def lacks(self, columns: Collection[str]) -> str:
        """Told that it is mine: which column is missing, if any?"""

    def email(self, row: Row) -> str: ...

    def read(self, row: Row) -> Told:
        """Raises BadCell."""


FORMATS: dict[str, Format] = {one.NAME: one for one in (listmonk, mailchimp, own)}


@dataclass(frozen=True, slots=True)
class Table:
    """A part whose format is known."""

    part: Part
    delimiter: str
    header: list[str]


@dataclass(frozen=True, slots=True)
class Upload:
    """What was brought: iterate over it, as often as need be."""

    format: Format
    tables: list[Table]
    lines: int
    skipped: Sequence[SetAside] = ()

    @property
    def platform(self) -> str:
        return self.format.LABEL

    def __iter__(self) -> Iterator[FoundPerson | SetAside]:
        yield from self.skipped
        # Hashes, not addresses: of a million lines that is a matter of tens of megabytes.
        seen: set[int] = set()
        forbidden = self._forbidden()
        for table in self.tables:
            which = f" ({_kind(table.part)})" if len(self.tables) > 1 else ""
            for line, record in _records(table):
                where = f"line {line}{which}"
                try:
                    yield self._person(record(), where, seen, forbidden)
                except BadCell as why:
                    yield SetAside(where=where, reason=str(why))

    def _forbidden(self) -> set[int]:
        """Hashes of the addresses of which some line says that they left, or must not be mailed.

        A list that says two things of somebody must not be taken by its laxer word, whichever comes first.
        """
        found: set[int] = set()
        for table in self.tables:
            for _, record in _records(table):
                with suppress(BadCell):
                    row = record()
                    if self.format.read(row).standing in FORBIDDING:
                        found.add(hash(self.format.email(row).strip().casefold()))
        return found

    def _person(self, row: Row, where: str, seen: set[int], forbidden: set[int]) -> FoundPerson:
        address = _address(self.format.email(row))
        if hash(address.key) in seen:
            raise BadCell("the same address as in an earlier line")
        told = self.format.read(row)
        if told.standing not in FORBIDDING and hash(self.format.email(row).strip().casefold()) in forbidden:
            raise BadCell("another line says that they left or must not be mailed")
        seen.add(hash(address.key))
        return FoundPerson(
            where=where,
            address=address,
            standing=told.standing,
            preferences=told.preferences,
            times=told.times,
        )


@contextmanager
def upload(stream: BinaryIO, name: str, form: str = "auto") -> Iterator[Upload]:
    """Open what was brought under this name; `form` is a key of `FORMATS`, or `auto`.

    Raises:
        FileRefused: none of our formats, damaged, or over a limit. Nothing has been read by then.
    """
    with parts_of(stream, name) as parts:
        found = [(part, _recognise(part, form)) for part in parts]
        known = [(part, *one) for part, one in found if one]
        if not known:
            raise _refusal(parts, form)
        kind = known[0][1]
        tables = [Table(part, delimiter, header) for part, one, delimiter, header in known if one is kind]
        mine = [id(table.part) for table in tables]
        yield Upload(
            format=kind,
            # Should somebody stand in two tables, the one that forbids more counts.
            tables=sorted(tables, key=_strictest_first) if kind is FORMATS["mailchimp"] else tables,
            lines=sum(part.lines for part in parts),
            skipped=[
                SetAside(where=f"file {n} of the archive", reason=f"no table of {kind.LABEL}'s")
                for n, part in enumerate(parts, start=1)
                if id(part) not in mine
            ],
        )


def _records(table: Table) -> Iterator[tuple[int, Callable[[], Row]]]:
    """The lines below the header: their number, and what reads them or says why it cannot."""
    columns = {name: n for n, name in reversed([*enumerate(table.header)])}
    rows = records(table.part.stream, table.delimiter)
    next(rows)  # the header
    for record in rows:
        yield record.line, partial(_row, record, columns, table)


def _recognise(part: Part, form: str) -> tuple[Format, str, list[str]] | None:
    for delimiter in DELIMITERS:
        header = header_of(part.stream, delimiter)
        for kind in FORMATS.values() if form == "auto" else [FORMATS[form]]:
            if header and (kind.claims(header) if form == "auto" else not kind.lacks(header)):
                return kind, delimiter, header
    return None


def _refusal(parts: list[Part], form: str) -> FileRefused:
    if not any(part.stream.seek(0, SEEK_END) for part in parts):
        return FileRefused("The file is empty.")
    if form == "auto":
        return FileRefused(NONE_OF_OURS.format(columns=", ".join(own.COLUMNS)))
    kind = FORMATS[form]
    missing = kind.lacks([])
    return FileRefused(f"This is no table of {kind.LABEL}'s: its first line names no column “{missing}”.")


def _strictest_first(table: Table) -> int:
    standing = mailchimp.standing_of(table.part.name)
    order = mailchimp.STRICTEST_FIRST
    return order.index(standing) if standing in order else len(order)


def _kind(part: Part) -> str:
    """What to call a file of an archive: by what is in it, since its name may be anything."""
    return str(mailchimp.standing_of(part.name))


def _row(record: Record | BadRecord, columns: dict[str, int], table: Table) -> Row:
    if isinstance(record, BadRecord):
        raise BadCell(record.reason)
    width, cells = len(table.header), record.cells
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        raise BadCell(f"{len(cells)} cells where the header has {width}")
    return Row(columns=columns, cells=cells, part=table.part.name)


def _address(text: str) -> Address:
    try:
        return parse_address(text)
    except AddressRefused as error:
        # The message of the error may quote the address; which part is to blame does not.
        raise BadCell(f"bad address: {error.fault}") from error
