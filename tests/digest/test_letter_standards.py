"""What standards and receivers ask of every letter, on every way it may leave.

Each requirement is a function of a letter as it was handed over. Their ids are those of the standards:
FMT, HDR, MIME of RFC 5322, 2045 to 2047; LIST, LU of RFC 2919, 2369 and 8058; AUTO of RFC 3834.
"""

import email
import email.policy
import re
from collections.abc import Callable
from unicodedata import normalize

import pytest

from digest.models import Delivery
from subscriptions.mail import MAX_SUBJECT, message_id
from tests.digest.letters.cases import HOUSE, SITE, Letter, sent_by
from tests.digest.letters.handed import mailbox
from tests.digest.letters.providers import WAYS
from tests.subscriptions.letters import URL, Shown

pytestmark = pytest.mark.django_db

Requirement = Callable[[Letter], None]
REQUIREMENTS: dict[str, Requirement] = {}

ONCE = {"from", "to", "subject", "date", "message-id", "mime-version"}
NOT_OURS = {"cc", "bcc", "sender", "reply-to", "in-reply-to", "references", "return-path"}
A_PROVIDER_WRITES = {"from", "to", "subject", "date", "mime-version", "content-type"}
ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bq]\?[^?\s]*\?=", re.IGNORECASE)


def requirement(name: str) -> Callable[[Requirement], Requirement]:
    def keep(check: Requirement) -> Requirement:
        REQUIREMENTS[name] = check
        return check

    return keep


# --- Bytes ----------------------------------------------------------------------------------


def head_of(letter: Letter) -> str:
    return letter.handed.raw.partition(b"\r\n\r\n")[0].decode("ascii")


@requirement("FMT-998")
def no_line_is_longer_than_a_server_takes(letter: Letter) -> None:
    lines = letter.handed.raw.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines), "bare CR or LF"
    assert max(map(len, lines)) <= 998
    for line in letter.handed.raw.partition(b"\r\n\r\n")[2].split(b"\r\n"):
        assert len(line) <= 76, "quoted-printable"
    for name, value in letter.handed.headers:
        assert len(f"{name}: {value}") <= 998


@requirement("FMT-ASCIIHDR")
def headers_are_ascii_and_the_subject_comes_back_as_it_was(letter: Letter) -> None:
    assert letter.handed.raw.isascii()
    for name, value in letter.handed.headers:
        assert f"{name}: {value}".isascii()
    subject = letter.handed.subject
    assert subject == letter.row.subject
    start = " ".join(letter.title.split())[:40]
    assert normalize("NFC", subject).startswith(normalize("NFC", start))


@requirement("FMT-2047")
def encoded_words_are_short_and_stand_where_they_may(letter: Letter) -> None:
    for line in head_of(letter).split("\r\n"):
        words = ENCODED_WORD.findall(line)
        assert all(len(word) <= 75 for word in words), words
        assert not words or len(line) <= 76, line
    outside = head_of(letter).replace("\r\n", "")
    assert not re.search(r'"[^"]*=\?[^"]*"', outside), "within quotation marks"
    assert not re.search(r"<[^>]*=\?[^>]*>", outside), "within an address"


@requirement("MIME-ORDER")
def the_text_stands_before_the_html_and_both_are_utf8_in_seven_bits(letter: Letter) -> None:
    assert letter.handed.text
    assert letter.handed.html.startswith("<!doctype html>")
    if not letter.handed.raw:
        return  # the provider puts them together
    mail = email.message_from_bytes(letter.handed.raw, policy=email.policy.default)
    assert mail.get_content_type() == "multipart/alternative"
    parts = list(mail.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in parts] == ["utf-8", "utf-8"]
    assert [part["Content-Transfer-Encoding"] for part in parts] == ["quoted-printable"] * 2
    assert [one.defects for one in (mail, *parts)] == [[], [], []]


# --- Headers --------------------------------------------------------------------------------


@requirement("HDR-once")
def no_header_stands_twice(letter: Letter) -> None:
    names = [name.lower() for name, _ in letter.handed.headers]
    if letter.handed.raw:
        names = [line.partition(":")[0].lower() for line in re.split(r"\r\n(?! )", head_of(letter))]
        assert set(names) >= ONCE
    else:
        assert not set(names) & A_PROVIDER_WRITES, "that would make two"
        assert "message-id" in names
    assert len(names) == len(set(names))
    assert not set(names) & NOT_OURS


@requirement("HDR-FROM1")
def the_sender_is_one_mailbox_of_the_whole_name(letter: Letter) -> None:
    assert letter.handed.sender == (letter.case.name, letter.case.sender_address)


