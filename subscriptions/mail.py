"""The envelope of every letter: compose it, and the last gate before any send."""

import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parseaddr
from functools import cache, lru_cache

from anymail.exceptions import (
    AnymailAPIError,
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
)
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.core.mail.message import sanitize_address
from django.template.loader import render_to_string
from django.urls import reverse

from subscriptions.address import AddressRefused, parse_address
from subscriptions.message import Message
from subscriptions.mjml import compile_mjml
from subscriptions.models import Notice, Subscriber
from subscriptions.pieces import Body, Piece, ascii_html
from subscriptions.smtp import Outcome, Result, send_smtp
from subscriptions.tokens import ANSWERS, Purpose, make_token

MAX_HTML = 102_400
"""Bytes of HTML beyond which Gmail clips a mail."""

MAX_SUBJECT = 120
SMTP_OK = 250
NEVER_CONNECTED = {
    *("NewConnectionError", "ConnectTimeoutError", "ConnectTimeout", "EndpointConnectionError"),
    "NoCredentialsError",
}
"""Names of errors of urllib3, requests and botocore: nothing was sent."""
SES_LATER = re.compile("throttl|toomanyrequests|limitexceeded|sendingpaused|accountsuspended", re.IGNORECASE)
"""In codes of Amazon SES, which come with status 400: not the letter's fault, but this moment's."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Excluded(Exception):
    """This person must not be mailed at this moment; the message is the reason kept in the ledger."""


class LetterRefused(Exception):
    """This letter must not leave; the message is the reason kept in the ledger."""


class LetterTooLarge(LetterRefused):
    """The HTML of this letter is larger than `MAX_HTML`."""


def link(purpose: Purpose, subject: Subscriber | Notice) -> str:
    """The absolute address of a token page: of a subscriber, or of the letter it is the answer to."""
    return f"{settings.SITE_URL}{reverse(f'subscriptions:{purpose}', args=[token_for(purpose, subject)])}"


def token_for(purpose: Purpose, subject: Subscriber | Notice) -> str:
    assert isinstance(subject, Notice) == (purpose in ANSWERS), f"a link to {purpose} names the other kind"
    subscriber = subject.subscriber if isinstance(subject, Notice) else subject
    return make_token(purpose, public_id=subject.public_id, epoch=subscriber.token_epoch)


def house_values() -> dict[str, object]:
    """What every letter says of the house."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "postal_address": settings.POSTAL_ADDRESS,
        "manage_url": settings.SITE_URL + _manage_path(),
    }


@cache
def _manage_path() -> str:
    return reverse("subscriptions:manage")


def subject_of(letter: str, values: Mapping[str, object]) -> str:
    return one_line(render_to_string(f"emails/{letter}/subject.txt", dict(values)))[:MAX_SUBJECT]


def compose(
    letter: str,
    subscriber: Subscriber,
    context: Mapping[str, object],
    *,
    message_uuid: uuid.UUID,
    to: str = "",
) -> Message:
    """Make one letter from the folder `templates/emails/<letter>/`: the answer to something a person did.

    Raises:
        LetterTooLarge: the HTML is larger than `MAX_HTML`.
        MjmlError: the template does not compile.
    """
    values = {**house_values(), "unsubscribe_url": link(Purpose.UNSUBSCRIBE, subscriber), **context}
    text = tidy(render_to_string(f"emails/{letter}/body.txt", values))
    html = Piece.of(ascii_html(compile_mjml(render_to_string(f"emails/{letter}/body.mjml", values))))
    if html.size > MAX_HTML:
        raise LetterTooLarge(f"the HTML has {html.size} bytes; {MAX_HTML} is the limit")
    # It answers, and says so (RFC 3834).
    headers = {"Message-ID": message_id(message_uuid), "Auto-Submitted": "auto-generated"}
    return Message(
        to or subscriber.email, subject_of(letter, values), Body([Piece.of(text)]), Body([html]), headers
    )


def list_headers(message_uuid: uuid.UUID, unsubscribe_url: str, feedback_id: str) -> dict[str, str]:
    """Those of list mail (RFC 2369, 2919, 8058). `message_uuid` makes the Message-ID, so the same letter
    tried again carries the same one.
    """
    return {
        "Message-ID": message_id(message_uuid),
        "List-Id": _list_id(settings.SITE_NAME, settings.LIST_ID),
        "List-Unsubscribe": f"<{unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": feedback_id,
    }


def message_id(message_uuid: uuid.UUID) -> str:
    return f"<{message_uuid.hex}@{_sender_domain(settings.DEFAULT_FROM_EMAIL)}>"


