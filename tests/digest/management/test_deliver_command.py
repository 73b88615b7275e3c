"""`manage.py deliver`: plan and send, and counts that balance."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from digest import delivery, outbox
from digest.models import Delivery
from subscriptions.models import Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.digest.conftest import make_delivery
from tests.digest.loopback import Mailbox
from tests.factories import make_edition, make_paper, make_subscriber
from tests.servers import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def deliver(*arguments: str) -> str:
    out = StringIO()
    call_command("deliver", *arguments, stdout=out)
    return out.getvalue()


def balance(counts: dict[str, int]) -> int:
    return sum(number for state, number in counts.items() if state != "due")


def test_everybody_due_gets_their_digest_now():
    make_edition(make_paper("Graphs"), make_paper("Soup"))
    make_subscriber("ada@example.org", "graph")
    make_subscriber("bob@example.org", "soup")

    assert deliver("--now") == "2 accepted\n"

    assert {mail.to: mail.subject for mail in outbox.kept()} == {
        "ada@example.org": "Graphs",
        "bob@example.org": "Soup",
    }


def test_a_second_time_nobody_is_due():
    make_edition(make_paper())
    make_subscriber()
    deliver("--now")

    assert deliver("--now") == "Nobody is due.\n"
    assert len(list(outbox.kept())) == 1


def test_without_now_the_workers_are_told(queued: list[tuple[str, tuple[object, ...]]]):
    make_edition(make_paper())
    make_subscriber()

    assert deliver().startswith("1 digests planned; the workers send them.")

    assert queued == [("digest.tasks.deliver_planned", ())]
    assert Delivery.objects.get().state == Delivery.State.PLANNED
    assert list(outbox.kept()) == []


def test_how_many_were_planned_can_be_had_as_json(queued: list[tuple[str, tuple[object, ...]]]):
    make_edition(make_paper())
    make_subscriber()

    assert json.loads(deliver("--json")) == {"planned": 1}


def test_the_counts_balance(mailbox: Mailbox):
    make_edition(make_paper())
    for name in ("ada", "bob", "cem"):
        make_subscriber(f"{name}@example.org")
    mailbox.refuse = {"bob@example.org": "550 no", "cem@example.org": "451 later"}

    counts = json.loads(deliver("--now", "--json"))

    assert counts == {"due": 3, "planned": 1, "accepted": 1, "failed": 1, "excluded": 0, "uncertain": 0}
    assert counts["due"] == balance(counts)


def test_the_counts_balance_when_nobody_answers(settings: Any):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    make_edition(make_paper())
    for _ in range(3):
        make_subscriber()

    counts = json.loads(deliver("--now", "--json"))

    assert counts["due"] == counts["planned"] == balance(counts) == 3


def test_nobody_is_told_that_nobody_is_due_when_nobody_answers(settings: Any):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    make_edition(make_paper())
    make_subscriber()

    assert "1 planned" in deliver("--now")


def test_the_counts_balance_with_what_an_earlier_run_had_planned():
    edition = make_edition(make_paper())
    make_delivery(make_subscriber(next_digest_at=None, status=Subscriber.Status.UNSUBSCRIBED), edition)
    make_subscriber()

    counts = json.loads(deliver("--now", "--json"))

    assert counts["due"] == balance(counts) == 2


def test_a_suppressed_address_is_due_and_excluded():
    make_edition(make_paper())
    suppress(make_subscriber().email_key, Suppression.Reason.BOUNCE)

    counts = json.loads(deliver("--now", "--json"))

    assert counts["due"] == counts["excluded"] == balance(counts) == 1


def test_more_than_a_chunk_is_delivered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(delivery, "CHUNK", 3)
    make_edition(make_paper())
    for _ in range(8):
        make_subscriber()

    assert deliver("--now") == "8 accepted\n"


def test_what_a_dead_worker_left_is_settled_first():
    made = make_delivery(make_subscriber(), make_edition(make_paper()))
    Delivery.objects.update(state="handed_over", handed_over_at=made.due_at, lease_until=made.due_at)

    deliver("--now")

    made.refresh_from_db()
    assert made.state == Delivery.State.UNCERTAIN
