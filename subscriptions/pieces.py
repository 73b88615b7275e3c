"""Text that is encoded once and sent many times: a letter is joined from pieces. Pure.

Quoted-printable (RFC 2045, 6.7) can be joined where every piece ends in a soft line break, which says that
the line goes on: what the encoded pieces decode to is what their texts are, one after the other.
"""

import re
from binascii import b2a_qp
from collections.abc import Sequence
from typing import NamedTuple

SOFT_BREAK = b"=\r\n"
LONGEST = 76
"""Characters of an encoded line."""


# A blank at the end of a line is escaped without a look at how long the line is.
_TOO_LONG = re.compile(rb"^(.{74,75})(=(?:20|09))$", re.MULTILINE)


class Piece(NamedTuple):
    """Part of a letter: its text, the same as it goes over the wire, and the bytes of the text in UTF-8."""

    text: str
    wire: bytes
    size: int

    @classmethod
    def of(cls, text: str) -> "Piece":
        """Encode a text. Line ends of other kinds become newlines; lone surrogates, `?`."""
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        plain = text.encode("utf-8", "replace")
        encoded = b2a_qp(plain)
        if b"=20\n" in encoded or b"=09\n" in encoded:
            encoded = _TOO_LONG.sub(rb"\1=\n\2", encoded)
        last = len(encoded) - encoded.rfind(b"\n") - 1
        if last >= LONGEST:  # no room for the break; and none within an escape
            cut = 3 if encoded[-3:-2] == b"=" else 1
            encoded = encoded[:-cut] + b"=\n" + encoded[-cut:]
        return cls(text, encoded.replace(b"\n", b"\r\n") + SOFT_BREAK, len(plain))


NOTHING = Piece.of("")


class Body(NamedTuple):
    """The text of a part of a message."""

    pieces: Sequence[Piece]

    @property
    def text(self) -> str:
        return "".join([piece.text for piece in self.pieces])

    @property
    def wire(self) -> bytes:
        """For a part with `Content-Transfer-Encoding: quoted-printable`."""
        return b"".join([piece.wire for piece in self.pieces])

    @property
    def size(self) -> int:
        """Bytes of the text in UTF-8."""
        return sum([piece.size for piece in self.pieces])


def ascii_html(html: str) -> str:
    """The same for a browser, in seven bits: no server or client on the way can take it for another
    alphabet, it is shorter encoded, and quicker joined.
    """
    return html if html.isascii() else html.encode("ascii", "xmlcharrefreplace").decode("ascii")


def split(text: str, marks: Sequence[str]) -> list[Piece | str]:
    """Cut a text at marks, each of which it may hold any number of times: pieces, and the marks between."""
    parts: list[Piece | str] = []
    while True:
        place, mark = min(((text.find(mark), mark) for mark in marks if mark in text), default=(-1, ""))
        if not mark:
            break
        parts += [Piece.of(text[:place]), mark]
        text = text[place + len(mark) :]
    return [*parts, Piece.of(text)]
