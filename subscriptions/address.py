"""Addresses: what we accept, and when two spellings are one address. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from unicodedata import normalize

from email_validator import EmailNotValidError, validate_email


class AddressRefused(ValueError):
    """The address cannot be mailed; the message says why, and `fault` which part is to blame."""

    def __init__(self, message: str, fault: "Fault | None" = None) -> None:
        super().__init__(message)
        self.fault = fault or Fault.OTHER


class Fault(StrEnum):
    NO_AT = "no @"
    LETTERS = "letters other than ASCII before the @"
    LOCAL = "what stands before the @"
    DOMAIN = "what stands after the @"
    OTHER = "something else"


DOTLESS = {"gmail.com", "googlemail.com"}
"""Their servers do not tell dots apart."""


@dataclass(frozen=True, slots=True)
class Address:
    """`email` is as typed but for white space and the domain's spelling; `key` is for comparing."""

    email: str
    key: str

    @property
    def domain(self) -> str:
        return self.key.rpartition("@")[2]

    @property
    def mailbox(self) -> str:
        """Where the mail ends up, as far as spelling tells: for limits, never for who somebody is."""
        local, _, domain = self.key.rpartition("@")
        local = local.partition("+")[0] or local
        return f"{local.replace('.', '') if domain in DOTLESS else local}@{domain}"


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
        raise AddressRefused(str(error), _fault_of(text.strip())) from error
    domain = checked.ascii_domain.lower()
    email = f"{checked.local_part}@{domain}"
    key = f"{normalize('NFC', checked.local_part).casefold()}@{domain}"
    return Address(email=email, key=key)


def _fault_of(text: str) -> Fault:
    local, at, _ = text.rpartition("@")
    if not at:
        return Fault.NO_AT
    if not local.isascii():
        # A mailbox named in other scripts (RFC 6531) needs every server on the way to know of it.
        return Fault.LETTERS
    try:
        validate_email(f"{local}@example.org", check_deliverability=False, strict=True, test_environment=True)
    except EmailNotValidError:
        return Fault.LOCAL
    return Fault.DOMAIN
