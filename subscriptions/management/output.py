"""A file that holds people's data, readable by whoever made it and nobody else."""

import os
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import CommandError


def write_private(path: Path, pieces: Iterable[str]) -> None:
    """Raises CommandError where it cannot be written."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            os.fchmod(descriptor, 0o600)
            file.writelines(pieces)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
