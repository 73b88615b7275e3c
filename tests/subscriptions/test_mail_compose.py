"""A letter as the bytes that leave: headers, parts, lines."""

import email
import email.policy
import re
import uuid
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage, Message
from html import unescape

import pytest

from subscriptions.mail import MAX_HTML, LetterRefused, compose, link, list_headers, one_line
from subscriptions.mjml import MjmlError
from subscriptions.models import Subscriber
from subscriptions.tokens import ANSWERS, Purpose, read_token
from tests.factories import make_subscriber
from tests.subscriptions.owed import owe

pytestmark = pytest.mark.django_db

LETTER = uuid.UUID("0b0c0d0e-0000-4000-8000-00000000abcd")
ONCE = {"from", "to", "subject", "date", "message-id", "mime-version"}
AT_MOST_ONCE = {"cc", "bcc", "sender", "reply-to", "in-reply-to", "references"}
CONFIRMATION = {"confirm_url": "https://papers.example/confirm/token/", "valid_hours": 72}
HOSTILE = '</mj-text><script>alert("x")</script>{{ site_url }}{% now "Y" %} & <b>bold</b> \\ $x<y$'


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://papers.example"
    settings.SITE_NAME = "Paper Round"
    settings.LIST_ID = "daily.papers.example"
    settings.DEFAULT_FROM_EMAIL = '"Paper Round" <papers@papers.example>'
    settings.POSTAL_ADDRESS = "1 Long Lane, Town"


def raw(
    letter: str = "confirmation",
    subscriber: Subscriber | None = None,
    context: Mapping[str, object] = CONFIRMATION,
    *,
    message_uuid: uuid.UUID = LETTER,
    listed: bool = False,
    feedback_id: str = "20250926:digest:edition:paperround",
) -> bytes:
    """The letter as SMTP would carry it."""
    message = compose(
        letter,
        subscriber or Subscriber.objects.first() or make_subscriber("ada@example.org"),
        context,
        message_uuid=message_uuid,
    )
    if listed:
        leave = link(Purpose.UNSUBSCRIBE, Subscriber.objects.get())
        message.extra_headers = list_headers(message_uuid, leave, feedback_id)
    return message.wire()


def parsed(letter: bytes) -> EmailMessage:
    return email.message_from_bytes(letter, policy=email.policy.default)


def headers(letter: bytes) -> bytes:
    return letter.partition(b"\r\n\r\n")[0]


def leaves(letter: bytes) -> list[Message]:
    return [part for part in parsed(letter).walk() if not part.is_multipart()]


