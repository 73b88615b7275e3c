"""Connections that lead to public addresses only, whatever a name resolves to.

What a source tells may name any host, and a redirect may lead anywhere: a machine inside our own
network must not be reached that way. The name is resolved once, every address of it is looked at, and
the connection goes to an address that was looked at, so it cannot resolve to another in between.
"""

import ipaddress
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Timer
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError

from digest.sources.gate import SERVICES

GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is handed out to the public; the module of Python knows exceptions, but not this."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
LONGEST_NAME = 253
_limit: ContextVar["_Limit | None"] = ContextVar("time limit of this request", default=None)


class NotPublic(urllib3.exceptions.HTTPError):
    """A name that leads to an address inside some network, or to nothing."""


class TooSlow(urllib3.exceptions.HTTPError):
    """An answer that was broken off because all of it together took too long."""


def host_of(url: str) -> str:
    """The host alone, which is all that messages may tell of an address: the rest may hold a key."""
    try:
        return urlsplit(url).hostname or "an address without a host"
    except ValueError:
        return "an address that is none"


def origin(url: str) -> tuple[str, str]:
    """Scheme and host with port: whom a secret may be told."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def is_web(url: str) -> bool:
    """An address on the web, and of the same host for all who read it: some tricks live off two readings."""
    try:
        asked, read = urllib3.util.parse_url(url), urlsplit(url)
        same = (asked.host or "").strip("[]") == (read.hostname or "") and asked.port == read.port
    except (urllib3.exceptions.LocationParseError, ValueError):
        return False
    return asked.scheme in ("http", "https") and 0 < len(asked.host or "") <= LONGEST_NAME and same


def onward(url: str, location: str) -> str | None:
    """Where a redirect leads; None for a place that is not on the web."""
    try:
        found = urljoin(url, location)
    except ValueError:
        return None
    return found if is_web(found) else None


def is_public(address: str) -> bool:
    """Can everybody reach this address? False for private, loopback, link-local, shared, multicast."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        # The same machine in another dress: mapped, 6to4, NAT64 (RFC 6052).
        inner = found.ipv4_mapped or found.sixtofour
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found.teredo is not None or found not in GLOBAL_UNICAST:
            return False
    return found.is_global and not found.is_multicast


def _chosen() -> set[tuple[str, int]]:
    """Hosts and ports the operator chose, so they may be private: a mirror, or a test's server."""
    chosen = set()
    for name in SERVICES:
        try:
            parts = urlsplit(getattr(settings, name))
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:  # a port that is none: nobody can be reached there anyway
            continue
        chosen.add(((parts.hostname or "").lower(), port))
    return chosen


def _addresses(host: str, port: int) -> Iterable[tuple[Any, ...]]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if (host.lower(), port) in _chosen():
        return found
    for *_, address in found:
        if not is_public(str(address[0])):
            raise NotPublic(f"{host} leads to {address[0]}, which is not a public address")
    return found


class _Checked(HTTPConnection):
    """Connects to an address it has looked at, in the time that is left; can be broken off from outside."""

    def _new_conn(self) -> socket.socket:
        host = self._dns_host.strip("[]").rstrip(".")
        try:
            addresses = list(_addresses(host, self.port))
        except (socket.gaierror, UnicodeError) as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]
        last: OSError | None = None
        for family, kind, protocol, _, address in addresses:
            sock = socket.socket(family, kind, protocol)
            try:
                for option in self.socket_options or ():
                    sock.setsockopt(*option)
                sock.settimeout(self._seconds_to_connect())
                sock.connect(address)
            except OSError as error:
                sock.close()
                last = error
            except TooSlow:
                sock.close()
                raise
            else:
                return sock
        raise NewConnectionError(self, f"no address of {host} answers: {last}") from last

    def _seconds_to_connect(self) -> float | None:
        seconds = float(self.timeout) if isinstance(self.timeout, int | float) else None
        if (limit := _limit.get()) is not None:
            seconds = limit.left() if seconds is None else min(seconds, limit.left())
        return seconds

    def connect(self) -> None:
        super().connect()
        self._put_under_limit()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._put_under_limit()  # one that was kept open is not connected anew
        super().request(*args, **kwargs)

    def _put_under_limit(self) -> None:
        # The socket, not the connection: that forgets it while an answer is still being read from it,
        # where the server said that it is going to close.
        if (limit := _limit.get()) is not None and self.sock is not None:
            limit.add(self.sock)


class _CheckedTLS(_Checked, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Checked


class _PoolTLS(HTTPSConnectionPool):
    ConnectionCls = _CheckedTLS


def pool_manager(**options: Any) -> urllib3.PoolManager:
    """A pool that makes such connections only."""
    manager = urllib3.PoolManager(**options)
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _PoolTLS}
    return manager


class _Limit:
    """The end of the time a request may take, and the sockets to be shut then."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.sockets: list[socket.socket] = []
        self.over = False

    def left(self) -> float:
        seconds = self.until - time.monotonic()
        if self.over or seconds <= 0:
            self.over = True
            raise TooSlow
        return seconds

    def add(self, sock: socket.socket) -> None:
        self.sockets.append(sock)
        if self.over:
            raise TooSlow

    def break_off(self) -> None:
        self.over = True
        for sock in self.sockets:
            try:
                # Not TLS's own way, which takes its state from under whoever reads in this moment.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:  # closed in the same moment
                continue


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Break off requests made inside that take longer, even where something arrives all the time.

    A time limit on reading counts from the last byte, so a server that sends one every few seconds
    holds a worker for ever.

    Raises:
        TooSlow: broken off, even if what had come until then looks whole.
    """
    limit = _Limit(seconds)
    token = _limit.set(limit)
    timer = Timer(seconds, limit.break_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    except urllib3.exceptions.HTTPError as error:
        if limit.over:
            raise TooSlow from error
        raise
    else:
        if limit.over:
            raise TooSlow
    finally:
        timer.cancel()
        _limit.reset(token)
