"""Fetch papers from a source, or read them from files."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from digest import editions, ingest
from digest.management.base import Command as BaseCommand
from digest.management.base import day, progress
from digest.models import Edition, IngestRun
from digest.sources import SOURCES
from digest.sources.base import Source, SourceError, Unreachable
from digest.sources.payload import read_bytes

PAYLOADS = ("*.json", "*.jsonl", "*.json.gz", "*.jsonl.gz")
MAX_DAYS = 3_660


class Command(BaseCommand):
    help = (
        "Fetch papers from the sources in SOURCES, or from the one named, for today or the days "
        "given; with --file, read recorded payloads instead. Doing it again adds nothing twice."
    )

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
        parser.add_argument("--json", action="store_true", help="print the ledger rows as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = self._read(options) if options["paths"] else self._fetch(options)
        if options["json"]:
            self.stdout.write(json.dumps([as_json(run) for run in runs], indent=1))
        elif len(runs) > 1:
            self.stdout.write(summary(runs))

    def _read(self, options: dict[str, Any]) -> list[IngestRun]:
        if options["since"] or options["until"]:
            raise CommandError("--file takes its days from the payload; use --date to override, not a range.")
        if options["date"] and options["date"] > editions.today():
            raise CommandError(f"{options['date']} lies in the future; no paper can be of that day.")
        source = SOURCES[options["source"] or "file"]
        paths = list(expand(options["paths"]))
        runs, failures = [], []
        with progress("reading", len(paths)) as advance:
            for path in paths:
                try:
                    runs += self._read_one(source, path, options)
                except SourceError as error:
                    failures.append(str(error))
                advance()
        self._end(failures)
        return runs

    def _read_one(self, source: Source, path: Path, options: dict[str, Any]) -> list[IngestRun]:
        payload = read_bytes(path)
        looks = source.read(payload, name=path.name, day=options["date"], today=editions.today())
        # All of a file is looked at before any of it is written.
        runs = [ingest.take_in(look) for look in list(looks)]
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
        runs, failures = [], []
        with progress("fetching", len(days) * len(names)) as advance:
            for one in days:
                for name in names:
                    try:
                        runs.append(ingest.fetch_day(name, one))
                        self._tell(runs[-1:], options)
                    except Unreachable as error:
                        raise CommandError(f"{name} {one}: {error}") from error
                    except SourceError as error:
                        failures.append(f"{name} {one}: {error}")
                    advance()
        self._end(failures)
        return runs

    def _end(self, failures: list[str]) -> None:
        """What could be had is in; what could not is the error."""
        if failures:
            more = f" ({len(failures) - 1} more failed)" if len(failures) > 1 else ""
            raise CommandError(failures[0] + more)

    def _tell(self, runs: list[IngestRun], options: dict[str, Any]) -> None:
        if options["json"] or options["verbosity"] < 1:
            return
        for run in runs:
            self.stdout.write(line(run))
            for aside in run.set_aside[: None if options["verbosity"] > 1 else 3]:
                self.stdout.write(f"  set aside, record {aside['position'] + 1}: {aside['reason']}")
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


def line(run: IngestRun) -> str:
    aside = f", {len(run.set_aside)} set aside" if run.set_aside else ""
    return (
        f"{run.day} {run.source}: {run.verdict}, {run.found} found, {run.added} new, "
        f"{run.changed} changed{aside}"
    )


def summary(runs: list[IngestRun]) -> str:
    days = {run.day for run in runs}
    found, added, changed = (
        sum(getattr(run, name) for run in runs) for name in ("found", "added", "changed")
    )
    aside = sum(len(run.set_aside) for run in runs)
    return f"{len(days)} days: {found} found, {added} new, {changed} changed, {aside} set aside"


def as_json(run: IngestRun) -> dict[str, object]:
    return {
        "source": run.source,
        "day": run.day.isoformat(),
        "verdict": run.verdict,
        "found": run.found,
        "added": run.added,
        "changed": run.changed,
        "set_aside": run.set_aside,
        "bytes": run.bytes_read,
    }