def body(letter: bytes, subtype: str) -> str:
    part = parsed(letter).get_body(preferencelist=(subtype,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


# --- list headers -----------------------------------------------------------------------


def test_list_mail_can_be_left_with_one_click():
    subscriber = make_subscriber("ada@example.org")

    mail = parsed(raw(subscriber=subscriber, listed=True))

    [target] = re.findall(r"<([^<>]+)>", mail["List-Unsubscribe"])
    assert mail["List-Unsubscribe"].strip() == f"<{target}>", "one address and no other word"
    assert target.startswith("https://papers.example/unsubscribe/")
    assert target.endswith("/"), "without the slash the POST would meet a redirect"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = target.removesuffix("/").rpartition("/")[2]
    assert read_token(Purpose.UNSUBSCRIBE, token).public_id == subscriber.public_id


def test_list_mail_names_its_list():
    mail = parsed(raw(listed=True))

    assert mail["List-Id"] == '"Paper Round" <daily.papers.example>'


@pytest.mark.parametrize(
    "name", ["Café Papers", "论文速递", 'The "Paper" Round, Inc.', "A \\ B (C)", "x" * 100, "Полоса " * 15]
)
def test_the_name_of_the_list_cannot_break_its_id(settings, name):
    """RFC 2919: the id stands in angle brackets at the end, readable to a filter that decodes nothing."""
    settings.SITE_NAME = name

    [value] = re.findall(rb"(?im)^List-Id:(.*)$", headers(raw(listed=True)).replace(b"\r\n ", b" "))

    assert value.endswith(b"<daily.papers.example>\r"), value


def test_list_mail_is_no_automatic_answer():
    assert parsed(raw(listed=True))["Auto-Submitted"] is None


def test_a_letter_to_one_person_is_no_list_mail_and_says_it_is_automatic():
    mail = parsed(raw(listed=False))

    assert mail["Auto-Submitted"] == "auto-generated"
    assert [name for name in mail if name.lower().startswith("list-")] == []


def test_list_mail_has_a_feedback_id():
    assert parsed(raw(listed=True))["Feedback-ID"] == ("20250926:digest:edition:paperround")
    assert parsed(raw(listed=False))["Feedback-ID"] is None


# --- every header -----------------------------------------------------------------------


@pytest.mark.parametrize("listed", [True, False])
def test_no_header_stands_twice(listed):
    names = [name.lower() for name in parsed(raw(listed=listed))]

    assert {name: names.count(name) for name in ONCE} == dict.fromkeys(ONCE, 1)
    assert not AT_MOST_ONCE & set(names)
    assert len(names) == len(set(names))


def test_the_letter_shows_its_one_recipient():
    mail = parsed(raw(subscriber=make_subscriber("Ada.Lovelace+papers@Bücher.example")))

    assert mail["To"].addresses == (Address(addr_spec="Ada.Lovelace+papers@xn--bcher-kva.example"),)


def test_the_message_id_is_ours_the_same_on_a_retry_and_another_for_another_letter():
    subscriber = make_subscriber("ada@example.org")
    first, again, other = (
        parsed(raw(subscriber=subscriber, message_uuid=one))["Message-ID"]
        for one in (LETTER, LETTER, uuid.uuid4())
    )

    assert first == again == f"<{LETTER.hex}@papers.example>"
    assert other != first


def test_the_message_id_of_a_sender_beyond_ascii_is_ascii(settings):
    settings.DEFAULT_FROM_EMAIL = "Papers <papers@bücher.example>"

    assert f"Message-ID: <{LETTER.hex}@xn--bcher-kva.example>".encode() in headers(raw())


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("papers@papers.example", ""),
        ('"Widgets, Inc." <papers@papers.example>', "Widgets, Inc."),
        ('"A (B)" <papers@papers.example>', "A (B)"),
        ('"Ünï, Ç" <papers@papers.example>', "Ünï, Ç"),
        ("论文速递 <papers@papers.example>", "论文速递"),
    ],
)
def test_the_sender_is_one_mailbox_whatever_its_name(settings, sender, name):
    settings.DEFAULT_FROM_EMAIL = sender

    [mailbox] = parsed(raw())["From"].addresses

    assert (mailbox.display_name, mailbox.addr_spec) == (name, "papers@papers.example")


@pytest.mark.parametrize(
    "title",
    [
        "Retrieval",
        "Schrödinger’s ñandú",
        "语音识别 \N{GRINNING FACE} e\N{COMBINING ACUTE ACCENT}",
        "x" * 110,
        "語" * 110,
    ],
)
def test_a_subject_comes_out_as_it_went_in(made_up, title):
    letter = raw(
        made_up(subject="{% autoescape off %}{{ title }}{% endautoescape %}"), context={"title": title}
    )

    assert parsed(letter)["Subject"].strip() == title
    assert headers(letter).isascii()
    for word in re.findall(rb"=\?[^\s]+\?=", headers(letter)):
        assert len(word) <= 75


def test_a_subject_is_one_line_of_120_characters(made_up):
    title = "a\r\nBcc: eve@example.org\x00\x85\N{LINE SEPARATOR}b" + " word" * 100

    subject = parsed(raw(made_up(subject="{{ title }}"), context={"title": title}))["Subject"]

    assert subject.startswith("a Bcc: eve@example.org b word word")
    assert len(subject) <= 120


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\n b", "a b"),
        ("  a \t b  ", "a b"),
        ("a\x00\x07b\x85c\N{LINE SEPARATOR}d\N{PARAGRAPH SEPARATOR}e", "a b c d e"),
        ("\n", ""),
        ("", ""),
        ("caf\N{LATIN SMALL LETTER E WITH ACUTE}", "café"),
    ],
)
def test_one_line_folds_control_characters_and_white_space(text, line):
    assert one_line(text) == line


# --- bytes and parts --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Paper Round", "Jürgens 论文"])
def test_the_plain_part_stands_before_the_html_and_both_name_their_charset(settings, name):
    settings.SITE_NAME = name
    letter = raw()

    assert parsed(letter).get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in leaves(letter)] == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in leaves(letter)] == ["utf-8", "utf-8"]
    assert headers(letter).isascii()


