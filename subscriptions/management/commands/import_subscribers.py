"""People from another platform's list."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandError, CommandParser

from subscriptions import lifecycle
from subscriptions.imports import FORMATS, FileRefused, Upload, upload
from subscriptions.lifecycle import ImportReport, Line, Outcome
from subscriptions.management.base import Command as BaseCommand
from subscriptions.management.base import progress
from subscriptions.reported import MARKS, summary

SAID_ALWAYS = {Outcome.CONFLICT, Outcome.SET_ASIDE}
"""What somebody has to look at, also when all went well."""


class Command(BaseCommand):
    help = (
        "Take over the people of a list: Mailchimp's or listmonk's export, or a CSV of our own. New ones "
        "wait as pending and are asked nothing yet; who is known here is left as they are. Sends nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a CSV file or Mailchimp's zip; - is standard input")
        parser.add_argument(
            "--format",
            choices=["auto", *sorted(FORMATS)],
            default="auto",
            help="default: told by the first line",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen; change nothing")
        parser.add_argument(
            "--with-consent",
            default="",
            metavar="TEXT",
            help="how the people the list calls subscribed agreed to mail, like “Double opt-in at Mailchimp "
            "since 2021”: kept with each of them, and they become active at once",
        )
        parser.add_argument("--json", action="store_true", help="print the counts and lines as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with _opened(options["file"]) as (stream, name), upload(stream, name, options["format"]) as found:
                report = self._import(found, options)
        except FileRefused as error:
            raise CommandError(str(error)) from error
        except lifecycle.StatementRefused as error:
            raise CommandError(
                "--with-consent says too little: write how these people agreed, in 10 characters or more."
            ) from error
        if options["json"]:
            self.stdout.write(json.dumps(as_json(report, dry_run=options["dry_run"]), indent=1))
        else:
            self.stdout.write(summary(report, dry_run=options["dry_run"]))

    def _import(self, found: Upload, options: dict[str, Any]) -> ImportReport:
        with progress("importing", found.lines) as advance:

            def tell(line: Line) -> None:
                advance()
                self._tell(line, options)

            return lifecycle.import_people(
                found,
                platform=found.platform,
                statement=options["with_consent"],
                dry_run=options["dry_run"],
                tell=tell,
            )

    def _tell(self, line: Line, options: dict[str, Any]) -> None:
        if options["json"] or options["verbosity"] < 1:
            return
        if options["dry_run"] or line.outcome in SAID_ALWAYS or options["verbosity"] > 1:
            self.stdout.write(f"{MARKS[line.outcome]} {line.where}: {line.reason}")


@contextmanager
def _opened(path: str) -> Iterator[tuple[BinaryIO, str]]:
    if path == "-":
        yield sys.stdin.buffer, ""
        return
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(path).open("rb"))
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        yield stream, Path(path).name


def as_json(report: ImportReport, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "total": report.total,
        "counts": {str(outcome): report.counts[outcome] for outcome in Outcome},
        "lines": [
            {"where": line.where, "outcome": str(line.outcome), "reason": line.reason}
            for line in report.lines
        ],
        "lines_left_out": report.total - len(report.lines),
    }
