"""Servers that say too much, too slowly, half of it, or what is not HTTP: limited in time and memory."""

import gzip
import random
import socket
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import pytest

from digest.sources import http
from digest.sources.base import SourceError, Unreachable
from tests.digest.sources.wire import Asked, Wire, answer, chunked

TOTAL = 0.8
NOISE = random.Random(7).randbytes(200_000)
PACKED = gzip.compress(NOISE)
CLOSING = b"HTTP/1.0 200 OK\r\n\r\n"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch, fresh_client: None, one_try: None) -> None:
    """The same limits, in a fraction of the time."""
    monkeypatch.setattr(http, "CONNECT", 0.3)
    monkeypatch.setattr(http, "READ", 0.4)
    monkeypatch.setattr(http, "TOTAL", TOTAL)
    http._pool.cache_clear()


def refusal(wire: Wire, path: str = "/", *, headers: dict[str, str] | None = None) -> str:
    with pytest.raises(SourceError) as error:
        http.get(f"{wire.url}{path}", headers=headers)
    return str(error.value)


# --- Too much -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(answer(bytes(100_001)), id="with a length"),
        pytest.param(chunked(*[bytes(10_000)] * 11), id="in chunks"),
        pytest.param(answer(gzip.compress(bytes(100_001)), Content_Encoding="gzip"), id="packed"),
        pytest.param(answer(gzip.compress(b"") * 6_000, Content_Encoding="gzip"), id="packed nothings"),
        pytest.param(answer(bytes(100_001), length=10**15), id="with a length beyond all measure"),
    ],
)
def test_a_body_beyond_the_limit_is_not_read_to_its_end(
    wire: Wire, said: bytes, monkeypatch: pytest.MonkeyPatch, naps: list[float]
):
    monkeypatch.setattr(http, "MAX_BYTES", 100_000)
    wire.says(said, answer(b"next"))

    assert refusal(wire) == "127.0.0.1 sent more than 0 MB; stopped reading."
    assert len(wire.asked) == 1
    assert http.get(wire.url).body == b"next"


@pytest.mark.parametrize(
    "said", [answer(bytes(100_000)), answer(gzip.compress(bytes(100_000)), Content_Encoding="gzip")]
)
def test_a_body_as_big_as_may_be_is_read(wire: Wire, said: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http, "MAX_BYTES", 100_000)
    wire.says(said)

    assert len(http.get(wire.url).body) == 100_000


