"""What our management commands share: one-line errors, dates, and how they tell of progress."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, NoReturn, Protocol

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)


class OneLineParser(CommandParser):
    """Says what is wrong in one line, with the way to the help, instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        if self.called_from_command_line:
            self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")
        raise CommandError(f"Error: {message}")


class Command(BaseCommand):
    """The base of every command of ours."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Django builds its parser by name inside; its error method is all that has to differ.
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = OneLineParser
        return parser


class Advance(Protocol):
    def __call__(self, steps: int = 1) -> None: ...


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Advance]:
    """A bar on a terminal, nothing where there is none: there the result lines are enough."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda steps=1: None  # noqa: ARG005
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda steps=1: bar.advance(task, steps)


def day(value: str) -> date:
    """The argparse type of a day: a real one, neither too early nor too late for a paper."""
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{value!r} is not a date; write it as YYYY-MM-DD, like 2025-09-26"
        ) from None
    if not 1991 <= found.year <= 2200:
        raise argparse.ArgumentTypeError(f"{value} is out of range; the first preprints are of 1991")
    return found
