"""Dispatch and send all digests that are due."""

import json
from collections import Counter
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Q
from django.utils import timezone

from digest import delivery, dispatch, tasks
from digest.management.base import Command as BaseCommand
from digest.management.base import progress
from digest.models import Delivery

# `handed_over` is told only where another worker has some in hand at this very moment.
ENDS = [state for state in Delivery.State.values if state != Delivery.State.HANDED_OVER]


class Command(BaseCommand):
    help = (
        "Plan a digest for everyone who is due and have the workers send them; "
        "with --now, send them from here instead."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--now", action="store_true", help="send from this process, do not wait for workers"
        )
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        delivery.reap()
        begun = timezone.now()
        for chunk in dispatch.due_chunks():
            dispatch.plan(chunk)
        # Planned now or by an earlier run, and those whom planning itself excluded.
        due = Delivery.objects.filter(Q(state=Delivery.State.PLANNED) | Q(planned_at__gte=begun))
        ids = list(due.values_list("pk", flat=True))
        if not options["now"]:
            tasks.deliver_planned.delay()
            planned = due.filter(state=Delivery.State.PLANNED).count()
            words = f"{planned} digests planned; the workers send them. (--now sends them from here.)"
            self._print({"planned": planned}, words, options)
            return
        with progress("sending", len(ids)) as advance:
            while waiting := delivery.waiting():
                delivery.deliver(waiting, progress=lambda _: advance())
        counts = Counter(dict.fromkeys(ENDS, 0))
        for start in range(0, len(ids), 500):
            rows = Delivery.objects.filter(pk__in=ids[start : start + 500])
            counts.update(rows.values_list("state", flat=True))
        words = ", ".join(f"{n} {Delivery.State(state).label}" for state, n in counts.items() if n)
        self._print({"due": len(ids), **counts}, words or "Nobody is due.", options)

    def _print(self, counts: dict[str, int], words: str, options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(counts) if options["json"] else words)
