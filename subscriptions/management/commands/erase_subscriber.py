"""Forget one person."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from subscriptions import lifecycle
from subscriptions.management.base import Command as BaseCommand
from subscriptions.management.whom import address_of

WORD = "erase"


class Command(BaseCommand):
    help = (
        "Erase a person and all that is held on them. What stays is that the address must not be mailed, "
        "as a keyed hash. There is no way back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="their address, in any spelling")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        key = address_of(options["email"]).key
        if not options["yes"]:
            self._ask()
        if lifecycle.erase_address(key):
            self.stdout.write("The subscriber is erased, and the address is not mailed any more.")
        else:
            self.stdout.write("Nobody here had this address. It is not mailed from now on all the same.")

    def _ask(self) -> None:
        if not sys.stdin.isatty():
            raise CommandError("There is nobody here to ask; say --yes if you are sure.")
        self.stdout.write(
            "This erases the subscriber and all that is held on them, and cannot be undone.\n"
            f"Type “{WORD}” to go on: ",
            ending="",
        )
        self.stdout.flush()
        if sys.stdin.readline().strip() != WORD:
            raise CommandError("Nothing was erased.")
