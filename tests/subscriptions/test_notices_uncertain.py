"""When a letter may have left and nobody knows, or somebody else was faster."""

import contextlib
import smtplib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.utils import timezone

from subscriptions import lifecycle, notices
from subscriptions.models import Consent, Notice, Subscriber
from tests.subscriptions.owed import (
    ACCEPTED,
    EXCLUDED,
    HANDED_OVER,
    UNCERTAIN,
    WELCOME,
    owe,
    state,
    tick,
)
from tests.subscriptions.postbox import HANG_UP, Postbox

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 9, 26, 12, tzinfo=UTC)


def test_after_a_broken_connection_a_letter_is_uncertain_and_never_repeated(postbox: Postbox):
    postbox.at_data = [HANG_UP]
    notice = owe()

    tick()
    assert state(notice) == UNCERTAIN
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        tick()
        notices.send_notices([notice.pk])

    assert state(notice) == UNCERTAIN
    assert len(postbox.offered) == 1


def test_a_broken_connection_takes_no_other_letter_with_it(postbox: Postbox):
    now = timezone.now()
    first = owe("reader0@example.org")
    broken = owe("ada@example.org")
    others = [first, *[owe(f"reader{n}@example.org") for n in (1, 2)]]
    postbox.at_data_of = {"ada@example.org": HANG_UP}

    tick()
    with time_machine.travel(now + timedelta(hours=1)):
        tick()

    assert state(broken) == UNCERTAIN
    assert [state(notice) for notice in others] == [ACCEPTED] * 3
    assert sorted(postbox.to()) == [f"reader{n}@example.org" for n in range(3)]


def test_a_server_that_takes_one_letter_a_connection_gets_them_all_in_the_end(postbox: Postbox):
    now = timezone.now()
    letters = [owe(f"reader{n}@example.org", due_at=now) for n in range(3)]
    postbox.at_mail = ["250 OK", "421 4.7.0 too many letters", "250 OK", "421 4.7.0 too many letters"]

    for hour in range(4):
        with time_machine.travel(now + timedelta(hours=hour)):
            tick()

    assert [state(notice) for notice in letters] == [ACCEPTED] * 3
    assert sorted(postbox.to()) == [f"reader{n}@example.org" for n in range(3)]


def test_a_worker_that_died_in_mid_send_leaves_an_uncertain_row_and_no_second_letter(postbox: Postbox):
    notice = owe(state=HANDED_OVER, lease_until=timezone.now() - timedelta(seconds=1), attempts=1)

    tick()

    assert state(notice) == UNCERTAIN
    assert notice.settled_at is not None
    assert notice.reason
    assert not postbox.offered


def test_a_worker_that_is_still_at_it_keeps_its_row(postbox: Postbox):
    notice = owe(state=HANDED_OVER, lease_until=timezone.now() + timedelta(minutes=1), attempts=1)

    assert notices.expire_notices() == 0
    tick()

    assert state(notice) == HANDED_OVER
    assert not postbox.offered


class Interrupted(BaseEmailBackend):
    """A transport in whose first sending something happens, as `meanwhile` says."""

    sent: list[str] = []

    @staticmethod
    def meanwhile() -> None: ...

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        first = not self.sent
        self.sent.extend(email_messages[0].to)
        if first:
            Interrupted.meanwhile()
        return 1


@pytest.fixture
def interrupted(settings, monkeypatch) -> type[Interrupted]:
    settings.EMAIL_BACKEND = f"{__name__}.Interrupted"
    monkeypatch.setattr(Interrupted, "sent", [])
    return Interrupted


def test_a_slow_worker_whose_lease_ran_out_does_not_send_again_what_another_sent(interrupted, monkeypatch):
    """It claimed two; the first took so long that the tick gave the second to somebody else."""
    first = owe("ada@example.org", due_at=NOON)
    second = owe("grace@example.org", due_at=NOON)
    with time_machine.travel(NOON, tick=False) as clock:

        def meanwhile() -> None:
            clock.shift(timedelta(hours=1))  # longer than any lease
            notices.send_notices(notices.open_notices())

        monkeypatch.setattr(Interrupted, "meanwhile", staticmethod(meanwhile))
        notices.send_notices([first.pk, second.pk])

    assert sorted(interrupted.sent) == ["ada@example.org", "grace@example.org"]
    assert (state(first), state(second)) == (ACCEPTED, ACCEPTED)


def test_who_was_erased_meanwhile_does_not_hold_up_the_next(interrupted, monkeypatch):
    owed = [owe(f"reader{n}@example.org") for n in range(3)]

    def meanwhile() -> None:
        Subscriber.objects.get(email="reader1@example.org").delete()

    monkeypatch.setattr(Interrupted, "meanwhile", staticmethod(meanwhile))
    with contextlib.suppress(Notice.DoesNotExist):
        notices.send_notices([notice.pk for notice in owed])

    assert sorted(interrupted.sent) == ["reader0@example.org", "reader2@example.org"]


def test_who_left_meanwhile_gets_nothing_more(interrupted, monkeypatch):
    owed = [owe(f"reader{n}@example.org", letter=WELCOME) for n in range(2)]

    def meanwhile() -> None:
        leaving = Subscriber.objects.exclude(email__in=interrupted.sent).get()
        lifecycle.withdraw(leaving, origin=Consent.Origin.ONE_CLICK)

    monkeypatch.setattr(Interrupted, "meanwhile", staticmethod(meanwhile))
    notices.send_notices([notice.pk for notice in owed])

    assert len(interrupted.sent) == 1
    assert sorted(state(notice) for notice in owed) == [ACCEPTED, EXCLUDED]


@pytest.mark.django_db(transaction=True)
def test_a_row_says_handed_over_before_the_letter_leaves(interrupted, monkeypatch):
    """And it is committed: a worker killed at this very moment leaves a row that says so."""
    notice = owe()
    seen = []
    monkeypatch.setattr(
        Interrupted,
        "meanwhile",
        staticmethod(lambda: seen.append((state(notice), connection.in_atomic_block))),
    )

    notices.send_notices([notice.pk])

    assert seen == [(HANDED_OVER, False)]


def test_what_no_transport_should_raise_still_leaves_a_row_that_is_not_sent_twice(interrupted, monkeypatch):
    notice = owe()

    def meanwhile() -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(Interrupted, "meanwhile", staticmethod(meanwhile))
    notices.send_notices([notice.pk])

    assert state(notice) == UNCERTAIN
    assert len(interrupted.sent) == 1