@requirement("HDR-TO")
@requirement("HDR-ONE-RCPT")
def it_goes_to_its_one_reader_and_shows_nobody_else(letter: Letter) -> None:
    assert letter.handed.to == letter.handed.recipients == (letter.to,)
    assert mailbox(letter.to) == ("", letter.to)
    assert re.findall(r"\b(?:b?cc|Reply-To|ReplyTo)\b", head_of(letter)) == []


@requirement("IDN")
def every_address_is_written_in_ascii(letter: Letter) -> None:
    assert "".join((letter.handed.sender[1], *letter.handed.to, *letter.handed.recipients)).isascii()
    assert letter.case.reader != "Ada.B+papers@Bücher.example" or letter.handed.to == (
        "Ada.B+papers@xn--bcher-kva.example",
    )


@requirement("HDR-MID")
def the_message_id_is_made_of_the_row_under_our_domain(letter: Letter) -> None:
    domain = letter.case.sender_address.rpartition("@")[2]
    assert letter.handed.header("Message-ID") == [f"<{letter.public_id.hex}@{domain}>"]
    assert letter.row.subscriber is not None
    assert letter.row.subscriber.public_id.hex not in letter.handed.header("Message-ID")[0]


@requirement("HDR-SUBJ")
def no_header_holds_a_line_break_or_other_control_character(letter: Letter) -> None:
    headers = [letter.handed.subject, *letter.handed.sender, *letter.handed.to]
    headers += [part for header in letter.handed.headers for part in header]
    assert [header for header in headers if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", header)] == []
    assert 0 < len(letter.handed.subject) <= MAX_SUBJECT
    assert letter.handed.subject == letter.handed.subject.strip()


@requirement("LIST-ID")
def a_digest_names_its_list(letter: Letter) -> None:
    own = f'"Paper Round" <{HOUSE["LIST_ID"]}>'
    assert letter.handed.header("List-Id") == ([own] if letter.is_digest else [])


@requirement("LU-NOHTTP")
@requirement("LU-HTTPS")
def a_digest_has_one_https_address_to_leave_by(letter: Letter) -> None:
    if not letter.is_digest:
        assert letter.handed.header("List-Unsubscribe") == []
        return
    [value] = letter.handed.header("List-Unsubscribe")
    assert re.fullmatch(rf"<{re.escape(SITE)}/unsubscribe/[\w:.-]+/>", value)
    assert value[1:-1] in letter.handed.text
    assert value[1:-1] in Shown(letter.handed.html).links


@requirement("LU-POST")
def a_digest_can_be_left_with_one_click(letter: Letter) -> None:
    one_click = ["List-Unsubscribe=One-Click"]
    assert letter.handed.header("List-Unsubscribe-Post") == (one_click if letter.is_digest else [])


@requirement("FBL-ID")
def a_digest_has_a_feedback_id_that_names_nobody(letter: Letter) -> None:
    own = ["20250926:digest:edition:paperround"]
    assert letter.handed.header("Feedback-ID") == (own if letter.is_digest else [])
    assert all(5 <= len(value.split(":")[3]) <= 15 for value in letter.handed.header("Feedback-ID"))


@requirement("AUTO-SUB")
def an_answer_says_it_is_automatic_and_a_digest_is_none(letter: Letter) -> None:
    assert letter.handed.header("Auto-Submitted") == ([] if letter.is_digest else ["auto-generated"])


# --- Both parts -----------------------------------------------------------------------------


@requirement("TXT-PARITY")
def the_text_says_what_the_html_says(letter: Letter) -> None:
    text, shown = letter.handed.text, Shown(letter.handed.html)
    words = set(re.findall(r"\w{4,}", shown.words.lower()))
    told = words & set(re.findall(r"\w{4,}", text.lower()))
    assert len(told) >= 0.7 * len(words), sorted(words - told)
    assert {link for link in shown.links if link not in text} == set()
    assert {link for link in shown.links if not link.startswith("https://")} == set()
    prose = URL.sub("", text)
    assert not re.search(r"</?[a-z!]|&#?\w+;|\{[{%#]|[}%#]\}|%\(|\bNone\b", prose), "marks of a template"
    for part in (text, letter.handed.html, letter.handed.subject):
        assert not re.search(r"slot-|cut-", part)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_letter_obeys(name: str, way: str):
    for letter in sent_by(way):
        try:
            REQUIREMENTS[name](letter)
        except AssertionError as error:
            error.add_note(f"The letter: {letter.name}, by {way}")
            raise


def test_hdr_mid_ten_thousand_are_all_different():
    assert len({message_id(Delivery().public_id) for _ in range(10_000)}) == 10_000
