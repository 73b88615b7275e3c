"""The last gate before any send."""

import pytest
from django.core.mail import EmailMultiAlternatives

from subscriptions.mail import LetterRefused, check_envelope

ADA = "ada@example.org"


def letter(to: list[str] | None = None, **fields: object) -> EmailMultiAlternatives:
    values: dict[str, object] = {
        "subject": "Papers",
        "body": "Papers",
        "from_email": "Paper Round <papers@example.org>",
        "to": [ADA] if to is None else to,
        **fields,
    }
    return EmailMultiAlternatives(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("address", [ADA, "Ada.B+papers@xn--bcher-kva.example", "o'neil@example.org"])
def test_a_letter_to_its_one_subscriber_may_pass(address):
    check_envelope(letter([address]), address)


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org, eve@example.org",
        "ada@example.org,eve@example.org",
        "ada@example.org,",
        "ada@example.org; eve@example.org",
        "ada@example.org eve@example.org",
        "ada@example.org\nBcc: eve@example.org",
        "ada@example.org\r\n",
        "ada@example.org\r",
        "ada@example.org\x00",
        "ada@example.org\x85",
        "ada@example.org\N{LINE SEPARATOR}",
        "<ada@example.org>",
        "Ada <ada@example.org>",
        "ada@example.org (Ada)",
        "friends: ada@example.org, eve@example.org;",
        " ada@example.org",
        "ada",
        "",
    ],
    ids=repr,
)
def test_what_is_not_one_plain_address_is_refused_even_if_it_is_the_one_on_file(address):
    with pytest.raises(LetterRefused, match="envelope"):
        check_envelope(letter([address]), address)


@pytest.mark.parametrize(
    "fields",
    [
        {"to": ["eve@example.org"]},
        {"to": [ADA, "eve@example.org"]},
        {"to": [ADA, ADA]},
        {"to": []},
        {"cc": ["eve@example.org"]},
        {"bcc": ["eve@example.org"]},
        {"to": [], "bcc": [ADA, "eve@example.org"]},
    ],
    ids=repr,
)
def test_a_letter_to_anybody_else_is_refused(fields):
    with pytest.raises(LetterRefused, match="envelope"):
        check_envelope(letter(**fields), ADA)


@pytest.mark.parametrize(
    "breaker", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x7f", "\x85", "\N{LINE SEPARATOR}"], ids=repr
)
@pytest.mark.parametrize(
    "fields",
    [
        lambda value: {"subject": value},
        lambda value: {"from_email": f"{value} <papers@example.org>"},
        lambda value: {"headers": {"List-Id": value}},
        lambda value: {"headers": {"X-Anything": value}},
        lambda value: {"reply_to": [value]},
    ],
    ids=["subject", "sender", "list id", "header", "reply-to"],
)
def test_a_line_break_in_any_header_is_refused(fields, breaker):
    with pytest.raises(LetterRefused, match="header"):
        check_envelope(letter(**fields(f"a{breaker}Bcc: eve@example.org")), ADA)


def test_the_refusal_names_no_address():
    with pytest.raises(LetterRefused) as refusal:
        check_envelope(letter(["eve@example.org"]), ADA)

    assert "@" not in str(refusal.value)
