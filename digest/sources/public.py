"""Connections that lead to public addresses only, whatever a name resolves to.

What a source tells may name any host, and a redirect may lead anywhere: a machine inside our own
network must not be reached that way. The name is resolved once, every address of it is looked at, and
the connection goes to an address that was looked at, so it cannot resolve to another in between.
"""

import ipaddress
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError

OURS = (
    "HUGGINGFACE_URL",
    "ARXIV_FEED_URL",
    "ARXIV_OAI_URL",
    "ARXIV_API_URL",
    "BIORXIV_URL",
    "GITHUB_URL",
    "SEMANTICSCHOLAR_URL",
    "OPENALEX_URL",
)
"""Settings whose hosts the operator chose, so they may be private: a mirror, or a test's server."""
_open: ContextVar["list[HTTPConnection] | None"] = ContextVar(
    "open connections of this request", default=None
)


class NotPublic(urllib3.exceptions.HTTPError):
    """A name that leads to an address inside some network, or to nothing."""


def is_public(address: str) -> bool:
    """Can everybody reach this address? False for private, loopback, link-local, shared, multicast."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        # The same machine in another dress: mapped, 6to4, NAT64 (RFC 6052), Teredo.
        inner = found.ipv4_mapped or found.sixtofour
        if found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found.teredo is not None:
            return False
    return found.is_global and not found.is_multicast


def _chosen() -> set[tuple[str, int]]:
    """Hosts and ports of the sources as the settings have them."""
    chosen = set()
    for name in OURS:
        parts = urlsplit(getattr(settings, name))
        try:
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
    """Connects to an address it has looked at; its request can be broken off from outside."""

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
                if isinstance(self.timeout, int | float):
                    sock.settimeout(self.timeout)
                sock.connect(address)
            except OSError as error:
                sock.close()
                last = error
            else:
                return sock
        raise NewConnectionError(self, f"no address of {host} answers: {last}") from last

    def request(self, *args: Any, **kwargs: Any) -> None:
        if (mine := _open.get()) is not None:
            mine.append(self)
        super().request(*args, **kwargs)


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


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Break off requests made inside that take longer, even where something arrives all the time.

    A time limit on reading counts from the last byte, so a server that sends one every few seconds
    holds a worker for ever.
    """
    mine: list[HTTPConnection] = []
    token = _open.set(mine)

    def break_off() -> None:
        for connection in mine:
            if (sock := connection.sock) is not None:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:  # closed in the same moment
                    continue

    timer = Timer(seconds, break_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        _open.reset(token)
