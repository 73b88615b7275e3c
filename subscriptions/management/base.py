"""What all our management commands share: one-line errors, and how they tell of progress."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from kombu.exceptions import OperationalError as BrokerError
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

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command; a database or broker that is not there is said in one line."""
        try:
            return super().execute(*args, **options)
        except DatabaseError as error:
            if options.get("traceback"):
                raise
            raise CommandError(_database_trouble(error)) from error
        except BrokerError as error:
            if options.get("traceback"):
                raise
            raise CommandError(
                f"The queue cannot be reached: {_first_line(error)}. Is the broker of REDIS_URL running?"
            ) from error


def _database_trouble(error: DatabaseError) -> str:
    message = _first_line(error)
    if "no such table" in message or "does not exist" in message:
        return f"The database lacks a table or column: {message}. Bring it up to date: manage.py migrate"
    return f"The database failed: {message}. Check DATABASE_URL, and that the server runs."


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


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
