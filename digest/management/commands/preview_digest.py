"""Look at what somebody would get now."""

import os
import tempfile
import webbrowser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from digest import specimen
from digest.management.base import Command as BaseCommand
from digest.management.base import day
from subscriptions.management.output import write_private
from subscriptions.management.whom import subscriber_of
from subscriptions.message import Message


class Command(BaseCommand):
    help = (
        "Show the digest that a subscriber would get if their hour were now. Sends nothing, writes nothing "
        "to the database, and its links do nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="their address, in any spelling")
        parser.add_argument(
            "--date", type=day, metavar="D", help="of this edition, whether they have seen it or not"
        )
        forms = parser.add_mutually_exclusive_group()
        for form, words in (
            ("text", "its subject and text part (the default)"),
            ("html", "its HTML part"),
            ("raw", "the whole message, as it would go over the wire"),
            ("open", "its HTML part in a browser"),
        ):
            forms.add_argument(f"--{form}", dest="form", action="store_const", const=form, help=words)
        parser.add_argument("--output", type=Path, metavar="FILE", help="write it there, for your eyes only")

    def handle(self, *args: Any, **options: Any) -> None:
        reader = subscriber_of(options["email"])
        try:
            if options["date"]:
                delivery = specimen.of_edition(specimen.edition_of(options["date"]), reader)
            else:
                delivery = specimen.due_to(reader)
            message = specimen.specimen(delivery, reader)
        except specimen.NothingToShow as error:
            raise CommandError(str(error)) from error
        form, path = options["form"] or "text", options["output"]
        shown = _as(form, message)
        if form == "open":
            path = path or _new_file()
        if not path:
            self.stdout.write(shown, ending="")
            return
        write_private(path, [shown])
        if form == "open" and not webbrowser.open(path.absolute().as_uri()):
            raise CommandError(f"No browser could be started; the letter is in {path}.")
        self.stdout.write(f"The letter is in {path}; it names what somebody reads, so delete it afterwards.")


def _as(form: str, message: Message) -> str:
    match form:
        case "raw":
            return message.wire().decode("ascii")
        case "text":
            return f"Subject: {message.subject}\n\n{message.body}"
    return specimen.html_of(message)


def _new_file() -> Path:
    """An empty file that only whoever runs this may read."""
    descriptor, name = tempfile.mkstemp(prefix="digest-", suffix=".html")
    os.close(descriptor)
    return Path(name)
