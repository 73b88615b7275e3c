"""Every signed link. Pure but for the signing keys, which Django reads when a token is made.

A token holds a random id and the epoch it was made in, nothing of the person. Each purpose has its
own salt, so a token is worth nothing at another door, and its own life.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache, lru_cache
from uuid import UUID

from django.core import signing
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.encoding import force_bytes


class Purpose(StrEnum):
    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    EXPORT = "export"
    DIGEST = "digest"
    FEEDBACK = "feedback"
    FEED = "feed"
    ADDRESS = "address"


# None: the link works as long as the subscriber row lives.
LIFE: dict[Purpose, timedelta | None] = {
    Purpose.CONFIRM: timedelta(hours=72),
    Purpose.UNSUBSCRIBE: None,
    Purpose.PREFERENCES: timedelta(hours=24),
    Purpose.EXPORT: timedelta(hours=24),
    Purpose.DIGEST: None,
    Purpose.FEEDBACK: timedelta(days=90),
    Purpose.FEED: None,
    Purpose.ADDRESS: timedelta(hours=72),
}
ANSWERS = frozenset({Purpose.CONFIRM, Purpose.ADDRESS})
"""Links that answer one letter: these name its notice, all others their subscriber."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a good token says: whose it is (see `ANSWERS`), and in which epoch it was made."""

    public_id: UUID
    epoch: int


class BadToken(Exception):
    """Not a token of ours for this purpose: damaged, forged, or meant for another door."""


class ExpiredToken(BadToken):
    """Once good, now too old. `claim` says whose it was."""

    def __init__(self, claim: Claim) -> None:
        super().__init__()
        self.claim = claim


def make_token(purpose: Purpose, *, public_id: UUID, epoch: int) -> str:
    """A URL-safe token of about 80 characters."""
    value = f"{signing.b64_encode(public_id.bytes).decode()}.{epoch}:{_moment(int(time.time()))}"
    mac = _keyed(purpose).copy()
    mac.update(value.encode())
    return f"{value}:{signing.b64_encode(mac.digest()).decode()}"


@cache
def _keyed(purpose: Purpose) -> hmac.HMAC:
    """What a signer makes anew for each signature, which is most of its work: a digest has three."""
    signer = signing.TimestampSigner(salt=_salt(purpose))
    key = hashlib.sha256(f"{_salt(purpose)}signer".encode() + force_bytes(signer.key)).digest()
    return hmac.new(key, digestmod=hashlib.sha256)


@receiver(setting_changed)
def _forget_keys(**_kwargs: object) -> None:
    """As Django forgets what it made of settings: they change in tests alone."""
    _keyed.cache_clear()


@lru_cache(maxsize=1)
def _moment(seconds: int) -> str:
    return signing.b62_encode(seconds)


def read_token(purpose: Purpose, token: str) -> Claim:
    """Check signature, purpose and age.

    Raises:
        ExpiredToken: signed by us for this purpose, but older than its life.
        BadToken: anything else; deliberately without saying which part was wrong.
    """
    signer = signing.TimestampSigner(salt=_salt(purpose))
    try:
        claim = _claim(signer.unsign(token))
    except (signing.BadSignature, ValueError, UnicodeError) as error:
        raise BadToken from error
    try:
        signer.unsign(token, max_age=LIFE[purpose])
    except signing.SignatureExpired as error:
        raise ExpiredToken(claim) from error
    return claim


def _claim(value: str) -> Claim:
    encoded, _, epoch = value.partition(".")
    return Claim(public_id=UUID(bytes=signing.b64_decode(encoded.encode())), epoch=int(epoch))


def _salt(purpose: Purpose) -> str:
    return f"paper-round.token.{purpose}"
