"""All subscribers as a table."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from subscriptions.management.base import Command as BaseCommand
from subscriptions.management.output import write_private
from subscriptions.models import Subscriber
from subscriptions.roster import roster


class Command(BaseCommand):
    help = "Write all subscribers as CSV in our own format; import_subscribers reads it elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, metavar="FILE", help="write it there, for your eyes only")

    def handle(self, *args: Any, **options: Any) -> None:
        subscribers = Subscriber.objects.order_by("pk")
        if options["output"]:
            write_private(options["output"], roster(subscribers))
            many = subscribers.count()
            self.stdout.write(f"{many} subscriber{'' if many == 1 else 's'} in {options['output']}.")
            return
        for line in roster(subscribers):
            self.stdout.write(line, ending="")
