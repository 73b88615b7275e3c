"""The one door to other people's servers: every request waits its turn, and is limited in every way."""

import json
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from urllib.parse import quote, urlencode

import urllib3
from django.conf import settings
from urllib3.util import Timeout

from digest.sources import gate, remembered
from digest.sources.base import AskedToWait, SourceError, Unreachable
from digest.sources.metered import came
from digest.sources.public import NotPublic, TooSlow, at_most, host_of, is_web, onward, origin, pool_manager
from digest.sources.waiting import backoff, retry_after

PLAIN = "!#$%&'()*+,/:;=?@[]~ "
"""Characters of a contact that go as they are."""
MAX_BYTES = 32 * 1024 * 1024
"""Of a body, unpacked."""
CHUNK = 64 * 1024
CONNECT, READ, TOTAL = 5.0, 20.0, 60.0
"""Seconds: to connect, between two bytes, and for the whole answer."""
TRIES = 4
REDIRECTS = 3
PATIENCE = 100.0
"""Seconds beyond which a request does not wait for its host; whoever asked comes back later."""
AGAIN = frozenset({429, 500, 502, 503, 504})
WITH_WISH = frozenset({403, 429, 503})
MOVED = frozenset({301, 302, 303, 307, 308})


class Refused(SourceError):
    """The host answered, but not with what was asked for."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered in the end.

    `url` is where it came from after redirects; `bytes_read` what came over the wire, packed;
    `unchanged` says that the host confirmed the body we had (it is here all the same).
    """

    status: int
    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    bytes_read: int = 0
    unchanged: bool = False


Wish = Callable[[int, Mapping[str, str]], float | None]
"""Seconds for which nobody is to ask a host, by the status and the headers of its answer."""


def get(
    url: str,
    fields: Mapping[str, str] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    statuses: frozenset[int] = frozenset({200}),
    wish: Wish | None = None,
) -> Answer:
    """GET a document, or learn that it has not changed since it was last read.

    Tries again after troubles that pass, when its host wants it to; follows redirects to where
    everybody may go. `headers` go to the host of `url` alone. `wish` is for a host that says in a way of
    its own for how long it wants no request.

    Raises:
        Unreachable: no connection came about.
        AskedToWait: the host wants no request for longer than we wait.
        Refused: an answer whose status is not in `statuses`.
        SourceError: too much, too slow, or broken off.
    """
    return _Request("GET", url, fields, dict(headers or {}), statuses, wish=wish).answer()


