"""Whatever is not exactly a token of ours for this door is refused, always in the same way."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import signing
from hypothesis import assume, example, given
from hypothesis import strategies as st

from subscriptions.tokens import BadToken, Purpose, make_token, read_token

PERSON = uuid.UUID("6f1c2c52-7f0a-4c1e-9d61-0e6f3a5b7c88")
NOON = datetime(2025, 9, 26, 12, tzinfo=UTC)

any_purpose = st.sampled_from(Purpose)
any_id = st.uuids()
any_epoch = st.integers(min_value=0, max_value=2**31 - 1)


def refused(purpose: Purpose, forged: str) -> bool:
    """Whether it is refused without a word on what was wrong."""
    with pytest.raises(BadToken) as refusal:
        read_token(purpose, forged)
    return refusal.type is BadToken and refusal.value.args == ()


def token(*, epoch: int = 3) -> str:
    return make_token(Purpose.CONFIRM, public_id=PERSON, epoch=epoch)


def test_every_flipped_bit_of_one_token_fails_alike():
    good = token()

    for place in range(len(good)):
        for bit in range(8):
            forged = good[:place] + chr(ord(good[place]) ^ (1 << bit)) + good[place + 1 :]
            assert refused(Purpose.CONFIRM, forged), (place, bit)


@given(purpose=any_purpose, public_id=any_id, epoch=any_epoch, data=st.data())
def test_any_flipped_bit_of_any_token_fails_alike(purpose, public_id, epoch, data):
    good = make_token(purpose, public_id=public_id, epoch=epoch)
    place = data.draw(st.integers(0, len(good) - 1), label="place")
    bit = data.draw(st.integers(0, 7), label="bit")

    assert refused(purpose, good[:place] + chr(ord(good[place]) ^ (1 << bit)) + good[place + 1 :])


@given(purpose=any_purpose, public_id=any_id, epoch=any_epoch, data=st.data())
def test_any_cut_of_any_token_fails_alike(purpose, public_id, epoch, data):
    good = make_token(purpose, public_id=public_id, epoch=epoch)
    begin = data.draw(st.integers(0, len(good)), label="begin")
    end = data.draw(st.integers(begin, len(good)), label="end")
    assume((begin, end) != (0, len(good)))

    assert refused(purpose, good[begin:end])


@given(purpose=any_purpose, other=any_purpose, public_id=any_id, epoch=any_epoch)
def test_any_token_at_any_other_door_fails_alike(purpose, other, public_id, epoch):
    assume(purpose is not other)

    assert refused(other, make_token(purpose, public_id=public_id, epoch=epoch))


@given(purpose=any_purpose, forged=st.text(max_size=200))
@example(purpose=Purpose.CONFIRM, forged="a:b:c")
def test_whatever_somebody_makes_up_fails_alike(purpose, forged):
    assert refused(purpose, forged)


@given(one=any_id, other=any_id, purpose=any_purpose)
def test_parts_of_two_tokens_make_no_third(one, other, purpose):
    assume(one != other)
    mine = make_token(purpose, public_id=one, epoch=0)
    theirs = make_token(purpose, public_id=other, epoch=0)

    assert refused(purpose, mine.partition(":")[0] + ":" + theirs.partition(":")[2])


@pytest.mark.parametrize("purpose", Purpose)
def test_an_expired_forgery_is_a_forgery(purpose):
    with time_machine.travel(NOON, tick=False):
        link = make_token(purpose, public_id=PERSON, epoch=3)
    forged = link[:-1] + ("A" if link[-1] != "A" else "B")
    with time_machine.travel(NOON + timedelta(days=365), tick=False):
        assert refused(purpose, forged)


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
    assert refused(Purpose.CONFIRM, forged)


@pytest.mark.parametrize("value", ["", ".", "x", "x.1", "AAAA.1", "b8fDZé.1", "bxwsUn8KTB6dYQ5vOlt8iA.x"])
def test_what_we_signed_for_something_else_is_no_token(value):
    """A token of another release, say, whose shape was different."""
    signed = signing.TimestampSigner(salt="paper-round.token.confirm").sign(value)

    assert refused(Purpose.CONFIRM, signed)
