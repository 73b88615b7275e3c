"""One letter over one open SMTP conversation, and what its outcome means."""

import smtplib
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a message that was handed over."""

    ACCEPTED = "accepted"
    FAILED = "failed"  # this recipient, for good
    RETRY = "retry"  # surely not sent; this moment is bad
    UNCERTAIN = "uncertain"  # the transport broke off after it may have been taken


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome, its reason in words (without any address), and the provider's id if it gave one."""

    outcome: Outcome
    reason: str = ""
    message_id: str = ""


def send_smtp(smtp: smtplib.SMTP, sender: str, recipient: str, raw: bytes) -> Result:
    """MAIL, RCPT, DATA, one by one, because what an error means depends on where it comes.

    Until the server has asked for the letter it is surely not sent. MAIL names nobody but us, so a
    refusal there is never the recipient's (RFC 5321, 3.3). From the first byte of the letter on, a
    connection that breaks leaves it uncertain.
    """
    try:
        smtp.ehlo_or_helo_if_needed()
        options = [f"size={len(raw)}"] if smtp.has_extn("size") else []
        code, _ = smtp.mail(sender, options)
        if code != 250:
            _reset(smtp)
            return Result(Outcome.RETRY, f"sender refused with SMTP {code}")
        code, _ = smtp.rcpt(recipient)
        if code not in (250, 251):
            _reset(smtp)
            return by_code(code, f"recipient refused with SMTP {code}")
    except OSError as error:  # smtplib's own errors are such, too
        return Result(Outcome.RETRY, f"{type(error).__name__} before the letter")
    try:
        code, _ = smtp.data(raw)
    except smtplib.SMTPDataError as error:  # the server did not ask for the letter
        _reset(smtp)
        return by_code(error.smtp_code, f"SMTP {error.smtp_code}")
    except OSError as error:
        return Result(Outcome.UNCERTAIN, f"{type(error).__name__} in mid-letter")
    if code != 250:
        return by_code(code, f"SMTP {code}")
    return Result(Outcome.ACCEPTED)


def by_code(code: int, reason: str) -> Result:
    """A reply: 4xx is this moment, 5xx for good (RFC 5321, 4.2.1); -1 is smtplib's for nonsense."""
    return Result(Outcome.FAILED if 500 <= code < 600 else Outcome.RETRY, reason)


def _reset(smtp: smtplib.SMTP) -> None:
    with suppress(OSError):
        smtp.rset()
