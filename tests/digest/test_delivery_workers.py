"""Several workers send at the same moment: each letter leaves once."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import connection

from digest import delivery as deliveries
from digest.models import Delivery
from tests.digest.conftest import at_once, make_delivery
from tests.digest.loopback import Mailbox
from tests.factories import make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.usefixtures("many_workers")


def planned(number: int) -> list[int]:
    edition = make_edition(make_paper("Graphs"))
    return [make_delivery(make_subscriber(keywords="graph"), edition).pk for _ in range(number)]


def test_workers_claim_disjoint_sets():
    """Even if one looks while the other is just about to write its claim."""
    ids = planned(40)
    meeting = Barrier(2)

    def claim() -> list[int]:
        def meet(execute: Any, sql: str, *rest: Any) -> Any:
            if sql.startswith("UPDATE"):
                with suppress(BrokenBarrierError):  # the other found nothing to claim, or waits for us
                    meeting.wait(timeout=0.3)
            return execute(sql, *rest)

        with connection.execute_wrapper(meet):
            return deliveries.claim(ids)

    claims = at_once(claim, claim)

    assert sorted(claims[0] + claims[1]) == sorted(ids)


def test_two_workers_with_the_same_letters_send_each_once(mailbox: Mailbox):
    ids = planned(12)

    at_once(lambda: deliveries.deliver(ids), lambda: deliveries.deliver(ids[::-1]))

    assert sorted(mailbox.recipients) == sorted(set(mailbox.recipients))
    assert len(mailbox.recipients) == 12
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.ACCEPTED}
