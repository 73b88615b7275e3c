"""Tables that are safe to open in a spreadsheet: no cell of theirs is taken for a formula.

Pure. What people typed stands in these cells, and a spreadsheet computes whatever begins like a formula.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

# Blanks and quotation marks in front do not keep every program from computing.
_FORMULA = re.compile(r"[\s\"'‘’“”]*[=+\-@\t\r\n＝＋－＠]")


def guard(cell: str) -> str:
    """With an apostrophe in front where it could be taken for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguard(cell: str) -> str:
    """What `guard` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def lines_of(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The rows as lines of CSV (RFC 4180), every cell guarded."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in rows:
        writer.writerow([guard(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
