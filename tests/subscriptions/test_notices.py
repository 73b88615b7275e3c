"""The transactional letters: each is sent once, or its row says why not."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from subscriptions import notices, tasks
from subscriptions.models import Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.servers import free_port
from tests.subscriptions.links import asked
from tests.subscriptions.owed import (
    ACCEPTED,
    CONFIRMATION,
    EXCLUDED,
    FAILED,
    HANDED_OVER,
    PLANNED,
    UNCERTAIN,
    WELCOME,
    owe,
    state,
    tick,
)
from tests.subscriptions.postbox import Postbox

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 9, 26, 12, tzinfo=UTC)


# --- sent once --------------------------------------------------------------------------


@pytest.mark.parametrize("letter", Notice.Letter)
def test_a_letter_that_is_owed_is_sent_once(postbox: Postbox, letter):
    notice = owe(letter=letter)

    notices.send_notices([notice.pk])
    notices.send_notices([notice.pk])
    tick()

    assert postbox.to() == [notice.to]
    assert state(notice) == ACCEPTED
    assert notice.settled_at is not None
    assert notice.handed_over_at is not None
    assert notice.lease_until is None
    assert notice.attempts == 1
    assert notice.reason == ""


def test_the_letter_carries_the_message_id_of_its_row(postbox: Postbox):
    notice = owe()

    notices.send_notices([notice.pk])

    [mail] = postbox.mails()
    assert str(mail["Message-ID"]).startswith(f"<{notice.public_id.hex}@")


def test_a_lost_task_is_found_by_the_tick(postbox: Postbox):
    asked("ada@example.org")

    tick()

    assert postbox.to() == ["ada@example.org"]


def test_the_tick_sends_the_oldest_first(postbox: Postbox):
    now = timezone.now()
    for minutes in (2, 3, 1):
        owe(f"since{minutes}@example.org", due_at=now - timedelta(minutes=minutes))

    tick()

    assert postbox.to() == ["since3@example.org", "since2@example.org", "since1@example.org"]


def test_the_tick_leaves_alone_what_is_not_due_yet(postbox: Postbox):
    notice = owe(due_at=timezone.now() + timedelta(minutes=1))

    tick()

    assert state(notice) == PLANNED
    assert not postbox.taken


def test_nothing_owed_opens_no_connection(postbox: Postbox):
    tick()

    assert postbox.connections == 0


@pytest.mark.parametrize("done", [ACCEPTED, FAILED, UNCERTAIN, EXCLUDED, HANDED_OVER])
def test_what_is_not_planned_is_never_sent(postbox: Postbox, done):
    notice = owe(state=done)

    notices.send_notices([notice.pk])

    assert state(notice) == done
    assert not postbox.taken


def test_what_another_worker_holds_is_left_to_it(postbox: Postbox):
    notice = owe(lease_until=timezone.now() + timedelta(minutes=1))

    notices.send_notices([notice.pk])
    tick()

    assert state(notice) == PLANNED
    assert not postbox.taken


def test_what_a_dead_worker_had_only_planned_is_sent_by_another(postbox: Postbox):
    notice = owe(lease_until=timezone.now() - timedelta(seconds=1), attempts=1)

    tick()

    assert state(notice) == ACCEPTED
    assert len(postbox.taken) == 1


# --- not sent, with the reason ----------------------------------------------------------


@pytest.mark.parametrize(
    ("letter", "status"),
    [
        (CONFIRMATION, Subscriber.Status.ACTIVE),
        (WELCOME, Subscriber.Status.PENDING),
        (WELCOME, Subscriber.Status.UNSUBSCRIBED),
        (Notice.Letter.FAREWELL, Subscriber.Status.ACTIVE),
        (Notice.Letter.FAREWELL, Subscriber.Status.PENDING),
        (Notice.Letter.ALREADY_SUBSCRIBED, Subscriber.Status.PENDING),
        (Notice.Letter.ALREADY_SUBSCRIBED, Subscriber.Status.UNSUBSCRIBED),
    ],
)
def test_a_letter_that_makes_no_sense_any_more_is_excluded(postbox: Postbox, letter, status):
    notice = owe(letter=letter)
    Subscriber.objects.update(status=status, next_digest_at=timezone.now())

    notices.send_notices([notice.pk])

    assert state(notice) == EXCLUDED
    assert notice.reason == f"the subscriber is {status}"
    assert not postbox.offered


def test_a_question_of_before_they_left_is_not_put_to_them(postbox: Postbox):
    with time_machine.travel(timezone.now() - timedelta(days=2), tick=False):
        before = asked("ada@example.org")
    Subscriber.objects.update(status=Subscriber.Status.UNSUBSCRIBED, left_at=timezone.now())
    since = asked("ada@example.org")

    notices.send_notices([before.pk, since.pk])

    assert (state(before), before.reason) == (EXCLUDED, "the question is out of date")
    assert state(since) == ACCEPTED


@pytest.mark.parametrize("reason", Suppression.Reason)
@pytest.mark.parametrize("letter", Notice.Letter)
def test_a_suppressed_address_is_excluded(postbox: Postbox, letter, reason):
    notice = owe(letter=letter)
    suppress(notice.to, reason)

    notices.send_notices([notice.pk])

    assert (state(notice), notice.reason) == (EXCLUDED, "suppressed")
    assert not postbox.offered


@pytest.mark.parametrize("letter", [Notice.Letter.ADDRESS_CHANGE, Notice.Letter.ADDRESS_CHANGED])
def test_a_letter_to_another_address_goes_there_even_if_the_persons_own_is_suppressed(
    postbox: Postbox, letter
):
    """Somebody whose mailbox is full moves to another one."""
    notice = owe(letter=letter, address="ada@new.example")
    suppress("ada@example.org", Suppression.Reason.BOUNCE)

    notices.send_notices([notice.pk])

    assert state(notice) == ACCEPTED
    assert postbox.recipients == ["ada@new.example"]


def test_a_recipient_refused_for_good_has_failed(postbox: Postbox):
    postbox.at_rcpt = ["550 5.1.1 no such user"]
    notice = owe()

    tick()

    assert state(notice) == FAILED
    assert "550" in notice.reason
    assert "@" not in notice.reason


def test_an_address_on_file_that_names_two_people_reaches_none(settings, mailoutbox):
    """Anymail would send to both, so nothing may reach it."""
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    notice = owe()
    Subscriber.objects.update(email="ada@example.org, eve@example.org")

    tick()

    assert state(notice) == FAILED
    assert notice.reason == "the address on file cannot be mailed"
    assert not mailoutbox


def test_one_letter_that_fails_does_not_hold_up_the_next(postbox: Postbox):
    postbox.at_rcpt_of = {"nobody@example.org": "550 5.1.1 no such user"}
    for email in ("ada@example.org", "nobody@example.org", "grace@example.org"):
        owe(email)

    tick()

    assert sorted(postbox.to()) == ["ada@example.org", "grace@example.org"]


def test_a_letter_nobody_has_written_yet_does_not_hold_up_the_next(postbox: Postbox):
    owe("ada@example.org")
    owe("nobody@example.org", letter="unwritten")
    owe("grace@example.org")

    with contextlib.suppress(KeyError):
        tick()

    assert sorted(postbox.to()) == ["ada@example.org", "grace@example.org"]


# --- tried again ------------------------------------------------------------------------


def test_a_greylisted_letter_is_tried_again_later_each_time(postbox: Postbox):
    postbox.at_rcpt = ["451 4.7.1 greylisted"] * 2
    notice = owe(due_at=NOON, created_at=NOON)

    with time_machine.travel(NOON, tick=False) as clock:
        tick()
        assert (state(notice), notice.attempts) == (PLANNED, 1)
        first_wait = notice.due_at - timezone.now()
        assert first_wait > timedelta(seconds=10)
        tick()
        assert (state(notice), notice.attempts) == (PLANNED, 1), "not before its time"
        clock.shift(first_wait)
        tick()
        assert (state(notice), notice.attempts) == (PLANNED, 2)
        assert notice.due_at - timezone.now() > first_wait
        clock.move_to(notice.due_at)
        tick()

    assert (state(notice), notice.attempts) == (ACCEPTED, 3)
    assert len(postbox.taken) == 1


def test_a_letter_tried_again_has_the_same_message_id(postbox: Postbox):
    postbox.at_data = ["451 4.3.0 try again"]
    owe(due_at=NOON, created_at=NOON)

    with time_machine.travel(NOON, tick=False) as clock:
        tick()
        clock.shift(timedelta(hours=1))
        tick()

    first, second = (raw.partition(b"Message-ID: ")[2].partition(b"\r\n")[0] for raw in postbox.offered)
    assert first == second != b""


def test_a_letter_nobody_ever_takes_is_given_up(postbox: Postbox):
    postbox.at_rcpt = ["451 4.7.1 greylisted"] * 50
    notice = owe(due_at=NOON, created_at=NOON)

    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(20):
            clock.shift(timedelta(days=1))
            tick()

    assert state(notice) == FAILED
    assert 5 <= notice.attempts <= 10
    assert f"gave up after {notice.attempts} tries" in notice.reason
    assert "451" in notice.reason


def test_a_mail_server_that_cannot_be_reached_costs_nothing_but_time(postbox: Postbox, settings):
    one, other = owe("ada@example.org", due_at=NOON), owe("grace@example.org", due_at=NOON)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()

    with time_machine.travel(NOON, tick=False) as clock:
        tick()
        for notice in (one, other):
            assert (state(notice), notice.attempts) == (PLANNED, 1)
            assert notice.due_at > timezone.now()
            assert notice.lease_until is None
            assert "no connection" in notice.reason
        settings.EMAIL_PORT = port
        clock.shift(timedelta(hours=1))
        tick()

    assert sorted(postbox.to()) == ["ada@example.org", "grace@example.org"]
    assert {state(one), state(other)} == {ACCEPTED}


def test_a_redelivered_task_does_not_shorten_the_wait(postbox: Postbox):
    postbox.at_rcpt = ["451 4.7.1 greylisted"]
    notice = owe(due_at=NOON, created_at=NOON)

    with time_machine.travel(NOON, tick=False):
        tasks.send_notices([notice.pk])
        tasks.send_notices([notice.pk])

    assert (state(notice), notice.attempts) == (PLANNED, 1)
