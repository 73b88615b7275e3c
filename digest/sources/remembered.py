"""What a host answered before, so that it need not say it again: conditional requests (RFC 9110, 13).

Kept in the cache, so losing it costs a download and nothing else.
"""

import hashlib
import logging
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.cache import cache

logger = logging.getLogger(__name__)

KEPT_FOR = 8 * 24 * 60 * 60
LARGEST = 4 * 1024 * 1024
"""Bytes of a body beyond which it is not kept."""


@dataclass(frozen=True, slots=True)
class Known:
    """A body and the headers that ask whether it is still the same."""

    validators: dict[str, str]
    body: bytes


def recall(url: str, headers: Mapping[str, str]) -> Known | None:
    """What was kept of this address, asked for with the same proof of who we are."""
    try:
        kept = cache.get(_key(url, headers))
        if kept is None:
            return None
        validators, packed = kept
        return Known(dict(validators), zlib.decompress(packed))
    except Exception as error:  # noqa: BLE001  (a cache that is down or broken remembers nothing)
        logger.info("nothing remembered: %s", type(error).__name__)
        return None


def keep(url: str, headers: Mapping[str, str], told: Mapping[str, str], body: bytes) -> None:
    """Remember a body, if its host gave something to ask for it by."""
    validators = {}
    if etag := told.get("etag"):
        validators["If-None-Match"] = etag
    if last_modified := told.get("last-modified"):
        validators["If-Modified-Since"] = last_modified
    if not validators or len(body) > LARGEST or "no-store" in told.get("cache-control", "").lower():
        return
    try:
        cache.set(_key(url, headers), (validators, zlib.compress(body, 1)), KEPT_FOR)
    except Exception as error:  # noqa: BLE001
        logger.info("not remembered: %s", type(error).__name__)


def _key(url: str, headers: Mapping[str, str]) -> str:
    # A tag may be bound to the token it was given for.
    message = "\n".join([url, *(f"{name}:{value}" for name, value in sorted(headers.items()))])
    return f"source:{hashlib.sha256(message.encode()).hexdigest()}"
