"""The queue as a folder: whole messages only, whoever looks and whenever."""

import threading
from pathlib import Path
from queue import Empty
from typing import Any

from kombu import Connection

from digest.filequeue import SCHEME

MESSAGES = 1_500


def connection(folder: Path) -> Connection:
    for name in ("messages", "control"):
        (folder / name).mkdir(exist_ok=True)
    options = {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
    }
    return Connection(f"{SCHEME}://localhost//", transport_options=options)


class Peek:
    """Looks at the folder at the moment its message is turned into bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: list[str] = []

    def __json__(self) -> str:
        self.seen = [path.suffix for path in self.folder.iterdir()]
        return "peeked"


def test_a_message_is_not_seen_before_it_is_whole(tmp_path: Path):
    """Kombu's own transport shows an empty file here, of which a worker dies."""
    with connection(tmp_path) as broker, broker.channel() as channel:
        peek = Peek(tmp_path / "messages")
        channel._put("q", {"body": peek})  # type: ignore[attr-defined]

        assert peek.seen == []
        assert channel._get("q") == {"body": "peeked"}  # type: ignore[attr-defined]


def test_a_reader_never_meets_half_a_message(tmp_path: Path):
    """Kombu's own transport breaks here within a few hundred messages."""
    got: list[Any] = []
    broken: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        with connection(tmp_path) as broker, broker.channel() as channel:
            while not done.is_set() or any((tmp_path / "messages").glob("*.msg")):
                try:
                    got.append(channel._get("q"))  # type: ignore[attr-defined]
                except Empty:
                    continue
                except Exception as error:  # noqa: BLE001
                    broken.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    with connection(tmp_path) as broker, broker.channel() as channel:
        for n in range(MESSAGES):
            channel._put("q", {"n": n, "body": "x" * 2_000})  # type: ignore[attr-defined]
    done.set()
    for reader in readers:
        reader.join()

    assert broken == []
    assert sorted(message["n"] for message in got) == list(range(MESSAGES))


def test_what_was_put_first_comes_first(tmp_path: Path):
    with connection(tmp_path) as broker, broker.SimpleQueue("letters") as queue:
        queue.put({"id": 1})
        assert queue.get(timeout=2).payload == {"id": 1}
