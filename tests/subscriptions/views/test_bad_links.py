"""Links that are damaged, forged, too old, revoked or of somebody erased, at every door."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from subscriptions.models import Notice, Subscriber
from subscriptions.tokens import Purpose, make_token
from tests.subscriptions.looks import Page, acts_by_itself
from tests.subscriptions.rows import every_row
from tests.subscriptions.views.doors import (
    BACK,
    DOORS,
    MORTAL,
    UNSUBSCRIBE,
    doors,
    erase_everybody,
    past,
    revoke,
)

pytestmark = pytest.mark.django_db

REVOCABLE = [door for door in DOORS if door not in (UNSUBSCRIBE, BACK)]
"""The way out, and the way back from an address that somebody else chose, are never taken."""
ANSWERS = [door for door in MORTAL if door.purpose in (Purpose.CONFIRM, Purpose.ADDRESS)]
MANAGING = [door for door in MORTAL if door.purpose in (Purpose.PREFERENCES, Purpose.EXPORT)]


@doors()
@pytest.mark.parametrize("method", ["get", "post"])
def test_all_bad_links_get_the_same_page_and_do_nothing(client, door, method, queued):
    token = door.ready().split("/")[2]
    subscriber = Subscriber.objects.get()
    before = every_row()
    pages = set()

    for bad in (
        "x",
        "%00",
        "%ED%A0%80",
        "x" * 5000,
        "a:b:c",
        str(subscriber.public_id),
        token[:-1],
        token + "A",
        token.swapcase(),
        *(
            make_token(other, public_id=subscriber.public_id, epoch=subscriber.token_epoch)
            for other in set(Purpose) - {door.purpose}
        ),
    ):
        answer = getattr(client, method)(door.at(bad), door.press)
        assert answer.status_code == 404, bad
        pages.add(answer.content)

    assert len(pages) == 1, "nobody learns which part was wrong"
    assert every_row() == before
    assert queued == []


@doors()
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_gets_that_page_too(client, door, data):
    """A slash is left out: a path that goes on is another address, which nothing answers."""
    good = make_token(door.purpose, public_id=data.draw(st.uuids()), epoch=data.draw(st.integers(0, 9)))
    place, bit = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(0, 7))
    cut = data.draw(st.booleans())
    bad = good[:place] if cut else good[:place] + chr(ord(good[place]) ^ (1 << bit)) + good[place + 1 :]
    assume(bad and "/" not in bad)

    answer = client.get(door.at(quote(bad, safe="")))

    assert answer.status_code == 404
    assert answer.content == client.get(door.at("forged")).content


@doors(*REVOCABLE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_revoked_link_does_nothing(client, door, method, queued):
    path = door.ready()
    revoke()
    before = every_row()

    assert getattr(client, method)(path, door.press).status_code == 404

    assert every_row() == before
    assert queued == []


@doors(*MORTAL)
def test_an_old_link_says_so(client, door, queued):
    path = door.ready()
    before = every_row()

    with past(door):
        answer = client.get(path)

    assert answer.status_code == 404
    assert "too old" in answer.content.decode()
    assert acts_by_itself(Page(answer)) == []
    assert every_row() == before
    assert queued == []


@doors(*ANSWERS)
def test_an_old_answer_is_none(client, door, queued):
    path = door.ready()
    before = every_row()

    with past(door):
        answer = client.post(path, door.press)

    assert answer.status_code == 404
    assert every_row() == before
    assert queued == []


@doors(*MANAGING)
def test_the_button_of_an_old_link_mails_a_new_one_to_its_owner(client, door, queued):
    path = door.ready()

    with past(door):
        assert 'value="renew"' in client.get(path).content.decode()
        answer = client.post(path, {"do": "renew"})
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/manage/sent/")

    notice = Notice.objects.get()
    assert (notice.letter, notice.to) == (Notice.Letter.MANAGE_LINK, "ada@example.org")


@doors(*MANAGING)
def test_what_was_pressed_on_a_page_left_open_too_long_is_not_done(client, door):
    path = door.ready()
    before = Subscriber.objects.values().get()

    with past(door):
        answer = client.post(path, door.press)

    assert answer.status_code in (302, 404)
    assert "attachment" not in answer.headers.get("Content-Disposition", "")
    assert Subscriber.objects.values().get() == before
    assert list(Subscriber.objects.get().keywords.values_list("text", flat=True)) == ["retrieval"]


@doors()
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_of_somebody_erased_says_that_nothing_is_held_and_does_nothing(client, door, method, queued):
    """A provider that gets an error for a signed link counts it against the sender."""
    path = door.ready()
    erase_everybody()
    before = every_row()

    answer = getattr(client, method)(path, door.press)

    assert answer.status_code == 200
    assert "You are not subscribed" in answer.content.decode()
    assert every_row() == before
    assert queued == []
