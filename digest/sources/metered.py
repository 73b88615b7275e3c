"""How much came in, whatever became of it: counted where it comes in, for the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Meter:
    """How many bytes came in, packed as they came."""

    bytes_read = 0


_meter: ContextVar[Meter | None] = ContextVar("what comes in during this look", default=None)


@contextmanager
def metered() -> Iterator[Meter]:
    """Count what comes in meanwhile: of answers that are no good as well, and of every attempt."""
    meter = Meter()
    token = _meter.set(meter)
    try:
        yield meter
    finally:
        _meter.reset(token)


def came(size: int) -> None:
    """So many bytes more."""
    if (meter := _meter.get()) is not None:
        meter.bytes_read += size
