"""A letter as bytes, and as the message that backends of Django's change before they send it."""

import email
import email.policy
import uuid
from email.message import EmailMessage
from email.policy import SMTP, Policy, compat32

import pytest
from django.core.mail import BadHeaderError

from subscriptions.mail import list_headers
from subscriptions.message import Message
from subscriptions.pieces import Body, Piece

LEAVE = "https://papers.example.org/unsubscribe/" + "a1-_" * 40 + "/"
SUBJECTS = {
    "plain": "Papers of today",
    "long": "word " * 23 + "end",
    "one long word": "x" * 120,
    "accents": "Schrödinger’s ñandú and more of that kind, and that, and that",
    "beyond the plane": "🧠 語音识别 e\u0301" * 8,
    "a forged word": "=?utf-8?q?Bcc?= and graphs",
}
every_subject = pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)


@pytest.fixture(autouse=True)
def sender(settings):
    settings.DEFAULT_FROM_EMAIL = '"Ünï, Ç" <papers@bücher.example>'


def letter(subject: str, **headers: str) -> Message:
    text = Body([Piece.of("Good morning.\n"), Piece.of(f"1. {subject}\n"), Piece.of("From here = \n\n")])
    html = Body([Piece.of("<p>"), Piece.of("&#228; " * 300), Piece.of("</p>")])
    listed = list_headers(uuid.uuid4(), LEAVE, "20250926:digest:edition:paperround")
    return Message("ada@example.org", subject, text, html, listed | headers)


def parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def assert_same(raw: bytes, message: Message) -> None:
    mail = parsed(raw)
    text, html = mail.iter_parts()
    [alternative] = message.alternatives
    assert mail["Subject"] == message.subject
    assert text.get_content().replace("\r\n", "\n") == message.body
    assert html.get_content().replace("\r\n", "\n") == alternative.content
    assert mail["List-Unsubscribe"] == f"<{LEAVE}>"
    [sender] = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Ünï, Ç", "papers@xn--bcher-kva.example")
    assert mail.defects == text.defects == html.defects == []


@every_subject
def test_its_bytes_say_exactly_what_it_says(subject: str):
    message = letter(subject)

    assert_same(message.wire(), message)


@every_subject
@pytest.mark.parametrize("linesep", ["\n", "\r\n"])
def test_a_backend_may_add_to_it_and_write_it_anew(subject: str, linesep: str):
    message = letter(subject)
    changed = message.message()
    changed["X-Tag"] = "digest"
    del changed["Feedback-ID"]

    raw = changed.as_bytes(linesep=linesep)  # type: ignore[call-arg]  # as Django's have it

    assert_same(raw, message)
    assert parsed(raw)["X-Tag"] == "digest"
    assert parsed(raw)["Feedback-ID"] is None
    assert max(map(len, raw.split(linesep.encode()))) <= 998


@pytest.mark.parametrize("policy", [compat32, SMTP.clone(refold_source="none")], ids=["compat32", "SMTP"])
@every_subject
def test_a_backend_may_set_a_policy_of_its_own(subject: str, policy: Policy):
    message = letter(subject)
    changed = message.message()
    changed.policy = policy

    mail = parsed(changed.as_bytes())

    assert str(mail["Subject"]).strip() == subject
    assert mail["List-Unsubscribe"].strip() == f"<{LEAVE}>"


@pytest.mark.parametrize("name", ["Subject", "From", "X-Any"])
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"], ids=repr)
def test_a_line_break_in_a_header_is_never_written(name: str, end: str):
    message = letter("Papers", **{name: f"a{end}Bcc: v@example.com"})

    with pytest.raises(BadHeaderError):
        message.wire()


@pytest.mark.parametrize("length", [988, 989, 990, 991, 2_000])
def test_a_header_of_any_length_has_lines_that_servers_take(length: int):
    raw = letter("Papers", **{"X-Any": "word " * (length // 5) + "y" * (length % 5)}).wire()

    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert parsed(raw)["X-Any"].split().count("word") == length // 5
