"""Two beats, two workers, the same people at the same moment."""

import pytest

from digest import dispatch
from digest.models import Delivery
from subscriptions.models import Subscriber
from tests.digest.conftest import at_once
from tests.factories import make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.usefixtures("many_workers")


def test_two_workers_on_the_same_chunk_plan_one_delivery_each():
    make_edition(make_paper("Graphs"))
    ids = [make_subscriber(keywords="graph").pk for _ in range(120)]

    plans = at_once(lambda: dispatch.plan(ids), lambda: dispatch.plan(ids))

    assert Delivery.objects.count() == 120
    assert sorted(plans[0] + plans[1]) == sorted(Delivery.objects.values_list("pk", flat=True))
    assert not Subscriber.objects.filter(caught_up_at=None).exists()


def test_two_workers_on_chunks_that_overlap_leave_nobody_out():
    make_edition(make_paper("Graphs"))
    ids = [make_subscriber(keywords="graph").pk for _ in range(90)]

    at_once(lambda: dispatch.plan(ids[:60]), lambda: dispatch.plan(ids[30:][::-1]))
    dispatch.plan(ids)

    assert Delivery.objects.count() == 90
    assert Delivery.objects.values("subscriber").distinct().count() == 90


def test_two_beats_at_once_plan_everybody_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dispatch, "CHUNK", 7)
    make_edition(make_paper("Graphs"))
    for _ in range(40):
        make_subscriber(keywords="graph")

    def beat() -> int:
        return sum(len(dispatch.plan(chunk)) for chunk in dispatch.due_chunks())

    beats = at_once(beat, beat)

    assert sum(beats) == Delivery.objects.count() == 40