def send(message: Message, connection: BaseEmailBackend) -> Result:
    """Hand one message over an open connection and say what became of it.

    Never raises for what a transport does: an error is sorted into one of the outcomes, by what
    Anymail is known to mean with it. Whatever is not surely "not sent" is uncertain.
    """
    if isinstance(connection, SmtpBackend):
        try:
            connection.open()
        except OSError as error:
            return Result(Outcome.RETRY, f"no connection ({type(error).__name__})")
        _, sender = parseaddr(sanitize_address(message.from_email, "utf-8"))
        assert connection.connection is not None
        return send_smtp(connection.connection, sender, message.to[0], message.wire())
    try:
        sent = connection.send_messages([message])
    except (AnymailRecipientsRefused, AnymailInvalidAddress):
        return Result(Outcome.FAILED, "recipient refused by the provider")
    except AnymailAPIError as error:
        return _by_answer(error)
    except (AnymailError, ValueError) as error:
        return Result(Outcome.FAILED, f"{type(error).__name__}: the letter could not be handed over")
    except OSError as error:
        return Result(Outcome.UNCERTAIN, f"{type(error).__name__} in mid-conversation")
    if not sent:
        return Result(Outcome.FAILED, "the transport sent nothing")
    status = getattr(message, "anymail_status", None)
    told = set(getattr(status, "status", None) or ())
    if told & {"failed", "rejected", "invalid"}:
        return Result(Outcome.FAILED, f"the provider says: {', '.join(sorted(told))}")
    if "unknown" in told:
        return Result(Outcome.UNCERTAIN, "the provider's answer says neither yes nor no")
    return Result(Outcome.ACCEPTED, message_id=str(getattr(status, "message_id", None) or "")[:255])


class Line:
    """A connection to the mail transport, opened when first needed and anew after it broke."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend = get_connection()
        self._open = False

    def ready(self) -> None:
        """Make sure that somebody listens, before a message is counted as handed over.

        Raises:
            OSError: (smtplib's errors are such) there is no way to reach the transport.
        """
        smtp = getattr(self._backend, "connection", None)
        if self._open and smtp is not None and hasattr(smtp, "noop"):
            # Servers hang up after so many letters or seconds; better met here than in mid-letter.
            try:
                self._open = smtp.noop()[0] == SMTP_OK
            except OSError:
                self._open = False
        if not self._open:
            self.close()
            self._backend.open()
            self._open = True

    def send(self, message: Message) -> Result:
        """Hand one message over and say what became of it; see `send`."""
        result = send(message, self._backend)
        self._open = result.outcome is Outcome.ACCEPTED or result.outcome is Outcome.FAILED
        return result

    def close(self) -> None:
        with suppress(OSError):
            self._backend.close()
        self._open = False


def check_envelope(message: EmailMultiAlternatives, address: str) -> None:
    """The last gate: exactly one recipient, the given address, and no line break in any header.

    Anymail hands line breaks and comma lists to the provider as they are, so both are refused
    here, whatever made them; so is what is not ASCII, over which a conversation in SMTP would break.

    Raises:
        LetterRefused: otherwise.
    """
    plain = "@" in address and address.isascii() and not _CONTROL.search(address)
    plain = plain and parseaddr(address) == ("", address)
    if message.recipients() != [address] or not plain:
        raise LetterRefused("the envelope is not addressed to this one subscriber")
    headers = (*message.extra_headers.values(), *message.reply_to)
    for value in (message.subject, message.from_email, *headers):
        if _CONTROL.search(str(value)):
            raise LetterRefused("a header holds a line break or control character")


def _by_answer(error: AnymailAPIError) -> Result:
    """An HTTP answer: refused at the door is surely not sent, an error within may have been."""
    answer = getattr(error, "response", None)
    code = _nested(answer, "Error", "Code")
    if SES_LATER.search(code):
        return Result(Outcome.RETRY, f"the provider answered {code}")
    # Amazon's library has the status elsewhere.
    status = getattr(error, "status_code", None) or int(
        _nested(answer, "ResponseMetadata", "HTTPStatusCode") or 0
    )
    if not status:
        if _never_connected(error):
            return Result(Outcome.RETRY, "the provider cannot be reached")
        return Result(Outcome.UNCERTAIN, "the provider broke off its answer")
    reason = f"the provider answered {status}"
    if status in (401, 403, 408, 425, 429, 503):
        return Result(Outcome.RETRY, reason)
    if 400 <= status < 500:
        return Result(Outcome.FAILED, reason)
    return Result(Outcome.UNCERTAIN, reason)


def _never_connected(error: BaseException) -> bool:
    """Whether what lies behind an error is that no connection came about at all."""
    behind: list[object] = [error]
    for cause in behind:
        if type(cause).__name__ in NEVER_CONNECTED:
            return True
        if isinstance(cause, BaseException) and len(behind) < 50:
            behind += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
    return False


def _nested(value: object, *names: str) -> str:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return str(value or "")


def one_line(text: str) -> str:
    """Control characters and white space folded, for subjects and other headers."""
    return " ".join(_CONTROL.sub(" ", text).split())


def tidy(text: str) -> str:
    """At most one empty line in a row: template tags leave theirs behind."""
    lines = [line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


@lru_cache(maxsize=8)
def _list_id(name: str, own: str) -> str:
    """With the name before it where that is plain: providers that put headers together themselves decode
    what is encoded, and Brevo sends the outcome in eight bits.
    """
    plain = one_line(name).replace("\\", "").replace('"', "")
    return f'"{plain}" <{own}>' if plain.isascii() else f"<{own}>"


@lru_cache(maxsize=8)
def _sender_domain(sender: str) -> str:
    _, address = parseaddr(sender)
    try:
        return parse_address(address).key.rpartition("@")[2]
    except AddressRefused:
        return str(settings.SITE_HOST)
