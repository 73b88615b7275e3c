"""The world over HTTP: one server on loopback that stands for every source."""

import gzip
import socket
import struct
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from datetime import time as clock_time
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.world.exchange import Ask, Reply
from tests.world.faults import Fault, Planned, quota_spent
from tests.world.papers import World
from tests.world.wire import api, biorxiv, feed, github, huggingface, oai

SERVICES: dict[str, tuple[str, Callable[[Ask], Reply]]] = {
    "huggingface": ("/hf", huggingface.answer),
    "arxiv_feed": ("/arxiv/feed", feed.answer),
    "arxiv_oai": ("/arxiv/oai", oai.answer),
    "arxiv_api": ("/arxiv/api", api.answer),
    "biorxiv": ("/biorxiv", biorxiv.answer),
    "github": ("/github", github.answer),
}
"""By name: the prefix of its addresses, and what answers there."""
SETTINGS = {
    "HUGGINGFACE_URL": "huggingface",
    "ARXIV_FEED_URL": "arxiv_feed",
    "ARXIV_OAI_URL": "arxiv_oai",
    "ARXIV_API_URL": "arxiv_api",
    "BIORXIV_URL": "biorxiv",
    "GITHUB_URL": "github",
}
WINDOWS = {"huggingface": (300, 500, 1_000), "github": (3_600, 60, 5_000)}
"""Seconds of a window of quota; requests in it without a token, and with one."""


def settings_for(url: str) -> dict[str, str]:
    """The project's settings that lead every source to a server at this address."""
    return {name: f"{url}{SERVICES[service][0]}" for name, service in SETTINGS.items()}


def wall_clock() -> datetime:
    """The real time, or what a test has made of it."""
    return datetime.now(UTC)


class Asked(NamedTuple):
    """A request as it came. `path` is without the service's prefix, `at` monotonic seconds."""

    service: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    at: float