@pytest.mark.parametrize("name", ["Paper Round", "Jürgens 论文"])
def test_the_bytes_of_a_letter_survive_a_server_of_seven_bits(settings, name):
    """MIME-ORDER: quoted-printable or base64 wherever there is more than ASCII, never 8bit."""
    settings.SITE_NAME = name
    letter = raw()

    assert letter.isascii()
    for part in leaves(letter):
        assert part["Content-Transfer-Encoding"] in ("7bit", "quoted-printable", "base64")
    assert name in body(letter, "plain")
    assert name in unescape(body(letter, "html"))


@pytest.mark.parametrize(
    "text",
    [
        "word " * 1000,
        "x" * 5000,
        "https://example.org/" + "x" * 800,
        "語" * 1700,
        ("x" * 900 + "\N{LINE SEPARATOR}") * 5,
    ],
    ids=["words", "one word", "link", "beyond ASCII", "line separators"],
)
def test_no_line_is_longer_than_998_octets(made_up, text):
    letter = raw(made_up(text="{{ text }}", mjml="<mj-text>{{ text }}</mj-text>"), context={"text": text})

    assert max(len(line) for line in letter.split(b"\r\n")) <= 998
    assert text.strip() in unescape(body(letter, "html"))


def test_lines_end_with_cr_and_lf_only():
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw())


def test_html_of_more_than_102_400_bytes_is_refused(made_up):
    letter = made_up(mjml="<mj-text>{{ text }}</mj-text>")
    frame = len(body(raw(letter, context={"text": ""}), "html").encode())

    raw(letter, context={"text": "x" * (MAX_HTML - frame - 100)})
    with pytest.raises(LetterRefused, match=r"the HTML has \d+ bytes; 102400 is the limit"):
        raw(letter, context={"text": "x" * (MAX_HTML - frame + 100)})


def test_bytes_count_and_not_characters(made_up):
    with pytest.raises(LetterRefused, match="bytes"):
        raw(made_up(mjml=f"<mj-text>{'語' * 40_000}</mj-text>"), context={})


def test_a_template_that_is_not_mjml_is_refused(made_up):
    with pytest.raises(MjmlError):
        raw(made_up(mjml="<mj-unheard-of>hello</mj-unheard-of>"), context={})


def test_hostile_words_are_text_in_html_and_stand_as_they_are_in_the_plain_part(made_up):
    letter = raw(
        made_up(
            text="{% autoescape off %}{{ text }}{% endautoescape %}",
            mjml='<mj-text>{{ text }}</mj-text><mj-button href="{{ text }}">{{ text }}</mj-button>',
        ),
        context={"text": HOSTILE},
    )

    html = body(letter, "html")
    assert "<script" not in html
    assert "<b>bold" not in html
    assert "&lt;script&gt;" in html
    assert HOSTILE in body(letter, "plain")


def test_empty_lines_that_template_tags_leave_are_folded(made_up):
    letter = raw(made_up(text="\n\n\none  \n\n\n\n\ntwo\n{% if 0 %}{% endif %}\n\n\n"), context={})

    assert body(letter, "plain") == "one\n\ntwo\n"


def test_every_letter_can_show_the_site_and_the_way_out(made_up):
    shown = "{{ site_name }}|{{ site_url }}|{{ postal_address }}|{{ manage_url }}|{{ unsubscribe_url }}"
    subscriber = make_subscriber("ada@example.org")

    words = body(raw(made_up(text=shown), subscriber, {}), "plain").strip().split("|")

    assert words[:3] == ["Paper Round", "https://papers.example", "1 Long Lane, Town"]
    assert words[3] == "https://papers.example/manage/"
    assert words[4].startswith("https://papers.example/unsubscribe/")


def test_a_letters_own_values_come_before_the_common_ones(made_up):
    assert body(raw(made_up(text="{{ site_name }}"), context={"site_name": "Ours"}), "plain") == "Ours\n"


# --- links ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "purpose", [Purpose.PREFERENCES, Purpose.UNSUBSCRIBE, Purpose.CONFIRM, Purpose.ADDRESS]
)
def test_a_link_is_under_the_sites_address_and_holds_nothing_of_the_person(purpose):
    notice = owe("ada.lovelace@example.org", token_epoch=4, address="ada.lovelace@new.example")
    subject = notice if purpose in ANSWERS else notice.subscriber

    address = link(purpose, subject)

    assert re.fullmatch(rf"https://papers\.example/{purpose}/[^/]+/", address)
    assert not re.search("lovelace|%40|@", address.lower())
    claim = read_token(purpose, address.split("/")[-2])
    assert (claim.public_id, claim.epoch) == (subject.public_id, 4)