def post_json(
    url: str,
    document: object,
    fields: Mapping[str, str] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """POST a question as JSON. Raises as `get`."""
    sent = {"Content-Type": "application/json", **(headers or {})}
    body = json.dumps(document).encode()
    return _Request("POST", url, fields, sent, frozenset({200}), body).answer()


@cache
def _pool() -> urllib3.PoolManager:
    return pool_manager(
        num_pools=20,
        maxsize=2,
        headers={
            # A host in letters of its own has to go as percent signs; a header holds ASCII only.
            "User-Agent": f"PaperRound (+{quote(settings.HTTP_CONTACT, safe=PLAIN)})",
            "Accept-Encoding": "gzip",
        },
        timeout=Timeout(connect=CONNECT, read=READ),
        retries=False,
    )


class _Again(Exception):
    """A trouble that passes. Holds what to tell if it does not."""

    def __init__(self, error: SourceError, wait: float | None = None) -> None:
        self.error, self.wait = error, wait


class _Request:
    def __init__(
        self,
        method: str,
        url: str,
        fields: Mapping[str, str] | None,
        headers: dict[str, str],
        statuses: frozenset[int],
        body: bytes | None = None,
        *,
        wish: Wish | None = None,
    ) -> None:
        self.method, self.headers, self.statuses, self.body = method, headers, statuses, body
        if not is_web(url):
            shown = url.partition("?")[0].rpartition("@")[2]  # neither key nor password
            raise SourceError(f"{shown!r} is no web address. Check the settings whose names end in _URL.")
        self.host = host_of(url)
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise SourceError(f"A header for {self.host} cannot be sent. Check its token in the settings.")
        query = urlencode(fields or {}, errors="replace")
        self.url = f"{url}{'&' if '?' in url else '?'}{query}" if query else url
        self.bytes_read = 0
        self.wish = wish or _wish

    def answer(self) -> Answer:
        waits_until = time.monotonic() + PATIENCE
        for attempt in range(1, TRIES + 1):
            try:
                return self._follow()
            except _Again as trouble:
                wait = trouble.wait if trouble.wait is not None else backoff(attempt)
                tries = min(TRIES, 2) if isinstance(trouble.error, Unreachable) else TRIES
                if trouble.wait is not None and wait > PATIENCE:
                    raise _asked_to_wait(self.host, time.time() + wait) from trouble
                if attempt >= tries or time.monotonic() + wait > waits_until:
                    raise trouble.error from trouble
                if trouble.wait is None:  # else the gate keeps everybody waiting, us too
                    time.sleep(wait)
        raise AssertionError("unreachable")

    def _follow(self) -> Answer:
        """One attempt, through its redirects."""
        url, headers = self.url, self.headers
        method, body = self.method, self.body
        for _ in range(REDIRECTS + 1):
            found = self._once(method, url, headers, body)
            location = found.headers.get("location")
            if found.status not in MOVED or not location:
                return self._judged(found)
            following = _next(url, location)
            if origin(following) != origin(url):
                headers = {}  # what proves who we are is for the host it was meant for
            if found.status == 303:
                method, body = "GET", None
            url = following
        raise SourceError(
            f"{self.host} redirects in a circle, or more than {REDIRECTS} times. Try again later."
        )

    def _once(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Answer:
        host = host_of(url)
        known = remembered.recall(url, headers) if method == "GET" else None
        asked = {**_pool().headers, **headers, **(known.validators if known else {})}
        try:
            with gate.turn(url, patience=PATIENCE) as pass_on, at_most(TOTAL):
                response = _pool().request(
                    method, url, headers=asked, body=body, redirect=False, preload_content=False
                )
                status, told = response.status, _plain(response.headers)
                wish = self.wish(status, told)
                if wish is not None:
                    pass_on(wish)
                content = self._read(response, host)
        except gate.TooLong as error:
            if error.busy:
                raise AskedToWait(
                    f"Another worker has been asking {host} all the time. Try again."
                ) from error
            raise _asked_to_wait(host, error.until.timestamp()) from error
        except NotPublic as error:
            raise SourceError(f"{error}: not asked.") from error
        except urllib3.exceptions.LocationValueError as error:
            raise _told(error, host) from error
        except urllib3.exceptions.HTTPError as error:
            raise _Again(_told(error, host)) from error
        if status == 304 and known:
            return Answer(200, url, known.body, told, 0, unchanged=True)
        if status in AGAIN and status not in self.statuses:
            raise _Again(self._refusal(status, host), wish)
        answer = Answer(status, url, content, told, self.bytes_read)
        if method == "GET" and status == 200:
            remembered.keep(url, headers, told, content)
        return answer

    def _read(self, response: urllib3.BaseHTTPResponse, host: str) -> bytes:
        content = bytearray()
        pieces = iter(lambda: response.read1(CHUNK, decode_content=False), b"")
        packed = response.headers.get("content-encoding", "").strip().lower() in ("gzip", "x-gzip")
        try:
            if response.status < 200:  # what is still to come would be taken for the next answer
                raise urllib3.exceptions.ProtocolError("an interim answer nobody asked for")
            for piece in _unpacked(pieces) if packed else pieces:
                content += piece
                if max(len(content), response.tell()) > MAX_BYTES:
                    raise SourceError(
                        f"{host} sent more than {MAX_BYTES // 1024 // 1024} MB; stopped reading."
                    )
        except BaseException:
            response.close()  # the rest of it would be taken for the next answer
            raise
        finally:
            self.bytes_read += response.tell()
            came(response.tell())
            response.release_conn()
        return bytes(content)

    def _judged(self, found: Answer) -> Answer:
        if found.status not in self.statuses:
            raise self._refusal(found.status, host_of(found.url))
        return found

    def _refusal(self, status: int, host: str) -> Refused:
        return Refused(f"{host} answered {status} instead of a list. Try again later.", status=status)


def _wish(status: int, headers: Mapping[str, str]) -> float | None:
    return retry_after(headers.get("retry-after")) if status in WITH_WISH else None


def _asked_to_wait(host: str, until: float) -> AskedToWait:
    moment = datetime.fromtimestamp(until, UTC)
    return AskedToWait(
        f"{host} wants no request before {moment:%H:%M} UTC on {moment:%Y-%m-%d}. Try again then."
    )


def _told(error: urllib3.exceptions.HTTPError, host: str) -> SourceError:
    reason = getattr(error, "reason", None) or error
    never = (
        urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.ConnectTimeoutError,
        urllib3.exceptions.NameResolutionError,
        urllib3.exceptions.LocationValueError,
        urllib3.exceptions.SSLError,
    )
    if isinstance(error, never):
        return Unreachable(
            f"{host} cannot be reached ({type(reason).__name__}). Check the network and try again, "
            "or read a recorded payload with --file."
        )
    if isinstance(error, TooSlow):
        return SourceError(f"{host} had not ended its answer after {TOTAL:.0f} seconds. Try again later.")
    return SourceError(f"{host} broke off its answer ({type(reason).__name__}). Try again.")


def _next(url: str, location: str) -> str:
    """Where a redirect leads.

    Raises:
        SourceError: to no place on the web, or from a place others cannot read along to one they can.
    """
    following = onward(url, location)
    if following is None:
        raise SourceError(f"{host_of(url)} redirects to something that is no web address: not followed.")
    if origin(url)[0] == "https" and origin(following)[0] == "http":
        raise SourceError(f"{host_of(url)} redirects from https to http: not followed.")
    return following


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What gzip packed (RFC 1952), in pieces of `CHUNK` at most: few bytes may hold gigabytes.

    Raises:
        DecodeError: it did not, or the end is missing; urllib3 takes that for whole.
    """
    member = None
    for piece in pieces:
        rest, more = piece, False
        while rest or more:
            member = member or zlib.decompressobj(wbits=31)
            try:
                found = member.decompress(rest, CHUNK)
            except zlib.error as error:
                raise urllib3.exceptions.DecodeError("not packed as it says") from error
            yield found
            rest, more = member.unconsumed_tail, len(found) == CHUNK
            if member.eof:
                rest, more, member = member.unused_data, False, None
    if member is not None:
        raise urllib3.exceptions.DecodeError("its end is missing")


def _plain(headers: urllib3.HTTPHeaderDict) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
