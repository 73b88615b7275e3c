"""What somebody sees who waits for papers to come in: where it is, how many came, and a table at the end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from digest.models import IngestRun

Verdict = IngestRun.Verdict


class Watch:
    """Told of every step; shows it where there is a terminal."""

    def __init__(self, bar: Progress | None = None, total: int | None = None) -> None:
        self.papers = self.aside = 0
        self._bar = bar
        self._task = bar.add_task("", total=total, told="") if bar else None

    def on(self, title: str) -> None:
        """What is being done now: a day and its source, or a file."""
        self._show(description=title)

    def step(self) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task)

    def came(self, papers: int, aside: int) -> None:
        self.papers += papers
        self.aside += aside
        self._show(told=f"{self.papers:,} papers, {self.aside:,} set aside")

    def _show(self, **fields: Any) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, **fields)


@contextmanager
def watch(total: int | None) -> Iterator[Watch]:
    """A bar on a terminal, nothing where there is none: there the lines of the results are enough."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Watch()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[told]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield Watch(bar, total)


def line(run: IngestRun) -> str:
    """One look in a line."""
    aside = f", {run.unread} set aside" if run.unread else ""
    over = f", {run.passed_over} passed over" if run.passed_over else ""
    source = f"{run.source} {run.category}".rstrip()
    return (
        f"{run.day} {source}: {run.verdict}, {run.found} found, {run.added} new, "
        f"{run.changed} changed{aside}{over}"
    )


def table(runs: Sequence[IngestRun], console: Console) -> None:
    """Sums over all looks by source and category, with only the verdicts there are. A day may have taken
    two looks, each with its verdict.
    """
    verdicts = [verdict for verdict in Verdict if any(run.verdict == verdict for run in runs)]
    rows: dict[tuple[str, str], list[IngestRun]] = {}
    for run in runs:
        rows.setdefault((run.source, run.category), []).append(run)
    shown = Table(box=None, pad_edge=False, header_style="bold")
    with_categories = any(category for _, category in rows)
    shown.add_column("Source")
    if with_categories:
        shown.add_column("Category")
    for name in ("Days", "Looks", *(verdict.label.capitalize() for verdict in verdicts), *SUMS):
        shown.add_column(name, justify="right")
    for (source, category), looks in rows.items():
        cells = [source, category] if with_categories else [source]
        cells += [str(len({run.day for run in looks})), str(len(looks))]
        cells += [str(sum(run.verdict == verdict for run in looks)) for verdict in verdicts]
        shown.add_row(*cells, *(f"{sum(map(number, looks)):,}" for number in SUMS.values()))
    console.print(shown)


SUMS = {
    "Found": lambda run: run.found,
    "New": lambda run: run.added,
    "Changed": lambda run: run.changed,
    "Passed over": lambda run: run.passed_over,
    "Set aside": lambda run: run.unread,
}


def summary(runs: Sequence[IngestRun]) -> str:
    """All of it in a line."""
    days = {run.day for run in runs}
    found, added, changed, over, aside = (sum(map(number, runs)) for number in SUMS.values())
    passed = f", {over} passed over" if over else ""
    of = f"{len(days)} day{'s' * (len(days) != 1)}"
    return f"{of}: {found} found, {added} new, {changed} changed{passed}, {aside} set aside"


def as_json(run: IngestRun) -> dict[str, object]:
    return {
        "source": run.source,
        "category": run.category,
        "day": run.day.isoformat(),
        "verdict": run.verdict,
        "settled": run.settled,
        "error": run.error,
        "found": run.found,
        "added": run.added,
        "changed": run.changed,
        "passed_over": run.passed_over,
        "unread": run.unread,
        "set_aside": run.set_aside,
        "bytes": run.bytes_read,
    }
