"""Lost the mail? A link is mailed to whom it belongs to, and nobody else learns anything."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from subscriptions.models import Allowance, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.factories import make_subscriber
from tests.subscriptions.fields import Fields, error_at, words
from tests.subscriptions.looks import Page, acts_by_itself, look_at
from tests.subscriptions.rows import every_row

pytestmark = pytest.mark.django_db

MANAGE, SENT = "/manage/", "/manage/sent/"
ADA = {"email": "ada@example.org"}


def test_looking_at_the_pages_changes_nothing(queued):
    make_subscriber(ADA["email"])
    before = every_row()

    for path in (MANAGE, f"{MANAGE}?email=ada@example.org", SENT):
        for method, answer in look_at(path):
            assert answer.status_code in (200, 405), (path, method)

    assert every_row() == before
    assert queued == []


@pytest.mark.parametrize("path", [MANAGE, SENT])
def test_nothing_on_the_pages_acts_by_itself(client, path):
    assert acts_by_itself(Page(client.get(path))) == []


@pytest.mark.parametrize("typed", ["ada@example.org", " ADA@Example.org "])
def test_the_link_goes_to_the_address_on_file(client, queued, django_capture_on_commit_callbacks, typed):
    make_subscriber(ADA["email"])

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(MANAGE, {"email": typed})

    assert (answer.status_code, answer["Location"]) == (302, SENT)
    notice = Notice.objects.get()
    assert (notice.letter, notice.to) == (Notice.Letter.MANAGE_LINK, "ada@example.org")
    assert queued == [("subscriptions.tasks.send_notices", ([notice.pk],))]


def test_who_left_gets_a_link_too_to_see_and_erase_what_is_held(client, queued):
    make_subscriber(ADA["email"])
    Subscriber.objects.update(status=Subscriber.Status.UNSUBSCRIBED, next_digest_at=None)

    client.post(MANAGE, ADA)

    assert Notice.objects.get().letter == Notice.Letter.MANAGE_LINK


@pytest.mark.parametrize("known", ["nobody", "never confirmed", "suppressed"])
def test_others_get_none(client, queued, known):
    if known == "never confirmed":
        make_subscriber(ADA["email"], status=Subscriber.Status.PENDING)
    elif known == "suppressed":
        make_subscriber(ADA["email"])
        suppress(ADA["email"], Suppression.Reason.COMPLAINT)

    assert client.post(MANAGE, ADA).status_code == 302

    assert not Notice.objects.exists()


def test_the_answer_can_be_reloaded_and_is_kept_by_nobody(client):
    answer = client.get(SENT)

    assert "no-store" in answer["Cache-Control"]
    assert "inbox" in words(answer)


@pytest.mark.parametrize(
    ("typed", "told"),
    [("", "Please type the address"), ("ada", "it has no @"), ("ada@example", "after the @")],
)
def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(client, queued, typed, told):
    answer = client.post(MANAGE, {"email": typed})

    assert answer.status_code == 422
    assert told in error_at(answer, "email")
    assert Fields(answer).values["email"] == typed
    assert not Allowance.objects.exists()
    assert queued == []


def test_what_was_typed_comes_back_as_text(client):
    assert b"<script>alert" not in client.post(MANAGE, {"email": '"><script>alert(1)</script>'}).content


def test_a_page_of_another_site_cannot_ask_for_it(queued):
    make_subscriber(ADA["email"])

    assert Client(enforce_csrf_checks=True).post(MANAGE, ADA).status_code == 403
    assert not Notice.objects.exists()


def test_nobodys_inbox_is_filled_that_way(client, queued):
    make_subscriber(ADA["email"])
    make_subscriber("grace@example.org")

    for _ in range(6):
        assert client.post(MANAGE, ADA)["Location"] == SENT
    client.post(MANAGE, {"email": "grace@example.org"})

    assert Notice.objects.filter(subscriber__email=ADA["email"]).count() == 3
    assert Notice.objects.filter(subscriber__email="grace@example.org").count() == 1


def test_nor_day_by_day(client, queued):
    make_subscriber(ADA["email"])

    begun = timezone.now()
    for day in range(10):
        with time_machine.travel(begun + timedelta(days=day, minutes=day), tick=False):
            for _ in range(3):
                client.post(MANAGE, ADA)

    # Twelve at once, and what has drained of a month by then.
    assert 12 <= Notice.objects.count() <= 12 + 12 * 10 // 30


def test_one_network_can_ask_only_so_often(client, queued, settings):
    settings.SIGN_UP_RATE_PER_NETWORK = "2/hour"
    for number in range(4):
        make_subscriber(f"reader{number}@example.org")

    for number in range(4):
        assert client.post(MANAGE, {"email": f"reader{number}@example.org"}).status_code == 302
    client.post(MANAGE, {"email": "reader3@example.org"}, REMOTE_ADDR="203.0.113.9")

    assert sorted(Notice.objects.values_list("subscriber__email", flat=True)) == [
        "reader0@example.org",
        "reader1@example.org",
        "reader3@example.org",
    ]