def test_a_bomb_takes_no_more_memory_than_the_limit(wire: Wire):
    """Half a gigabyte of nothing in half a megabyte."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join([*(packer.compress(bytes(1024 * 1024)) for _ in range(512)), packer.flush()])
    wire.says(answer(bomb, Content_Encoding="gzip"))
    tracemalloc.start()
    try:
        message = refusal(wire)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert message == "127.0.0.1 sent more than 32 MB; stopped reading."
    assert len(bomb) < 600_000
    assert peak < 2.2 * http.MAX_BYTES


# --- By half --------------------------------------------------------------------------------


HALVES = {
    "shorter than it says": answer(b"half", length=9),
    "nothing of what it says": answer(length=9),
    "chunks without an end": chunked(b"half", end=b""),
    "a chunk cut off": chunked(b"half", end=b"9\r\nhal"),
    "a chunk of no length": chunked(b"half", end=b"xyz\r\n"),
    "packed, cut off, to the length it says": answer(PACKED[:-100], Content_Encoding="gzip"),
    "packed, without its checksum": answer(PACKED[:-8], Content_Encoding="gzip"),
    "packed, cut off within its head": answer(PACKED[:5], Content_Encoding="gzip"),
    "packed, in chunks, cut off": chunked(PACKED[:70_000], Content_Encoding="gzip"),
    "packed, cut off, ended by hanging up": b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    + PACKED[:99],
    "packed, damaged": answer(PACKED[:500] + b"\x00\xff" * 9 + PACKED[518:], Content_Encoding="gzip"),
    "packed, with a false checksum": answer(PACKED[:-8] + bytes(8), Content_Encoding="gzip"),
    "not packed as it says": answer(b"plain", Content_Encoding="gzip"),
    "packed, with more behind": answer(PACKED + b"garbage", Content_Encoding="gzip"),
}


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_half_an_answer_is_none(wire: Wire, half: bytes, naps: list[float]):
    """Nor is it kept under the tag of the whole one."""
    head, _, rest = half.partition(b"\r\n")
    half = head + b'\r\nETag: "whole"\r\n' + rest
    wire.says(half, then_close=True)

    assert refusal(wire).startswith("127.0.0.1 broke off its answer (")
    assert len(wire.asked) == http.TRIES
    wire.says(half, answer(b"whole", ETag='"whole"'), then_close=True)
    assert http.get(wire.url).body == b"whole"
    assert {asked.headers.get("if-none-match") for asked in wire.asked} == {None}


# --- Not HTTP -------------------------------------------------------------------------------


GARBAGE = {
    "nothing": b"",
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "a page without a head": b"<html><body>Welcome</body></html>",
    "noise": NOISE[:5_000],
    "no status": b"HTTP/1.1 abc OK\r\n\r\n",
    "a status out of range": b"HTTP/1.1 99 OK\r\n\r\n",
    "a line without end": b"HTTP/1.1 200 " + b"O" * 100_000,
    "a header without end": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    "too many headers": answer(**{f"X{n}": "y" for n in range(200)}),
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello12",
    "a switch to another protocol": b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
}


@pytest.mark.parametrize("said", GARBAGE.values(), ids=GARBAGE)
def test_what_is_not_http_is_a_broken_answer(wire: Wire, said: bytes, one_try: None):
    wire.says(said, then_close=True)

    assert refusal(wire).startswith("127.0.0.1 broke off its answer (")


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", answer(b"half", length=9)])
def test_a_connection_that_is_reset_is_a_broken_answer(wire: Wire, first: bytes, naps: list[float]):
    wire.resets(first)

    assert refusal(wire).startswith("127.0.0.1 broke off its answer (")
    assert len(wire.asked) == http.TRIES


def test_a_connection_closed_while_it_was_not_used_costs_nothing(wire: Wire, naps: list[float]):
    wire.says(answer(b"one"), answer(b"two"), then_close=True)

    assert [http.get(wire.url).body for _ in range(2)] == [b"one", b"two"]
    assert wire.connections == 2


def test_a_head_that_is_partly_nonsense_does_not_hide_the_rest(wire: Wire, one_try: None):
    wire.says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno colon here\r\n\r\nok", then_close=True)

    assert http.get(wire.url).body.endswith(b"ok")


def test_go_ahead_before_the_answer_is_passed_over(wire: Wire):
    wire.says(b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + answer(b"ok"))

    assert http.get(wire.url).body == b"ok"


def test_an_answer_after_an_interim_one_is_not_taken_for_the_next(wire: Wire, one_try: None):
    """What comes late on a connection would else be read as what was asked for after it."""

    def hints(_: Asked, sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        time.sleep(0.1)
        sock.sendall(answer(b"of the first"))

    wire.script = hints
    assert refusal(wire).startswith("127.0.0.1 broke off its answer (")

    wire.says(answer(b"of the second"))
    assert http.get(wire.url).body == b"of the second"


# --- Too slow -------------------------------------------------------------------------------


def seconds(deed: Callable[[], object]) -> float:
    begun = time.monotonic()
    deed()
    return time.monotonic() - begun


def test_a_silent_server_is_left(wire: Wire, hurried: None):
    wire.keeps_silent()

    assert seconds(lambda: refusal(wire)) == pytest.approx(http.READ, abs=0.3)
    assert refusal(wire) == "127.0.0.1 broke off its answer (ReadTimeoutError). Try again."


DRIPS = {
    "a body of a length": (answer(length=10**6), b"x"),
    "a body that ends by hanging up": (CLOSING, b"x"),
    "a body of a length, then hanging up": (answer(length=10**6, Connection="close"), b"x"),
    "chunks": (chunked(end=b""), b"1\r\nx\r\n"),
    "the size of a chunk": (chunked(end=b""), b"0"),
    "an extension of a chunk": (chunked(end=b"1;"), b"x"),
    "trailers": (chunked(end=b"0\r\n"), b"X: y\r\n"),
    # Blocks with nothing in them, of which there may be any number (RFC 1951, 3.2.4).
    "a packed body": (answer(PACKED[:10], length=10**6, Content_Encoding="gzip"), b"\x00\x00\x00\xff\xff"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "one header": (b"HTTP/1.1 200 OK\r\nX: ", b"y"),
    "the first line": (b"HTTP/1.1 200 O", b"K"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize(("head", "drop"), DRIPS.values(), ids=DRIPS)
def test_a_server_that_always_sends_something_is_left_all_the_same(
    wire: Wire, hurried: None, head: bytes, drop: bytes
):
    wire.drips(head, drop)

    begun = time.monotonic()
    message = refusal(wire)

    assert message == "127.0.0.1 had not ended its answer after 1 seconds. Try again later."
    assert time.monotonic() - begun < TOTAL + 0.7


@pytest.fixture
def black_hole() -> Iterator[str]:
    """A port where whoever knocks waits: its queue is full and nobody takes from it."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        knocking = []
        for _ in range(3):
            knocking.append(sock := socket.socket())
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for sock in knocking:
            sock.close()


def test_a_door_that_does_not_open_is_left(black_hole: str, settings, hurried: None):
    settings.HUGGINGFACE_URL = black_hole

    begun = time.monotonic()
    with pytest.raises(Unreachable):
        http.get(black_hole)

    assert time.monotonic() - begun == pytest.approx(http.CONNECT, abs=0.3)


def test_many_doors_that_do_not_open_share_the_time_of_one_answer(
    black_hole: str, settings, hurried: None, names: dict[str, list[str]]
):
    names["many.example"] = ["127.0.0.1"] * 30
    settings.HUGGINGFACE_URL = url = black_hole.replace("127.0.0.1", "many.example")

    begun = time.monotonic()
    with pytest.raises(SourceError, match=r"many\.example had not ended its answer"):
        http.get(url)

    assert time.monotonic() - begun < TOTAL + 0.7