class WorldServer:
    """Serves a world on a port of its own. A context manager.

    `clock` says what time it is out there; set it, or call `turn_to`. `sizes` holds page sizes by
    service where they are to differ from the real ones. `limited` names the services that refuse
    when their quota is used up (the headers tell of it in any case). With `packs`, bodies come gzipped
    to those who accept it.
    """

    def __init__(self, world: World, *, clock: Callable[[], datetime] = wall_clock) -> None:
        self.world = world
        self.clock = clock
        self.sizes: dict[str, int] = {}
        self.limited: set[str] = set()
        self.packs = False
        self.closing = threading.Event()
        self._asked: list[Asked] = []
        self._planned: list[Planned] = []
        self._used: Counter[tuple[object, ...]] = Counter()
        self._troubles: list[str] = []
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    # --- For tests ----------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def settings(self) -> dict[str, str]:
        return settings_for(self.url)

    @property
    def asked(self) -> list[Asked]:
        """All requests so far, in the order they came."""
        with self._lock:
            return list(self._asked)

    def asked_of(self, service: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.service.startswith(service)]

    def forget(self) -> None:
        """Begin a new list of requests."""
        with self._lock:
            self._asked.clear()

    def turn_to(self, moment: datetime | date, hour: int = 12) -> None:
        """Let it be this moment out there, or this hour (UTC) of a day. Time stands still then."""
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, clock_time(hour), tzinfo=UTC)
        self.clock = lambda: moment

    def fail(
        self,
        service: str,
        fault: Fault,
        *,
        times: int | None = None,
        after: int = 0,
        when: Callable[[Ask], bool] | None = None,
    ) -> Planned:
        """Let a service (or all whose names begin so: `arxiv`; '' is everyone) go wrong: after the first
        `after` requests that fit, for the next `times`, or until it is lifted.
        """
        planned = Planned(service, fault, times, after, when)
        with self._lock:
            self._planned.append(planned)
        return planned

    def heal(self, service: str = "") -> None:
        """Lift the faults of a service, or all."""
        with self._lock:
            self._planned = [one for one in self._planned if not one.service.startswith(service)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if self._troubles and kind is None:
            raise AssertionError("the world itself broke:\n" + "\n".join(self._troubles))

    def close(self) -> None:
        """Nobody answers at this port any more; connections that are open are closed."""
        self.closing.set()
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    # --- For the handler ------------------------------------------------------------------

    def reply(self, target: str, headers: Mapping[str, str]) -> Reply:
        parts = urlsplit(target)
        service = next((name for name in SERVICES if _is_below(parts.path, SERVICES[name][0])), None)
        if service is None:
            return Reply(404, {"Content-Type": "text/plain"}, b"No service of this world")
        prefix, honest = SERVICES[service]
        path = unquote(parts.path[len(prefix) :]) or "/"
        told = {name.lower(): value for name, value in headers.items()}
        pairs = tuple(parse_qsl(parts.query, keep_blank_values=True))
        now = self.clock().astimezone(UTC)
        quota, used = self._quota(service, told, now)
        with self._lock:
            self._asked.append(Asked(service, path, dict(pairs), dict(headers), time.monotonic()))
            ask = Ask(
                service,
                path,
                pairs,
                told,
                now,
                self.world,
                f"{self.url}{prefix}",
                dict(self.sizes),
                used,
                quota,
            )
            planned = next((one for one in self._planned if one.takes(ask)), None)
        try:
            if planned is not None:
                return planned.fault.act(ask, honest)
            if service in self.limited and used >= quota:
                return quota_spent().act(ask, honest)
            found = honest(ask)
        except Exception:  # noqa: BLE001  (a bug in the world must fail the test, not hang it)
            self._troubles.append(traceback.format_exc())
            return Reply(500, {"Content-Type": "text/plain"}, traceback.format_exc().encode())
        free = service == "github" and found.status == 304 and "authorization" in told
        if not free:
            self._count(service, told, now)
        return self._packed(found, told)

    def _packed(self, found: Reply, told: Mapping[str, str]) -> Reply:
        if not self.packs or not found.body or "gzip" not in told.get("accept-encoding", ""):
            return found
        headers = {**found.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return replace(found, headers=headers, body=gzip.compress(found.body, 1))

    def _window(self, service: str, told: Mapping[str, str], now: datetime) -> tuple[object, ...]:
        seconds = WINDOWS[service][0]
        return service, told.get("authorization", ""), int(now.timestamp()) // seconds

    def _quota(self, service: str, told: Mapping[str, str], now: datetime) -> tuple[int, int]:
        if service not in WINDOWS:
            return 0, 0
        _, without, with_token = WINDOWS[service]
        with self._lock:
            used = self._used[self._window(service, told, now)]
        quota = with_token if "authorization" in told else without
        return quota, used if service in self.limited else used % quota

    def _count(self, service: str, told: Mapping[str, str], now: datetime) -> None:
        if service in WINDOWS:
            with self._lock:
                self._used[self._window(service, told, now)] += 1


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them, and no socket is left to the collector
    request_queue_size = 64

    def __init__(self, world: WorldServer) -> None:
        self.world = world
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # closed in the same moment
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asked has hung up: theirs to tell."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece, or the other side's delayed ACK costs 40 ms
    timeout = 30  # seconds an idle connection is kept
    server: _Server

    def do_GET(self) -> None:
        world = self.server.world
        reply = world.reply(self.path, dict(self.headers))
        try:
            self._deliver(reply, world)
        except OSError:
            self.close_connection = True

    def _deliver(self, reply: Reply, world: WorldServer) -> None:
        if reply.reset:
            # Lingering for no time makes closing a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            socket.close(self.connection.detach())
            return
        length = len(reply.stream) if reply.stream is not None else len(reply.body)
        self.send_response_only(reply.status)
        self.send_header("Date", format_datetime(world.clock().astimezone(UTC), usegmt=True))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 304:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if reply.status == 304:
            return
        if reply.stream is not None:
            for part in reply.stream:
                self.wfile.write(part)
            return
        self._send(reply.body[: reply.sent], reply, world)
        if reply.sent is not None:
            self.close_connection = True

    def _send(self, body: bytes, reply: Reply, world: WorldServer) -> None:
        piece = reply.piece or len(body) or 1
        for at in range(0, len(body), piece):
            self.wfile.write(body[at : at + piece])
            self.wfile.flush()
            if reply.pace and world.closing.wait(reply.pace):
                self.close_connection = True
                return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass
