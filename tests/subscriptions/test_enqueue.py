"""A task is a hint: it is given when the row stands, and a broker that is down costs a delay."""

import logging
from collections.abc import Iterator

import pytest
from django.db import transaction

from digest.celery import app
from subscriptions import tasks
from subscriptions.enqueue import delay_on_commit
from subscriptions.models import Notice, Subscriber
from subscriptions.tokens import Purpose
from tests.servers import free_port
from tests.subscriptions.links import path_of
from tests.subscriptions.owed import owe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broken_broker(monkeypatch) -> Iterator[None]:
    """The broker's address is a port where nobody listens."""
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    yield
    app.amqp.producer_pool.force_close_all()  # type: ignore[attr-defined]


def test_a_task_is_enqueued_when_the_transaction_has_committed(queued):
    with transaction.atomic():
        delay_on_commit(tasks.send_notices, [7])
        assert queued == []

    assert queued == [("subscriptions.tasks.send_notices", ([7],))]


def test_what_is_rolled_back_is_not_enqueued(queued):
    with transaction.atomic():
        delay_on_commit(tasks.send_notices, [7])
        transaction.set_rollback(True)

    assert queued == []


def test_outside_a_transaction_it_is_enqueued_at_once(queued):
    delay_on_commit(tasks.send_notices, [7])

    assert queued == [("subscriptions.tasks.send_notices", ([7],))]


@pytest.mark.parametrize("within_a_transaction", [True, False])
def test_a_broker_that_is_down_is_logged_and_not_raised(broken_broker, caplog, within_a_transaction):
    with caplog.at_level(logging.ERROR):
        if within_a_transaction:
            with transaction.atomic():
                delay_on_commit(tasks.send_notices, [7])
        else:
            delay_on_commit(tasks.send_notices, [7])

    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_broker_that_is_down_does_not_take_the_next_step_with_it(broken_broker):
    steps = []
    with transaction.atomic():
        delay_on_commit(tasks.send_notices, [7])
        transaction.on_commit(lambda: steps.append("next"))

    assert steps == ["next"]


def test_a_sign_up_goes_through_while_the_broker_is_down(broken_broker, client, outbox_dir):
    client.raise_request_exception = False

    answer = client.post("/subscribe/", {"email": "ada@example.org", "keywords": "retrieval"})

    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
    notice = Notice.objects.get()
    assert (notice.state, notice.subscriber.status) == (Notice.State.PLANNED, Subscriber.Status.PENDING)

    tasks.send_due_notices()

    notice.refresh_from_db()
    assert notice.state == Notice.State.ACCEPTED
    assert len(list(outbox_dir.glob("*.eml"))) == 1


def test_a_yes_goes_through_while_the_broker_is_down(broken_broker, client):
    client.raise_request_exception = False
    question = owe("ada@example.org", Notice.Letter.CONFIRMATION)

    assert client.post(path_of(Purpose.CONFIRM, question)).status_code == 200

    subscriber = Subscriber.objects.get()
    assert subscriber.status == Subscriber.Status.ACTIVE
    assert subscriber.notices.get(letter=Notice.Letter.WELCOME).state == Notice.State.PLANNED
