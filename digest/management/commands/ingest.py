"""Fetch papers from a source, or read them from files."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import reset_queries
from rich.console import Console

from digest import editions, ingest, ledger
from digest.management.base import Command as BaseCommand
from digest.management.base import day
from digest.management.watching import Watch, as_json, line, summary, table, watch
from digest.models import Edition, IngestRun
from digest.sources import SOURCES, source_of
from digest.sources.base import SourceError, Unreachable
from digest.sources.fields import midnight
from digest.sources.metered import metered
from digest.sources.payload import day_in, read_bytes

PAYLOADS = tuple(f"*.{kind}{packed}" for kind in ("json", "jsonl", "xml") for packed in ("", ".gz"))
MAX_DAYS = 3_660


class Command(BaseCommand):
    help = (
        "Fetch papers from the sources in SOURCES, or from the one named, for today or the days "
        "given; with --file, read recorded payloads instead. Doing it again adds nothing twice."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.failures: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--source", choices=sorted(SOURCES), help="one source; default: all of SOURCES")
        parser.add_argument(
            "--date", type=day, metavar="D", help="the day to fetch, or to file the papers under"
        )
        parser.add_argument("--since", type=day, metavar="D", help="first day of a range")
        parser.add_argument("--until", type=day, metavar="D", help="last day of a range")
        parser.add_argument(
            "--file",
            type=Path,
            nargs="+",
            metavar="PATH",
            dest="paths",
            help="recorded payloads, plain or gzip; a folder means all payloads in it",
        )
        parser.add_argument(
            "--id", nargs="+", metavar="ID", dest="ids", help="single papers, like 2509.26507; from arxiv"
        )
        parser.add_argument(
            "--again", action="store_true", help="in a range, ask also for days that were told in full"
        )
        parser.add_argument("--json", action="store_true", help="print the ledger rows as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["ids"]:
            runs = self._look_up(options)
        elif options["paths"]:
            runs = self._read(options)
        else:
            runs = self._fetch(options)
        if options["json"]:
            self.stdout.write(json.dumps([as_json(run) for run in runs], indent=1))
        elif runs and (len(runs) > 1 or options["since"]):
            table(
                runs, Console(file=cast("IO[str]", self.stdout), width=None if self.stdout.isatty() else 110)
            )
            self.stdout.write(summary(runs))
        self._end()

    def _read(self, options: dict[str, Any]) -> list[IngestRun]:
        if options["since"] or options["until"]:
            raise CommandError("--file takes its days from the payload; use --date to override, not a range.")
        if options["date"] and options["date"] > editions.today():
            raise CommandError(f"{options['date']} lies in the future; no paper can be of that day.")
        paths = list(expand(options["paths"]))
        runs: list[IngestRun] = []
        with watch(len(paths)) as watching:
            for path in paths:
                watching.on(path.name)
                runs += self._read_one(path, options, watching)
                watching.step()
        return runs

    def _read_one(self, path: Path, options: dict[str, Any], watching: Watch) -> list[IngestRun]:
        today = editions.today()
        runs: dict[tuple[str, str, date], IngestRun] = {}
        source = SOURCES[options["source"] or "file"]
        try:
            payload = read_bytes(path)
            if not options["source"]:
                source = source_of(payload)
            for look in source.read(payload, name=path.name, day=options["date"], today=today):
                look.recorded = True
                part = (look.source, look.category, look.day)
                # A long file tells of one day in several pieces: they are one look.
                runs[part] = runs.get(part) or ledger.begin(look.source, look.day, look.category)
                ingest.take_in(look, run=runs[part], progress=watching.came)
                reset_queries()
        except SourceError as error:
            self.failures.append(str(error))
            if path.is_file() and not runs:
                day = options["date"] or day_in(path.name) or today
                runs[source.name, "", day] = ledger.fail(ledger.begin(source.name, day), str(error))
        self._tell(list(runs.values()), options)
        return list(runs.values())

    def _look_up(self, options: dict[str, Any]) -> list[IngestRun]:
        if options["paths"] or options["date"] or options["since"] or options["until"]:
            raise CommandError("--id goes without files and days: a paper is filed under its own day.")
        source = SOURCES[options["source"] or "arxiv"]
        runs = []
        try:
            with metered() as meter:
                for look in source.look_up(options["ids"], today=editions.today()):
                    look.bytes_read, meter.bytes_read = meter.bytes_read, 0
                    runs.append(ingest.take_in(look))  # what came before a failure is kept
        except SourceError as error:
            self.failures.append(str(error))
        self._tell(runs, options)
        return runs

    def _fetch(self, options: dict[str, Any]) -> list[IngestRun]:
        names = [options["source"]] if options["source"] else list(settings.SOURCES)
        if not names:
            raise CommandError(
                "No source is switched on: name one with --source, or set SOURCES (like SOURCES=huggingface)."
            )
        for name in names:
            if not SOURCES[name].live:
                raise CommandError(f"The source {name} reads files only: add --file PATH.")
        days = list(days_of(options["date"], options["since"], options["until"]))
        looks = [(day, name, part) for day in days for name in names for part in SOURCES[name].categories()]
        if options["since"] and not options["again"]:
            looks = self._not_yet(looks, options)
        runs: list[IngestRun] = []
        gone: set[str] = set()

        def tell(run: IngestRun) -> None:
            runs.append(run)
            self._tell([run], options)

        with watch(len(looks)) as watching:
            for day, name, category in looks:
                if name in gone:
                    watching.step()
                    continue
                watching.on(f"{day} {name} {category}".rstrip())
                try:
                    ingest.fetch_day(name, day, category, progress=watching.came, told=tell)
                except Unreachable as error:
                    # The other days would fare no better, other sources may.
                    gone.add(name)
                    left = sum(one == name and when >= day for when, one, _ in looks)
                    more = f" Left out: {left} looks; the same command goes on there." if left > 1 else ""
                    self.failures.append(f"{day} {name}: {error}{more}")
                except SourceError as error:
                    self.failures.append(f"{name} {day}: {error}")
                watching.step()
                reset_queries()  # with DEBUG, Django keeps them all
        return runs

    def _not_yet(
        self, looks: list[tuple[date, str, str]], options: dict[str, Any]
    ) -> list[tuple[date, str, str]]:
        """Without those that were told in full after their day was over: so a range can be gone on with."""
        told = {
            (run.day, run.source, run.category)
            for run in IngestRun.objects.filter(settled=True, day__in={day for day, _, _ in looks})
            if run.started_at >= midnight(run.day + timedelta(days=1))
        }
        left = [look for look in looks if look not in told]
        if len(left) < len(looks) and not options["json"] and options["verbosity"] > 0:
            self.stdout.write(
                f"{len(looks) - len(left)} looks are told in full already (--again repeats them)"
            )
        return left

    def _end(self) -> None:
        """What could be had is in; what could not is the error."""
        if self.failures:
            more = f" ({len(self.failures) - 1} more failed)" if len(self.failures) > 1 else ""
            raise CommandError(self.failures[0] + more)

    def _tell(self, runs: list[IngestRun], options: dict[str, Any]) -> None:
        if options["json"] or options["verbosity"] < 1:
            return
        for run in runs:
            self.stdout.write(line(run))
            if run.error and run.verdict != IngestRun.Verdict.COMPLETE:
                self.stdout.write(f"  {run.error}")
            for aside in run.set_aside[: None if options["verbosity"] > 1 else 3]:
                # What the database refused has lost its place; then its name has to do.
                which = f"record {aside['position'] + 1}" if aside["position"] >= 0 else aside["name"]
                self.stdout.write(f"  set aside, {which}: {aside['reason']}")
            late = Edition.objects.filter(entries__paper__sightings__run=run).exclude(date=run.day)
            for edition in late.filter(date__gt=run.day, state=Edition.State.OPEN).distinct():
                self.stdout.write(f"  too late for {run.day}: now in the open edition of {edition.date}")


def days_of(one: date | None, since: date | None, until: date | None) -> Iterator[date]:
    today = editions.today()
    if one and (since or until):
        raise CommandError("Give either --date or a range with --since and --until.")
    if until and not since:
        raise CommandError("--until needs --since.")
    first = one or since or today
    last = until or (today if since else first)
    if first > today:
        raise CommandError(f"{first} lies in the future; no source can know it yet.")
    if last > today:
        raise CommandError(f"--until {last} lies in the future; no source can know it yet.")
    if last < first:
        raise CommandError(f"--until {last} lies before --since {first}.")
    if (last - first).days > MAX_DAYS:
        raise CommandError(f"From {first} to {last} is more than {MAX_DAYS} days; take it in parts.")
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


def expand(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted({one for pattern in PAYLOADS for one in path.glob(pattern)})
            if not found:
                raise CommandError(f"{path} holds no payloads ({', '.join(PAYLOADS)}).")
            yield from (one for one in found if one.name not in ("index.json", "manifest.json"))
        else:
            yield path
