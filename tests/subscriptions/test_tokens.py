import base64
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import signing

from subscriptions.mail import token_for
from subscriptions.tokens import ANSWERS, BadToken, Claim, ExpiredToken, Purpose, make_token, read_token
from tests.factories import make_subscriber
from tests.subscriptions.owed import owe

PERSON = uuid.UUID("6f1c2c52-7f0a-4c1e-9d61-0e6f3a5b7c88")
NOON = datetime(2025, 9, 26, 12, tzinfo=UTC)

LIFE = {
    Purpose.CONFIRM: timedelta(hours=72),
    Purpose.PREFERENCES: timedelta(hours=24),
    Purpose.EXPORT: timedelta(hours=24),
    Purpose.FEEDBACK: timedelta(days=90),
    Purpose.ADDRESS: timedelta(hours=72),
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


@pytest.mark.parametrize(("purpose", "life"), LIFE.items())
def test_a_link_works_for_its_life_and_no_longer(purpose, life):
    with time_machine.travel(NOON, tick=False):
        link = token(purpose)
    with time_machine.travel(NOON + life - timedelta(seconds=1), tick=False):
        assert read_token(purpose, link).public_id == PERSON
    with (
        time_machine.travel(NOON + life + timedelta(seconds=2), tick=False),
        pytest.raises(ExpiredToken) as refusal,
    ):
        read_token(purpose, link)
    assert refusal.value.claim == Claim(public_id=PERSON, epoch=3), "so that its owner can get a new one"


@pytest.mark.parametrize("purpose", FOR_EVER)
def test_these_links_never_expire(purpose):
    with time_machine.travel(NOON, tick=False):
        link = token(purpose)
    with time_machine.travel(NOON + timedelta(days=20 * 365), tick=False):
        assert read_token(purpose, link).epoch == 3


def test_every_purpose_has_a_life():
    assert {*LIFE, *FOR_EVER} == set(Purpose)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_rotated_key_still_reads_old_links(settings, purpose):
    settings.SECRET_KEY = "the old key, long enough to be one, 0123456789"
    settings.SECRET_KEY_FALLBACKS = []
    old = token(purpose)

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the new key, long enough to be one, 9876543210"
    assert read_token(purpose, old).public_id == PERSON

    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(BadToken):
        read_token(purpose, old)


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


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", [Purpose.CONFIRM, Purpose.ADDRESS])
def test_the_answer_to_a_letter_names_that_letter(purpose):
    """A person may be asked twice, with two wishes: which one they answer must be told apart."""
    notice = owe("ada@example.org", token_epoch=4)

    claim = read_token(purpose, token_for(purpose, notice))

    assert claim == Claim(public_id=notice.public_id, epoch=4)
    assert claim.public_id != notice.subscriber.public_id


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", sorted(set(Purpose) - ANSWERS))
def test_every_other_link_names_the_person(purpose):
    subscriber = make_subscriber("ada@example.org", token_epoch=4)

    assert read_token(purpose, token_for(purpose, subscriber)) == Claim(
        public_id=subscriber.public_id, epoch=4
    )


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_is_what_a_timestamp_signer_signs(purpose):
    with time_machine.travel(NOON, tick=False):
        made = token(purpose)
        signer = signing.TimestampSigner(salt=f"paper-round.token.{purpose}")

        assert signer.sign(made.partition(":")[0]) == made
