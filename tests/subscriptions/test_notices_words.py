"""What the transactional letters say."""

import pytest

from digest import outbox
from subscriptions import lifecycle, notices
from subscriptions.address import parse_address
from subscriptions.keywords import parse_keywords
from subscriptions.models import Consent, Subscriber
from subscriptions.tokens import Purpose, read_token
from tests.subscriptions.owed import (
    CONFIRMATION,
    WELCOME,
    owe,
)

pytestmark = pytest.mark.django_db


def test_a_confirmation_asks_and_says_how_long_the_question_stands(outbox_dir):
    notice = owe()

    notices.send_notices([notice.pk])

    [mail] = outbox.kept()
    assert "confirm" in mail.subject.lower()
    assert "72 hours" in " ".join(mail.text.split())
    assert "72 hours" in mail.html
    [link] = [word for word in mail.text.split() if "/confirm/" in word]
    assert f'href="{link}"' in mail.html
    token = link.removesuffix("/").rpartition("/")[2]
    assert read_token(Purpose.CONFIRM, token).public_id == notice.subscriber.public_id
    assert dict(mail.headers)["Auto-Submitted"] == "auto-generated"


def test_a_confirmation_holds_nothing_a_visitor_typed(outbox_dir):
    """Anybody can type anybody's address: the letter must be no vehicle for their words."""
    asked = lifecycle.request(
        parse_address("ada@example.org"),
        keywords=parse_keywords("BUY-NOW http://spam.example, -cheap pills"),
        origin=Consent.Origin.FORM,
    )
    assert asked.notice_id is not None
    notices.send_notices([asked.notice_id])

    [mail] = outbox.kept()
    for part in (mail.subject, mail.text, mail.html):
        assert "BUY-NOW" not in part
        assert "spam.example" not in part
        assert "pills" not in part


def test_a_welcome_tells_the_wish_and_the_way_out(outbox_dir):
    notice = owe(letter=WELCOME)
    subscriber = notice.subscriber
    lifecycle.set_keywords(subscriber, parse_keywords("retrieval & <b>more</b>, -survey"))
    Subscriber.objects.update(hour=7, time_zone="Asia/Tokyo", cadence="weekly", weekday=4)

    notices.send_notices([notice.pk])

    [mail] = outbox.kept()
    for words in ("07:00", "Asia/Tokyo", "Friday", "-survey"):
        assert words in mail.text
        assert words in mail.html
    assert "retrieval & <b>more</b>" in mail.text
    assert "retrieval &amp; &lt;b&gt;more&lt;/b&gt;" in mail.html
    [link] = [word for word in mail.text.split() if "/unsubscribe/" in word]
    assert f'href="{link}"' in mail.html


@pytest.mark.parametrize("letter", [CONFIRMATION, WELCOME])
def test_both_parts_of_a_letter_name_the_sender_and_hold_the_same_links(outbox_dir, settings, letter):
    settings.POSTAL_ADDRESS = "1 Long Lane, Town"

    notices.send_notices([owe(letter=letter).pk])

    [mail] = outbox.kept()
    for part in (mail.text, mail.html):
        assert "1 Long Lane, Town" in part
        assert settings.SITE_NAME in part
    for left_over in ("{{", "{%", "None", "&amp;", "<"):
        assert left_over not in mail.text
    assert "fonts.googleapis" not in mail.html
    assert "<script" not in mail.html
    assert "<img" not in mail.html, "no pixel that tells when it is read"
    links = {word.strip('"') for word in mail.html.replace("href=", " ").split() if word.startswith('"http')}
    assert {link.split(">")[0].strip('"') for link in links} <= set(mail.text.split())


def test_every_letter_that_is_written_knows_who_may_get_it():
    assert set(notices.LETTERS) == set(notices.WANTED_BY)
