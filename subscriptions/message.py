"""A letter as a message of Django's, whose parts are encoded already."""

from collections.abc import Mapping
from email import message_from_bytes
from email.header import Header
from email.message import Message as Parsed
from email.policy import compat32
from email.utils import formataddr, formatdate, parseaddr
from functools import lru_cache

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.core.mail.message import EmailAlternative, MIMEMixin, sanitize_address

from subscriptions.pieces import Body

# In quoted-printable an equals sign is followed by two digits or the end of the line.
_BOUNDARY = b"=_paper-round_="
_HEAD_OF_PARTS = (
    b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="' + _BOUNDARY + b'"\r\n\r\n'
)
_HEAD_OF_PART = (
    b"--%s\r\nContent-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
)
_HEAD_OF_TEXT = _HEAD_OF_PART % (_BOUNDARY, b"plain")
_HEAD_OF_HTML = b"\r\n" + _HEAD_OF_PART % (_BOUNDARY, b"html")
_END = b"\r\n--" + _BOUNDARY + b"--\r\n"


class Message(EmailMultiAlternatives):
    """What one person gets, with a text and an HTML part.

    Over SMTP it goes as `wire`, made of parts that were encoded when they were printed; a provider's API
    gets it like any other message of Django's.
    """

    metadata: dict[str, str]
    tags: list[str]
    """Both are Anymail's; nobody else looks at them."""

    def __init__(self, to: str, subject: str, text: Body, html: Body, headers: Mapping[str, str]) -> None:
        super().__init__(
            subject=subject, from_email=settings.DEFAULT_FROM_EMAIL, to=[to], headers=dict(headers)
        )
        self._text, self._html = text, html

    # Made when somebody asks: SMTP does not.

    @property
    def body(self) -> str:
        return self._text.text

    @body.setter
    def body(self, _nothing: str) -> None:
        pass  # as Django's class sets it before there is one

    @property  # type: ignore[override]  # its types are of an older Django
    def alternatives(self) -> list[EmailAlternative]:
        return [EmailAlternative(self._html.text, "text/html")]

    @alternatives.setter
    def alternatives(self, _nothing: list[EmailAlternative]) -> None:
        pass

    def wire(self) -> bytes:
        """All of it in seven bits, with the line ends of SMTP, as every server on the way takes it.

        Raises:
            BadHeaderError: as with `head`.
        """
        return b"".join(
            [
                self.head(),
                _HEAD_OF_PARTS,
                _HEAD_OF_TEXT,
                self._text.wire,
                _HEAD_OF_HTML,
                self._html.wire,
                _END,
            ]
        )

    def head(self) -> bytes:
        """The headers that are its own: all that can still fail, as its parts are encoded already.

        Raises:
            BadHeaderError: a header holds a line break.
        """
        assert not any((self.cc, self.bcc, self.reply_to, self.attachments)), "a letter has none of these"
        headers = {
            "From": self.from_email,
            "To": ", ".join(self.to),
            "Subject": self.subject,
            "Date": formatdate(localtime=settings.EMAIL_USE_LOCALTIME),
            **self.extra_headers,
        }
        return b"".join([_header(name, value) for name, value in headers.items()])

    def message(self) -> Parsed:  # type: ignore[override]
        """For backends that change a message before they send it."""
        return message_from_bytes(self.wire(), _class=_Message, policy=_AS_IT_IS)


class _Message(MIMEMixin, Parsed):  # type: ignore[misc]
    """With the signature of `as_bytes` that Django's backends call."""


# Folded anew, an address to unsubscribe would stand on a line of its own, below an empty one.
_AS_IT_IS = compat32.clone(max_line_length=None)
_LINE = 75
"""Of an encoded word, and so of the line it stands in (RFC 2047, 2)."""


def _header(name: str, value: str) -> bytes:
    plain = value.isascii() and value.isprintable() and "=?" not in value
    if plain and len(name) + len(value) + 2 <= 998:
        return f"{name}: {value}\r\n".encode()
    return _encoded(name, value)


@lru_cache(maxsize=1_024)
def _encoded(name: str, value: str) -> bytes:
    """In encoded words, and folded. Not by Django, whose words are up to three signs too long, or by their
    first one leave a line empty; nor does it take `=?` in a title for the title's.
    """
    if "\r" in value or "\n" in value:
        raise BadHeaderError(f"the header {name} holds a line break")
    if name in {"From", "To"}:
        phrase, address = parseaddr(value)
        address = sanitize_address(address, "utf-8")
        if phrase.isascii():
            return f"{name}: {formataddr((phrase, address))}\r\n".encode()
        return f"{name}: {_words(name, phrase)}\r\n <{address}>\r\n".encode()
    return f"{name}: {_words(name, value)}\r\n".encode()


def _words(name: str, value: str) -> str:
    return Header(value, "utf-8", maxlinelen=_LINE, header_name=name).encode(linesep="\r\n")
