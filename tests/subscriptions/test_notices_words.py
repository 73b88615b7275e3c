"""What each transactional letter says."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from digest import outbox
from subscriptions import lifecycle, notices
from subscriptions.keywords import parse_keywords
from subscriptions.models import Notice, Subscriber
from subscriptions.tokens import Purpose, read_token
from tests.subscriptions.letters import sent
from tests.subscriptions.links import asked
from tests.subscriptions.owed import WELCOME, owe

pytestmark = pytest.mark.django_db

Letter = Notice.Letter


def token_in(text: str, purpose: Purpose) -> str:
    """The token of the one link of this kind."""
    [token] = set(re.findall(rf"/{purpose}/([^/\s]+)/", text))
    return str(token)


def test_a_confirmation_asks_and_says_how_long_the_question_stands(outbox_dir):
    letter = sent(Letter.CONFIRMATION)

    assert "confirm" in letter.mail.subject.lower()
    assert "72 hours" in letter.words
    assert "72 hours" in letter.shown.words
    claim = read_token(Purpose.CONFIRM, token_in(letter.mail.text, Purpose.CONFIRM))
    assert claim.public_id == letter.notice.public_id
    assert "/unsubscribe/" not in letter.mail.text + letter.mail.html, "there is nothing to leave yet"


def test_a_sign_up_sends_nothing_of_what_was_typed_but_the_address(outbox_dir):
    """Anybody can type anybody's address: the letter must be no vehicle for their words."""
    question = asked("ada@example.org", "BUY-NOW http://spam.example, -cheap pills")

    notices.send_notices([question.pk])

    [mail] = outbox.kept()
    for part in (mail.subject, mail.text, mail.html):
        for typed in ("BUY-NOW", "spam.example", "pills"):
            assert typed not in part


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


def test_a_welcome_without_keywords_says_what_comes_then(outbox_dir):
    notices.send_notices([owe(letter=WELCOME).pk])

    [mail] = outbox.kept()
    for part in (mail.text, mail.html):
        assert "You named no keywords" in " ".join(part.split())


@pytest.mark.parametrize(
    ("cadence", "words"), [("daily", "every day at 08:00 (UTC)"), ("weekdays", "on weekdays at 08:00 (UTC)")]
)
def test_a_welcome_names_the_cadence(outbox_dir, cadence, words):
    notice = owe(letter=WELCOME)
    Subscriber.objects.update(cadence=cadence)

    notices.send_notices([notice.pk])

    [mail] = outbox.kept()
    for part in (mail.text, mail.html):
        assert words in " ".join(part.split())


@pytest.mark.parametrize("letter", [Letter.WELCOME, Letter.MANAGE_LINK, Letter.ALREADY_SUBSCRIBED])
def test_the_link_to_the_preferences_works_for_a_day_and_is_said_to(outbox_dir, letter):
    letter = sent(letter)

    assert "24 hours" in letter.words
    claim = read_token(Purpose.PREFERENCES, token_in(letter.mail.text, Purpose.PREFERENCES))
    assert claim.public_id == letter.notice.subscriber.public_id


def test_the_link_to_the_preferences_comes_with_one_to_the_data(outbox_dir):
    letter = sent(Letter.MANAGE_LINK)

    claim = read_token(Purpose.EXPORT, token_in(letter.mail.text, Purpose.EXPORT))
    assert claim.public_id == letter.notice.subscriber.public_id


def test_who_is_subscribed_already_is_told_that_nothing_has_changed(outbox_dir):
    letter = sent(Letter.ALREADY_SUBSCRIBED)

    for words in (letter.words, letter.shown.words):
        assert "nothing has changed" in words


def test_a_farewell_says_how_to_come_back(outbox_dir):
    letter = sent(Letter.FAREWELL)

    assert "30 days" in letter.words
    claim = read_token(Purpose.UNSUBSCRIBE, token_in(letter.mail.text, Purpose.UNSUBSCRIBE))
    assert claim.public_id == letter.notice.subscriber.public_id


@pytest.mark.parametrize(
    ("letter", "words"),
    [(Letter.ADDRESS_CHANGE, "Do nothing, and nothing changes"), (Letter.ADDRESS_CHANGED, "It was not you?")],
)
def test_the_letters_about_an_address_answer_for_themselves(outbox_dir, letter, words):
    letter = sent(letter)

    assert words in letter.words
    assert "72 hours" in letter.words
    claim = read_token(Purpose.ADDRESS, token_in(letter.mail.text, Purpose.ADDRESS))
    assert claim.public_id == letter.notice.public_id


def test_a_question_speaks_the_language_of_its_own_wish(outbox_dir):
    """Whoever else signed this address up, in whichever language, before or since."""
    with time_machine.travel(timezone.now() - timedelta(hours=30), tick=False):
        english = asked("ada@example.org", language="en")
    german = asked("ada@example.org", language="de")
    assert german.subscriber.language == "en", "who asks may be somebody else"

    for question, word in ((german, "Bitte bestätigen"), (english, "Please confirm")):
        before = {mail.name for mail in outbox.kept()}
        notices.send_notices([question.pk])
        [mail] = [mail for mail in outbox.kept() if mail.name not in before]
        assert mail.subject.startswith(word)
