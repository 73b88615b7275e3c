"""Publish editions: freeze their lists so that digests can go out."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from digest import editions
from digest.management.base import Command as BaseCommand
from digest.management.base import day
from digest.models import Edition


class Command(BaseCommand):
    help = "Rank and freeze the edition of a day, or every open one up to today that has papers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=day, metavar="D", help="the edition to publish")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["date"]:
            try:
                before = Edition.objects.published().filter(date=options["date"]).exists()
                edition = editions.publish_date(options["date"])
            except editions.NothingToPublish as error:
                raise CommandError(str(error)) from error
            if before:
                self.stdout.write(f"The {edition} was published already; its list is frozen.")
            else:
                self._tell(edition)
            return
        waiting = Edition.objects.open().filter(date__lte=editions.today()).with_papers().order_by("date")
        if not waiting:
            raise CommandError("No open edition has papers. Fetch some first: manage.py ingest")
        for edition in waiting:
            self._tell(editions.publish(edition))

    def _tell(self, edition: Edition) -> None:
        papers = edition.entries.shown().count()
        partial = ", partial: not all its sources were complete" if edition.partial else ""
        many = "" if papers == 1 else "s"
        self.stdout.write(f"Published the {edition}: {papers} paper{many}{partial}.")
