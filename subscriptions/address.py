"""Addresses: what we accept, and when two spellings are one address. Pure."""

from dataclasses import dataclass
from unicodedata import normalize

from email_validator import EmailNotValidError, validate_email


class AddressRefused(ValueError):
    """The address cannot be mailed; the message says why, in words for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Address:
    """`email` is as typed but for white space and the domain's spelling; `key` is for comparing."""

    email: str
    key: str


def parse_address(text: str) -> Address:
    """Check an address strictly and normalise it.

    The domain becomes ASCII (IDNA), so `a@bücher.example` and `a@xn--bcher-kva.example` are one
    subscriber. The local part is case-folded for comparing, since no provider tells cases apart
    (RFC 5321, 2.4 would allow it), but `+tags` and dots stay: they are other mailboxes to some.

    Raises:
        AddressRefused: with a sentence fit for the form.
    """
    try:
        checked = validate_email(text.strip(), check_deliverability=False, strict=True, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise AddressRefused(str(error)) from error
    domain = checked.ascii_domain.lower()
    email = f"{checked.local_part}@{domain}"
    key = f"{normalize('NFC', checked.local_part).casefold()}@{domain}"
    return Address(email=email, key=key)
