import base64
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import signing

from subscriptions.tokens import BadToken, Claim, ExpiredToken, Purpose, make_token, read_token

PERSON = uuid.UUID("6f1c2c52-7f0a-4c1e-9d61-0e6f3a5b7c88")
NOON = datetime(2025, 9, 26, 12, tzinfo=UTC)

LIFE = {
    Purpose.CONFIRM: timedelta(hours=72),
    Purpose.PREFERENCES: timedelta(hours=24),
    Purpose.EXPORT: timedelta(hours=24),
    Purpose.FEEDBACK: timedelta(days=90),
}
FOR_EVER = [Purpose.UNSUBSCRIBE, Purpose.DIGEST, Purpose.FEED]


def token(purpose: Purpose = Purpose.CONFIRM, *, epoch: int = 3) -> str:
    return make_token(purpose, public_id=PERSON, epoch=epoch)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_says_whose_it_is_and_from_which_epoch(purpose):
    assert read_token(purpose, token(purpose)) == Claim(public_id=PERSON, epoch=3)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_opens_no_other_door(purpose):
    for other in set(Purpose) - {purpose}:
        with pytest.raises(BadToken):
            read_token(other, token(purpose))


def test_every_flipped_bit_fails_alike():
    good = token()

    for place in range(len(good)):
        for bit in range(8):
            forged = good[:place] + chr(ord(good[place]) ^ (1 << bit)) + good[place + 1 :]
            with pytest.raises(BadToken) as refusal:
                read_token(Purpose.CONFIRM, forged)
            assert refusal.type is BadToken, (place, bit)
            assert str(refusal.value) == ""


FORGERIES = {
    "nothing": "",
    "one colon": ":",
    "two colons": "::",
    "three words": "a:b:c",
    "very long": "x" * 100_000,
    "null": "\x00",
    "half a letter": "\ud800",
    "half letters": "\ud800:\ud800:\ud800",
    "other digits": "６f1c:１:２",
    "unsigned": f"{PERSON.hex}.3",
    "cut": token()[:-1],
    "one more": token() + "A",
    "padded": token() + "=",
    "a blank": " " + token(),
    "other case": token().swapcase(),
    "another one's signature": token(epoch=3).rpartition(":")[0] + ":" + token(epoch=4).rpartition(":")[2],
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
def test_what_we_did_not_sign_is_no_token(forged):
    with pytest.raises(BadToken) as refusal:
        read_token(Purpose.CONFIRM, forged)
    assert refusal.type is BadToken


@pytest.mark.parametrize("value", ["", ".", "x", "x.1", "AAAA.1", "b8fDZé.1", "bxwsUn8KTB6dYQ5vOlt8iA.x"])
def test_what_we_signed_for_something_else_is_no_token(value):
    """A token of another release, say, whose shape was different."""
    signed = signing.TimestampSigner(salt="paper-round.token.confirm").sign(value)

    with pytest.raises(BadToken) as refusal:
        read_token(Purpose.CONFIRM, signed)
    assert refusal.type is BadToken


@pytest.mark.parametrize(("purpose", "life"), LIFE.items())
def test_a_link_works_for_its_life_and_no_longer(purpose, life):
    with time_machine.travel(NOON, tick=False):
        link = token(purpose)
    with time_machine.travel(NOON + life - timedelta(seconds=1), tick=False):
        assert read_token(purpose, link).public_id == PERSON
    with time_machine.travel(NOON + life + timedelta(seconds=2), tick=False), pytest.raises(ExpiredToken):
        read_token(purpose, link)


@pytest.mark.parametrize("purpose", FOR_EVER)
def test_these_links_never_expire(purpose):
    with time_machine.travel(NOON, tick=False):
        link = token(purpose)
    with time_machine.travel(NOON + timedelta(days=20 * 365), tick=False):
        assert read_token(purpose, link).epoch == 3


def test_every_purpose_has_a_life():
    assert {*LIFE, *FOR_EVER} == set(Purpose)


def test_an_expired_forgery_is_a_forgery():
    with time_machine.travel(NOON, tick=False):
        link = token()
    forged = link[:-1] + ("A" if link[-1] != "A" else "B")
    with time_machine.travel(NOON + timedelta(days=30), tick=False), pytest.raises(BadToken) as refusal:
        read_token(Purpose.CONFIRM, forged)
    assert refusal.type is BadToken


def test_a_rotated_key_still_reads_old_links(settings):
    settings.SECRET_KEY = "the old key, long enough to be one, 0123456789"
    settings.SECRET_KEY_FALLBACKS = []
    old = token()

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the new key, long enough to be one, 9876543210"
    assert read_token(Purpose.CONFIRM, old).public_id == PERSON

    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(BadToken):
        read_token(Purpose.CONFIRM, old)


def test_a_new_link_is_signed_with_the_new_key(settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the new key, long enough to be one, 9876543210"
    link = token()

    settings.SECRET_KEY_FALLBACKS = []
    assert read_token(Purpose.CONFIRM, link).public_id == PERSON


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_needs_no_escaping_in_a_path_and_is_short(purpose):
    link = token(purpose, epoch=2**31)

    assert re.fullmatch(r"[A-Za-z0-9_.:-]+", link)
    assert len(link) <= 110


def test_a_token_holds_the_random_id_and_the_epoch_and_nothing_else():
    value, _, rest = token().partition(":")
    _, _, signature = rest.partition(":")
    encoded, _, epoch = value.partition(".")

    assert base64.urlsafe_b64decode(encoded + "==") == PERSON.bytes
    assert epoch == "3"
    assert len(base64.urlsafe_b64decode(signature + "=")) == 32, "HMAC-SHA-256: no fewer bits to guess"
