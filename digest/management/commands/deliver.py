"""Dispatch and send all digests that are due."""

import json
from collections import Counter
from typing import Any

from django.core.management.base import CommandParser

from digest import delivery, dispatch, tasks
from digest.management.base import Command as BaseCommand
from digest.management.base import progress
from digest.models import Delivery


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
        planned = [pk for chunk in dispatch.due_chunks() for pk in dispatch.plan(chunk)]
        if not options["now"]:
            tasks.deliver_planned.delay()
            self._print(
                {"planned": len(planned)},
                f"{len(planned)} digests planned; the workers send them. (--now sends them from here.)",
                options,
            )
            return
        ended: Counter[str] = Counter()
        with progress("sending", len(planned)) as advance:

            def count(state: str) -> None:
                ended[state] += 1
                advance()

            while waiting := delivery.waiting():
                delivery.deliver(waiting, progress=count)
        counts = {state: ended.get(state, 0) for state in Delivery.State.values if state != "handed_over"}
        words = ", ".join(f"{number} {state}" for state, number in counts.items() if number)
        self._print({"due": len(planned), **counts}, words or "Nobody is due.", options)

    def _print(self, counts: dict[str, int], words: str, options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(counts) if options["json"] else words)
