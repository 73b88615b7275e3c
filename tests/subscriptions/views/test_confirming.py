"""The link of the confirmation letter. What all links share stands in `test_pages`."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from subscriptions import lifecycle, wording
from subscriptions.models import Consent, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from subscriptions.tokens import Purpose
from tests.subscriptions.fields import words
from tests.subscriptions.links import asked, path_of

pytestmark = pytest.mark.django_db

PENDING, ACTIVE = Subscriber.Status.PENDING, Subscriber.Status.ACTIVE
UNSUBSCRIBED = Subscriber.Status.UNSUBSCRIBED


def status() -> str:
    return Subscriber.objects.get().status


def keywords() -> list[str]:
    return [str(keyword) for keyword in Subscriber.objects.get().keywords.all()]


def test_the_page_shows_the_words_one_says_yes_to_and_what_was_asked_for(client):
    page = words(client.get(path_of(Purpose.CONFIRM, asked(keywords="retrieval, -survey, <b>bold</b>"))))

    assert str(wording.TEXTS[wording.CONFIRM]) in page
    assert "<li>retrieval</li>" in page
    assert '<li class="muted">not survey</li>' in page
    assert page.count("<b>") == 1, "as text, once"


def test_what_was_typed_is_text_on_the_page(client):
    page = client.get(path_of(Purpose.CONFIRM, asked(keywords="<script>alert(1)</script>"))).content

    assert b"<script>alert" not in page


def test_the_button_makes_active_and_enqueues_the_welcome(client, queued, django_capture_on_commit_callbacks):
    question = asked(keywords="retrieval")

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(path_of(Purpose.CONFIRM, question))

    assert answer.status_code == 200
    assert "Welcome" in words(answer)
    assert "first digest is on its way" in words(answer)
    assert status() == ACTIVE
    assert [(line.kind, line.origin) for line in Consent.objects.all()] == [
        ("asked", "form"),
        ("confirmed", "page"),
    ]
    assert Consent.objects.get(kind="confirmed").network == "127.0.0.0/24"
    welcome = Notice.objects.get(letter=Notice.Letter.WELCOME)
    assert queued == [("subscriptions.tasks.send_notices", ([welcome.pk],))]


def test_the_button_may_be_pressed_again(client, queued, django_capture_on_commit_callbacks):
    path = path_of(Purpose.CONFIRM, asked())
    with django_capture_on_commit_callbacks(execute=True):
        client.post(path)
        again = client.post(path)

    assert "Welcome" in words(again)
    assert [len(arguments[0]) for _, arguments in queued] == [1, 0]
    assert "already" in words(client.get(path))


def test_who_presses_the_button_of_a_letter_gets_what_was_asked_for_there(client):
    """Eve knows Ada's address and types it with keywords of her own."""
    with time_machine.travel(timezone.now() - timedelta(hours=30), tick=False):
        of_ada = asked(keywords="retrieval", hour=6)
    of_eve = asked(keywords="casino", hour=23)
    assert keywords() == ["retrieval"]

    shown = words(client.get(path_of(Purpose.CONFIRM, of_ada)))
    assert "retrieval" in shown
    assert "casino" not in shown
    client.post(path_of(Purpose.CONFIRM, of_ada))

    assert (keywords(), Subscriber.objects.get().hour) == (["retrieval"], 6)
    assert "already" in words(client.get(path_of(Purpose.CONFIRM, of_eve)))
    client.post(path_of(Purpose.CONFIRM, of_eve))
    assert (keywords(), Subscriber.objects.get().hour) == (["retrieval"], 6), (
        "the second letter changes nothing"
    )


def test_who_signs_up_anew_with_another_wish_gets_that_by_the_second_letter(client):
    with time_machine.travel(timezone.now() - timedelta(hours=30), tick=False):
        asked(keywords="retrieval")
    second = asked(keywords="diffusion", cadence="weekly", weekday=2)

    assert "diffusion" in words(client.get(path_of(Purpose.CONFIRM, second)))
    client.post(path_of(Purpose.CONFIRM, second))

    subscriber = Subscriber.objects.get()
    assert (keywords(), subscriber.cadence, subscriber.weekday) == (["diffusion"], "weekly", 2)


@pytest.mark.parametrize("method", ["get", "post"])
def test_after_leaving_the_old_link_brings_nobody_back(client, queued, method):
    question = asked()
    lifecycle.confirm(question.subscriber, ask=question.ask)
    lifecycle.withdraw(question.subscriber, origin=Consent.Origin.PAGE)

    answer = getattr(client, method)(path_of(Purpose.CONFIRM, question))

    assert answer.status_code == 200
    assert "You have unsubscribed since" in words(answer)
    assert status() == UNSUBSCRIBED


def test_who_left_comes_back_by_a_new_question_and_not_by_the_old_one(client):
    with time_machine.travel(timezone.now() - timedelta(hours=30), tick=False):
        first = asked(keywords="retrieval")
        lifecycle.confirm(first.subscriber, ask=first.ask)
    lifecycle.withdraw(first.subscriber, origin=Consent.Origin.PAGE)
    second = asked(keywords="diffusion")

    assert (status(), keywords()) == (UNSUBSCRIBED, ["retrieval"]), "who asks may be somebody else"
    client.post(path_of(Purpose.CONFIRM, first))
    assert status() == UNSUBSCRIBED
    client.post(path_of(Purpose.CONFIRM, second))

    assert (status(), keywords()) == (ACTIVE, ["diffusion"])


def test_a_yes_from_where_our_mail_is_refused_makes_nobody_active_and_says_so(client, queued):
    question = asked()
    suppress("ada@example.org", Suppression.Reason.COMPLAINT)

    answer = client.post(path_of(Purpose.CONFIRM, question))

    assert answer.status_code == 200
    assert "We may not write to this address" in words(answer)
    assert status() == PENDING
    assert not Notice.objects.filter(letter=Notice.Letter.WELCOME).exists()


def test_an_old_link_says_where_to_get_a_new_one(client):
    path = path_of(Purpose.CONFIRM, asked())

    with time_machine.travel(timezone.now() + timedelta(hours=72, minutes=1)):
        answer = client.get(path)

    assert 'href="/subscribe/"' in words(answer)
    assert status() == PENDING
