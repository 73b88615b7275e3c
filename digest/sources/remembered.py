"""What a host answered before, so that it need not say it again: conditional requests (RFC 9110, 13).

Kept in the cache, so losing it costs a download and nothing else.
"""

import hashlib
import logging
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pickle import PickleError

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

KEPT_FOR = 8 * 24 * 60 * 60
# A cache that is down, or holds what another release or somebody else wrote there.
TROUBLES = (
    RedisError, OSError, ValueError, TypeError, LookupError, AttributeError, ImportError, EOFError,
    PickleError, zlib.error,
)  # fmt: skip
LONGEST_TAG = 1_000
LARGEST = 4 * 1024 * 1024
"""Bytes of a body beyond which it is not kept."""


@dataclass(frozen=True, slots=True)
class Known:
    """A body and the headers that ask whether it is still the same."""

    validators: dict[str, str]
    body: bytes


_used: ContextVar["list[str] | None"] = ContextVar("what was remembered in this look", default=None)


class Memory:
    """What one look relied on."""

    def __init__(self, keys: list[str]) -> None:
        self._keys = keys

    def forget(self) -> None:
        """Ask for all of it anew next time. A broken body may come with a tag that is right, and would
        else be confirmed for ever.
        """
        try:
            cache.delete_many(self._keys)
        except TROUBLES as error:
            logger.info("not forgotten: %s", type(error).__name__)


@contextmanager
def looking() -> Iterator[Memory]:
    """Notes what is remembered inside, so that it can be forgotten if it turns out to be no good."""
    keys: list[str] = []
    token = _used.set(keys)
    try:
        yield Memory(keys)
    finally:
        _used.reset(token)


def recall(url: str, headers: Mapping[str, str]) -> Known | None:
    """What was kept of this address, asked for with the same proof of who we are."""
    try:
        kept = cache.get(_key(url, headers))
        if kept is None:
            return None
        validators, packed = kept
        return Known({str(name): str(tag) for name, tag in validators.items()}, zlib.decompress(packed))
    except TROUBLES as error:
        logger.info("nothing remembered: %s", type(error).__name__)
        return None


def keep(url: str, headers: Mapping[str, str], told: Mapping[str, str], body: bytes) -> None:
    """Remember a body, if its host gave something to ask for it by."""
    validators = {
        asked: tag
        for asked, named in (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
        # What could not be sent back would spoil every later request.
        if (tag := told.get(named, "")) and tag.isascii() and tag.isprintable() and len(tag) <= LONGEST_TAG
    }
    # Only with its length told do we know that it is whole.
    if not validators or not told.keys() & {"content-length", "transfer-encoding"}:
        return
    if len(body) > LARGEST or "no-store" in told.get("cache-control", "").lower():
        return
    try:
        cache.set(_key(url, headers), (validators, zlib.compress(body, 1)), KEPT_FOR)
    except TROUBLES as error:
        logger.info("not remembered: %s", type(error).__name__)


def _key(url: str, headers: Mapping[str, str]) -> str:
    # A tag may be bound to the token it was given for.
    message = "\n".join([url, *(f"{name}:{value}" for name, value in sorted(headers.items()))])
    key = f"source:{hashlib.sha256(message.encode()).hexdigest()}"
    if (used := _used.get()) is not None:
        used.append(key)
    return key
