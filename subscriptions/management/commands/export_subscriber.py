"""All that is held on one person, for them."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from subscriptions.export import everything_on
from subscriptions.management.base import Command as BaseCommand
from subscriptions.management.output import write_private
from subscriptions.management.whom import subscriber_of


class Command(BaseCommand):
    help = "Print all that is held on one person as JSON: what they get from their preferences page, too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="their address, in any spelling")
        parser.add_argument("--output", type=Path, metavar="FILE", help="write it there, for your eyes only")

    def handle(self, *args: Any, **options: Any) -> None:
        text = json.dumps(everything_on(subscriber_of(options["email"])), ensure_ascii=False, indent=2)
        if options["output"]:
            write_private(options["output"], [text, "\n"])
            self.stdout.write(f"All that is held on the subscriber is in {options['output']}.")
        else:
            self.stdout.write(text)
