"""Digests at another address: asked there, told at the old one, and brought back from there."""

import pytest

from subscriptions import lifecycle, wording
from subscriptions.models import Consent, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from subscriptions.tokens import Purpose
from tests.factories import make_subscriber
from tests.subscriptions.fields import words
from tests.subscriptions.links import asked, asked_to_move, path_of
from tests.subscriptions.rows import every_row

pytestmark = pytest.mark.django_db

OLD, NEW = "ada@old.example", "ada@new.example"


@pytest.fixture
def ada() -> Subscriber:
    return make_subscriber(OLD, "retrieval", hour=6)


def told() -> Notice:
    return Notice.objects.get(letter=Notice.Letter.ADDRESS_CHANGED)


def test_the_page_asks_and_names_neither_address(client, ada):
    page = words(client.get(path_of(Purpose.ADDRESS, asked_to_move(ada, NEW))))

    assert "Digests at this address?" in page
    for name in ("old.example", "new.example", "retrieval"):
        assert name not in page


def test_the_button_moves_the_person_with_all_they_want(
    client, ada, queued, django_capture_on_commit_callbacks
):
    question = asked_to_move(ada, NEW)

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(path_of(Purpose.ADDRESS, question))

    assert answer.status_code == 200
    assert "Your digests come here from now on" in words(answer)
    assert "old.example" not in words(answer)
    moved = Subscriber.objects.get()
    assert (moved.pk, moved.email, moved.email_key, moved.hour) == (ada.pk, NEW, NEW, 6)
    assert [str(keyword) for keyword in moved.keywords.all()] == ["retrieval"]
    assert moved.status == Subscriber.Status.ACTIVE
    assert (told().to, told().subscriber) == (OLD, moved)
    assert queued == [("subscriptions.tasks.send_notices", ([told().pk],))]
    consent = Consent.objects.get()
    assert (consent.kind, consent.wording) == (Consent.Kind.CHANGED, wording.ADDRESS)
    assert consent.detail["address"] == "changed", "an address that is erased must not be found there"


def test_older_links_stop_working_but_for_those_to_leave_by(client, ada):
    links = {
        purpose: path_of(purpose, ada)
        for purpose in (Purpose.PREFERENCES, Purpose.EXPORT, Purpose.UNSUBSCRIBE)
    }

    client.post(path_of(Purpose.ADDRESS, asked_to_move(ada, NEW)))

    assert {purpose: client.get(path).status_code for purpose, path in links.items()} == {
        Purpose.PREFERENCES: 404,
        Purpose.EXPORT: 404,
        Purpose.UNSUBSCRIBE: 200,
    }


def test_the_old_address_can_bring_them_back_and_shuts_out_whoever_took_them(client, ada):
    client.post(path_of(Purpose.ADDRESS, asked_to_move(ada, NEW)))
    ada.refresh_from_db()
    of_the_thief = path_of(Purpose.PREFERENCES, ada)
    back = path_of(Purpose.ADDRESS, told())
    assert "Bring the digests back here?" in words(client.get(back))

    assert client.post(back).status_code == 200

    assert Subscriber.objects.get().email == OLD
    assert client.get(of_the_thief).status_code == 404
    assert not Notice.objects.filter(pk__gt=told().pk).exists(), "nothing is owed to whoever took them"
    assert "That is done already." in words(client.get(back))


def test_whoever_took_them_cannot_take_the_way_back(client, ada):
    """Neither by revoking links nor by moving on."""
    client.post(path_of(Purpose.ADDRESS, asked_to_move(ada, NEW)))
    ada.refresh_from_db()
    back = path_of(Purpose.ADDRESS, told())
    lifecycle.revoke_links(ada)
    onward = asked_to_move(ada, "eve@third.example")
    onward_path = path_of(Purpose.ADDRESS, onward)
    client.post(onward_path)
    assert Subscriber.objects.get().email == "eve@third.example"

    assert client.post(back).status_code == 200

    assert Subscriber.objects.get().email == OLD
    assert list(Notice.objects.filter(pk__gte=onward.pk)) == [], "the letters since are void"
    assert "You are not subscribed" in words(client.post(onward_path))
    assert Subscriber.objects.get().email == OLD


@pytest.mark.parametrize("taken", ["by somebody", "suppressed"])
def test_what_cannot_be_done_meanwhile_is_said_and_nothing_changes(client, ada, queued, taken):
    path = path_of(Purpose.ADDRESS, asked_to_move(ada, NEW))
    if taken == "by somebody":
        make_subscriber(NEW, "diffusion")
    else:
        suppress(NEW, Suppression.Reason.COMPLAINT)
    before = every_row()

    answer = client.post(path)

    assert answer.status_code == 409
    assert "This cannot be done" in words(answer)
    assert "example" not in words(answer)
    assert every_row() == before
    assert queued == []


@pytest.mark.parametrize("state", ["pending", "left"])
def test_who_had_begun_or_left_at_the_new_address_becomes_one_with_who_comes(client, ada, state):
    path = path_of(Purpose.ADDRESS, asked_to_move(ada, NEW))
    other = asked(NEW, "casino").subscriber
    if state == "left":
        lifecycle.withdraw(other, origin=Consent.Origin.PAGE)

    assert client.post(path).status_code == 200

    moved = Subscriber.objects.get()
    assert (moved.pk, moved.email) == (ada.pk, NEW)
    assert [str(keyword) for keyword in moved.keywords.all()] == ["retrieval"]


def test_the_link_of_one_question_is_not_that_of_another(client, ada):
    """Two addresses were asked; only the one whose button is pressed counts."""
    first = path_of(Purpose.ADDRESS, asked_to_move(ada, NEW))
    second = path_of(Purpose.ADDRESS, asked_to_move(ada, "ada@third.example"))

    client.post(first)

    assert Subscriber.objects.get().email == NEW
    assert client.post(second).status_code == 404
    assert Subscriber.objects.get().email == NEW


def test_who_left_meanwhile_moves_and_stays_away(client, ada):
    path = path_of(Purpose.ADDRESS, asked_to_move(ada, NEW))
    lifecycle.withdraw(ada, origin=Consent.Origin.PAGE)

    assert client.post(path).status_code == 200

    assert Subscriber.objects.get().status == Subscriber.Status.UNSUBSCRIBED
