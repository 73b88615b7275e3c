"""A delivery's life over a real mail server: every reply, every silence, and never twice."""

import contextlib
import re
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from digest import delivery as deliveries
from digest.models import Delivery
from subscriptions import lifecycle, outgoing
from subscriptions.models import Consent, Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.digest.conftest import make_delivery, steps_of
from tests.digest.loopback import Mailbox
from tests.factories import make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.django_db
State = Delivery.State
NOW = datetime(2025, 9, 26, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


def planned(*emails: str) -> list[Delivery]:
    """A planned delivery each, of one edition."""
    edition = make_edition(make_paper("Graphs for all", upvotes=4))
    return [make_delivery(make_subscriber(email, "graph"), edition) for email in emails]


def send(*which: Delivery) -> list[str]:
    """Deliver these; the states they are in afterwards."""
    deliveries.deliver([delivery.pk for delivery in which])
    for delivery in which:
        delivery.refresh_from_db()
    return [delivery.state for delivery in which]


# --- Replies --------------------------------------------------------------------------------


def test_an_accepted_letter_is_in_the_mailbox_and_in_the_ledger(mailbox: Mailbox):
    [ada] = planned("ada@example.org")

    assert send(ada) == [State.ACCEPTED]

    [letter] = mailbox.letters
    assert mailbox.recipients == ["ada@example.org"]
    assert letter["To"] == "ada@example.org"
    assert "Graphs for all" in letter["Subject"]
    assert (ada.attempts, ada.reason, ada.lease_until) == (1, "", None)
    assert ada.handed_over_at is not None
    assert ada.settled_at is not None


def test_one_connection_carries_them_all(mailbox: Mailbox):
    sent = planned(*[f"reader{n}@example.org" for n in range(5)])
    mailbox.letters_per_connection = 5

    assert set(send(*sent)) == {State.ACCEPTED}
    assert len(mailbox.letters) == 5


def test_a_recipient_refused_for_good_has_failed_and_the_next_one_has_not(mailbox: Mailbox):
    ada, bob = planned("ada@example.org", "bob@example.org")
    mailbox.refuse = {"ada@example.org": "550 5.1.1 <ada@example.org> no such user"}

    assert send(ada, bob) == [State.FAILED, State.ACCEPTED]

    assert ada.reason == "recipient refused with SMTP 550"
    assert ada.settled_at is not None
    assert deliveries.waiting(NOW + timedelta(days=9)) == []


@pytest.mark.parametrize("reply", ["552 5.3.4 too big", "554 5.7.1 looks like spam"])
def test_a_letter_refused_for_good_has_failed(mailbox: Mailbox, reply: str):
    [ada] = planned("ada@example.org")
    mailbox.reply_to_data = {"ada@example.org": reply}

    assert send(ada) == [State.FAILED]
    assert ada.reason == f"SMTP {reply[:3]}"


@pytest.mark.parametrize("where", ["refuse", "reply_to_data"])
def test_a_refusal_of_this_moment_is_planned_again_for_later(mailbox: Mailbox, where: str):
    [ada] = planned("ada@example.org")
    setattr(mailbox, where, {"ada@example.org": "451 4.7.1 greylisted, come back"})

    assert send(ada) == [State.PLANNED]

    assert "451" in ada.reason
    assert ada.due_at > timezone.now() + timedelta(seconds=5)
    assert (ada.lease_until, ada.handed_over_at, ada.settled_at) == (None, None, None)
    assert deliveries.waiting() == []
    assert deliveries.waiting(ada.due_at) == [ada.pk]


def test_the_next_try_comes_later_each_time_and_the_last_one_ends_it(mailbox: Mailbox, clock: Any):
    [ada] = planned("ada@example.org")
    mailbox.refuse = {"ada@example.org": "451 4.7.1 come back"}
    waits = []

    while send(ada) == [State.PLANNED]:
        waits.append(ada.due_at - timezone.now())
        clock.move_to(ada.due_at + timedelta(seconds=1))

    assert ada.state == State.FAILED
    assert ada.attempts == deliveries.MAX_ATTEMPTS
    assert ada.reason.startswith(f"gave up after {deliveries.MAX_ATTEMPTS} tries: ")
    assert waits == sorted(waits)
    assert waits[-1] > 10 * waits[0]


def test_the_same_letter_tried_again_carries_the_same_message_id(mailbox: Mailbox):
    [ada] = planned("ada@example.org")
    first = message_id_of(ada, mailbox)
    Delivery.objects.filter(pk=ada.pk).update(state=State.PLANNED, handed_over_at=None)

    assert message_id_of(ada, mailbox) == first
    assert ada.public_id.hex in first


def message_id_of(delivery: Delivery, mailbox: Mailbox) -> str:
    """Send it; the one Message-ID of what arrived."""
    send(delivery)
    [message_id] = mailbox.letters[-1].get_all("Message-ID", [])
    return str(message_id)


# --- Silence --------------------------------------------------------------------------------


def test_where_nobody_answers_nothing_is_lost(mailbox: Mailbox, clock: Any, settings: Any):
    sent = planned("ada@example.org", "bob@example.org", "eve@example.org")
    mailbox.close()

    assert send(*sent) == [State.PLANNED] * 3
    assert all(delivery.lease_until is None and delivery.due_at > timezone.now() for delivery in sent)
    assert "no connection" in sent[0].reason

    with Mailbox() as another:
        settings.EMAIL_PORT = another.port
        clock.move_to(max(delivery.due_at for delivery in sent) + timedelta(seconds=1))
        assert send(*sent) == [State.ACCEPTED] * 3
        assert len(another.letters) == 3


def test_a_connection_that_breaks_after_the_letter_leaves_it_uncertain_for_ever(mailbox: Mailbox, clock: Any):
    [ada] = planned("ada@example.org")
    mailbox.hang_up_after_data = {"ada@example.org"}

    assert send(ada) == [State.UNCERTAIN]
    assert ada.settled_at is not None
    mailbox.hang_up_after_data = set()
    clock.shift(timedelta(days=3))
    deliveries.reap()

    assert deliveries.waiting() == []
    assert send(ada) == [State.UNCERTAIN]
    assert mailbox.letters == []


def test_a_connection_that_breaks_harms_one_letter_and_none_of_the_others(mailbox: Mailbox):
    """They surely never left: they are sent, or planned again, but not given up."""
    ada, bob, eve = planned("ada@example.org", "bob@example.org", "eve@example.org")
    mailbox.hang_up_after_data = {"ada@example.org"}

    ended = send(ada, bob, eve)

    assert ended[0] == State.UNCERTAIN
    assert set(ended[1:]) <= {State.ACCEPTED, State.PLANNED}


@pytest.mark.parametrize("goodbye", ["", "421 4.7.0 that is enough for one connection"])
def test_a_server_that_says_goodbye_between_letters_loses_none(mailbox: Mailbox, clock: Any, goodbye: str):
    """Many take only so many letters over one connection."""
    sent = planned(*[f"reader{n}@example.org" for n in range(5)])
    mailbox.letters_per_connection, mailbox.goodbye = 2, goodbye

    for _ in range(6):
        send(*sent)
        clock.shift(timedelta(hours=9))

    assert {delivery.state for delivery in sent} == {State.ACCEPTED}
    assert sorted(mailbox.recipients) == sorted(f"reader{n}@example.org" for n in range(5))


def test_a_server_that_wants_a_password_loses_nothing(mailbox: Mailbox, settings: Any):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "wrong"
    [ada] = planned("ada@example.org")

    assert send(ada) == [State.PLANNED]
    assert ada.due_at > timezone.now()
    assert mailbox.letters == []


# --- Between planning and sending -----------------------------------------------------------


def test_who_unsubscribed_after_planning_gets_nothing(mailbox: Mailbox):
    [ada] = planned("ada@example.org")
    lifecycle.withdraw(Subscriber.objects.get(), origin=Consent.Origin.PAGE)

    assert send(ada) == [State.EXCLUDED]
    assert ada.reason == "the subscriber is unsubscribed"
    assert mailbox.letters == []


def test_who_paused_after_planning_gets_nothing(mailbox: Mailbox):
    [ada] = planned("ada@example.org")
    Subscriber.objects.update(paused_until=NOW + timedelta(days=1))

    assert send(ada) == [State.EXCLUDED]
    assert "paused" in ada.reason
    assert mailbox.letters == []


def test_who_was_suppressed_after_planning_gets_nothing(mailbox: Mailbox):
    [ada] = planned("ada@example.org")
    suppress(Subscriber.objects.get().email_key, Suppression.Reason.COMPLAINT)

    assert send(ada) == [State.EXCLUDED]
    assert ada.reason == "suppressed"
    assert mailbox.letters == []


def test_who_unsubscribes_while_their_letter_is_composed_gets_nothing(mailbox: Mailbox):
    [ada] = planned("ada@example.org")
    left: list[int] = []

    def leave(execute: Any, sql: str, *rest: Any) -> Any:
        if '"digest_entry"' in sql and not left:  # their papers are being looked up
            left.append(1)
            lifecycle.withdraw(Subscriber.objects.get(), origin=Consent.Origin.ONE_CLICK)
        return execute(sql, *rest)

    with connection.execute_wrapper(leave):
        assert send(ada) == [State.EXCLUDED]

    assert left == [1]
    assert mailbox.letters == []


def test_who_was_erased_after_planning_gets_nothing_and_stays_counted(mailbox: Mailbox):
    [ada] = planned("ada@example.org")
    Subscriber.objects.all().delete()

    assert send(ada) == [State.EXCLUDED]
    assert ada.reason == "the subscriber was erased"
    assert mailbox.letters == []


def test_a_digest_of_which_nothing_may_be_shown_any_more_is_not_sent(mailbox: Mailbox):
    [ada] = planned("ada@example.org")
    ada.edition.entries.update(hidden=True)

    assert send(ada) == [State.EXCLUDED]
    assert mailbox.letters == []


# --- Claims and leases ----------------------------------------------------------------------


def test_what_is_claimed_nobody_else_can_claim():
    ada, bob = planned("ada@example.org", "bob@example.org")

    assert deliveries.claim([ada.pk]) == [ada.pk]
    assert deliveries.claim([ada.pk, bob.pk]) == [bob.pk]
    assert deliveries.waiting() == []


def test_only_what_is_planned_and_due_can_be_claimed():
    early, *others = planned(*[f"reader{n}@example.org" for n in range(6)])
    Delivery.objects.filter(pk=early.pk).update(due_at=NOW + timedelta(hours=1))
    ends = [State.HANDED_OVER, State.ACCEPTED, State.FAILED, State.EXCLUDED, State.UNCERTAIN]
    for delivery, state in zip(others, ends, strict=True):
        Delivery.objects.filter(pk=delivery.pk).update(state=state, reason="x", handed_over_at=NOW)

    assert deliveries.claim([early.pk, *[delivery.pk for delivery in others]]) == []
    assert deliveries.claim([early.pk], NOW + timedelta(hours=1)) == [early.pk]


def test_what_a_dead_worker_had_only_claimed_is_sent_by_another(mailbox: Mailbox, clock: Any):
    [ada] = planned("ada@example.org")
    deliveries.claim([ada.pk])
    assert send(ada) == [State.PLANNED]

    clock.shift(deliveries.LEASE + timedelta(seconds=1))
    assert deliveries.reap() == 0

    assert deliveries.waiting() == [ada.pk]
    assert send(ada) == [State.ACCEPTED]
    assert ada.attempts == 2


def test_what_a_dead_worker_had_handed_over_becomes_uncertain_and_is_never_sent(mailbox: Mailbox, clock: Any):
    [ada] = planned("ada@example.org")
    deliveries.claim([ada.pk])
    Delivery.objects.filter(pk=ada.pk).update(state=State.HANDED_OVER, handed_over_at=NOW)
    assert deliveries.reap() == 0

    clock.shift(deliveries.LEASE + timedelta(seconds=1))

    assert deliveries.reap() == 1
    assert send(ada) == [State.UNCERTAIN]
    assert "died" in ada.reason
    assert mailbox.letters == []


def test_a_slow_worker_does_not_send_again_what_another_sent_meanwhile(mailbox: Mailbox, clock: Any):
    """Its lease on the second letter ran out while it was busy with the first."""
    ada, bob = planned("ada@example.org", "bob@example.org")

    def while_busy(state: str) -> None:
        if len(mailbox.letters) == 1:
            clock.shift(deliveries.LEASE + timedelta(seconds=1))
            deliveries.deliver([bob.pk])

    deliveries.deliver([ada.pk, bob.pk], progress=while_busy)

    assert sorted(mailbox.recipients) == ["ada@example.org", "bob@example.org"]


def test_a_worker_whose_time_is_up_leaves_the_rest_to_others(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
):
    sent = planned("ada@example.org", "bob@example.org", "eve@example.org")
    monkeypatch.setattr(outgoing, "BUDGET_SECONDS", -1.0)
    assert send(*sent) == [State.PLANNED] * 3
    assert [(delivery.attempts, delivery.lease_until) for delivery in sent] == [(0, None)] * 3

    monkeypatch.undo()

    assert len(deliveries.waiting()) == 3


def test_waiting_deliveries_come_oldest_first_and_only_so_many():
    sent = planned(*[f"reader{n}@example.org" for n in range(4)])
    for n, delivery in enumerate(sent):
        Delivery.objects.filter(pk=delivery.pk).update(due_at=NOW - timedelta(minutes=n))

    assert deliveries.waiting(limit=3) == [delivery.pk for delivery in sent[:0:-1]]


# --- One bad letter -------------------------------------------------------------------------


def test_a_letter_that_cannot_be_made_does_not_keep_the_others_back_for_ever(mailbox: Mailbox, clock: Any):
    """Whatever is wrong with one, the next one leaves, if not now then at one of the next ticks."""
    ada, _ = planned("ada@example.org", "bob@example.org")
    Delivery.objects.filter(pk=ada.pk).update(picks=[{"written by": "another release"}])

    for _ in range(5):
        with contextlib.suppress(Exception):  # a worker's task logs it, and the next tick comes
            deliveries.deliver(deliveries.waiting())
        clock.shift(deliveries.LEASE + timedelta(seconds=1))

    assert mailbox.recipients == ["bob@example.org"]


# --- The ledger -----------------------------------------------------------------------------


def test_the_ledger_balances_whatever_happens(mailbox: Mailbox):
    sent = planned(*[f"{name}@example.org" for name in ("ada", "bob", "cem", "dee", "eve", "fay")])
    mailbox.refuse = {"bob@example.org": "550 no", "cem@example.org": "451 later"}
    Subscriber.objects.filter(email="dee@example.org").update(status=Subscriber.Status.UNSUBSCRIBED)
    mailbox.hang_up_after_data = {"fay@example.org"}
    told: list[str] = []

    deliveries.deliver([delivery.pk for delivery in sent], progress=told.append)

    ended = [Delivery.objects.get(pk=delivery.pk).state for delivery in sent]
    assert ended == ["accepted", "failed", "planned", "excluded", "accepted", "uncertain"]
    assert told == ended


def test_no_address_stands_in_any_reason(mailbox: Mailbox):
    ada, bob = planned("ada@example.org", "bob@example.org")
    mailbox.refuse = {
        "ada@example.org": "550 <ada@example.org> no",
        "bob@example.org": "451 <bob@example.org> no",
    }

    send(ada, bob)

    assert not re.search(r"@|ada|bob", ada.reason + bob.reason)


@pytest.mark.django_db(transaction=True)
def test_handing_over_is_committed_before_the_letter_leaves(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
):
    """Seen from the door of the transport: no transaction is open and the row says so."""
    [ada] = planned("ada@example.org")
    seen: list[tuple[bool, str]] = []
    data = smtplib.SMTP.data

    def at_the_door(self: smtplib.SMTP, *args: Any, **kwargs: Any) -> Any:
        seen.append((connection.in_atomic_block, Delivery.objects.get(pk=ada.pk).state))
        return data(self, *args, **kwargs)

    monkeypatch.setattr(smtplib.SMTP, "data", at_the_door)

    assert send(ada) == [State.ACCEPTED]
    assert seen == [(False, State.HANDED_OVER)]


def test_each_letter_takes_the_same_few_queries(mailbox: Mailbox):
    sent = planned(*[f"reader{n}@example.org" for n in range(11)])

    one = steps_of(lambda: send(sent[0]))
    ten = steps_of(lambda: send(*sent[1:]))

    assert one <= 15
    assert ten <= 10 * one
