"""Celery's queue as a folder of files, for one machine without a broker.

This is kombu's filesystem transport with two of its races closed: it creates a message's file before
it fills it, and a worker that looks in between reads nothing, takes that for damage, and dies
(seen about once in two hundred messages); and it does the same with the table of its exchanges.
"""

import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps

SCHEME = "filequeue"
TRIES = 50


class Channel(filesystem.Channel):
    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{time.monotonic_ns() // 1_000_000}_{uuid.uuid4()}"
        draft = folder / f"{name}.draft"
        draft.write_bytes(str_to_bytes(dumps(message)))
        draft.rename(folder / f"{name}.{queue}.msg")  # whole or not there at all

    def get_table(self, exchange: str) -> list[Any]:
        for _ in range(TRIES):
            try:
                return list(super().get_table(exchange))
            except ValueError:  # somebody is writing it at this very moment
                time.sleep(0.02)
        return list(super().get_table(exchange))


class Transport(filesystem.Transport):
    Channel = Channel


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:{Transport.__name__}"
