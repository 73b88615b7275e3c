import pytest

from subscriptions.models import Suppression
from subscriptions.suppression import (
    is_suppressed,
    lift,
    reasons,
    suppress,
    suppressed_among,
    suppression_key,
)
from tests.factories import make_subscriber

pytestmark = pytest.mark.django_db
BOUNCE, COMPLAINT, ERASED = (
    Suppression.Reason.BOUNCE,
    Suppression.Reason.COMPLAINT,
    Suppression.Reason.ERASED,
)


def test_a_suppressed_address_is_suppressed_until_it_is_lifted():
    assert not is_suppressed("ada@example.org")

    suppress("ada@example.org", BOUNCE)
    assert is_suppressed("ada@example.org")
    assert not is_suppressed("grace@example.org")

    assert lift("ada@example.org") is True
    assert not is_suppressed("ada@example.org")
    assert lift("ada@example.org") is False


def test_a_second_reason_never_weakens_the_first():
    first = suppress("ada@example.org", COMPLAINT, note="told us so")

    suppress("ada@example.org", BOUNCE, note="no such mailbox")

    assert reasons("ada@example.org") == [COMPLAINT, BOUNCE]
    first.refresh_from_db()
    assert (first.reason, first.note) == (COMPLAINT, "told us so")


def test_one_reason_given_twice_is_one_and_keeps_its_first_note():
    first = suppress("ada@example.org", BOUNCE, note="no such mailbox")

    assert suppress("ada@example.org", BOUNCE, note="still none") == first

    assert Suppression.objects.values_list("reason", "note").get() == (BOUNCE, "no such mailbox")


def test_lifting_one_reason_leaves_the_others():
    """An editor who mends a bounce must not bring back somebody who complained."""
    for reason in (BOUNCE, COMPLAINT, ERASED):
        suppress("ada@example.org", reason)

    assert lift("ada@example.org", BOUNCE) is True
    assert lift("ada@example.org", BOUNCE) is False

    assert reasons("ada@example.org") == [COMPLAINT, ERASED]
    assert is_suppressed("ada@example.org")


def test_lifting_without_a_reason_lifts_all_of_that_address_and_of_no_other():
    for reason in (BOUNCE, COMPLAINT):
        suppress("ada@example.org", reason)
    suppress("grace@example.org", BOUNCE)

    assert lift("ada@example.org") is True

    assert reasons("ada@example.org") == []
    assert reasons("grace@example.org") == [BOUNCE]


def test_nothing_of_the_address_is_kept():
    suppress("ada.lovelace@example.org", BOUNCE)

    row = Suppression.objects.values().get()
    assert len(row["key"]) == 64
    assert "ada" not in str(row)
    assert "example" not in str(row)
    assert "ada" not in str(Suppression.objects.get())


def test_the_hash_cannot_be_made_without_the_key(settings):
    before = suppression_key("ada@example.org")
    settings.SUPPRESSION_KEYS = ["another key"]

    assert suppression_key("ada@example.org") != before


def test_a_suppression_outlives_a_rotated_secret_key(settings):
    suppress("ada@example.org", BOUNCE)

    settings.SECRET_KEY = "the next one"

    assert is_suppressed("ada@example.org")


@pytest.mark.parametrize("ask", [is_suppressed, lift, lambda key: suppressed_among([key])])
def test_a_suppression_outlives_a_rotated_hash_key(settings, ask):
    settings.SUPPRESSION_KEYS = ["old"]
    suppress("ada@example.org", BOUNCE)

    settings.SUPPRESSION_KEYS = ["new", "old"]

    assert ask("ada@example.org")


def test_what_is_suppressed_after_a_rotation_is_one_row_beside_the_old(settings):
    settings.SUPPRESSION_KEYS = ["old"]
    suppress("ada@example.org", BOUNCE)
    settings.SUPPRESSION_KEYS = ["new", "old"]

    suppress("ada@example.org", BOUNCE)
    suppress("ada@example.org", COMPLAINT)

    assert reasons("ada@example.org") == [BOUNCE, COMPLAINT]
    assert lift("ada@example.org") is True
    assert not Suppression.objects.exists()


def test_a_suppression_outlives_the_subscriber():
    subscriber = make_subscriber("ada@example.org")
    suppress(subscriber.email_key, BOUNCE)

    subscriber.delete()

    assert is_suppressed("ada@example.org")


def test_many_are_asked_in_one_query(django_assert_num_queries):
    suppress("ada@example.org", BOUNCE)
    suppress("grace@example.org", COMPLAINT)
    suppress("grace@example.org", BOUNCE)
    suppress("else@example.org", COMPLAINT)

    with django_assert_num_queries(1):
        found = suppressed_among(["ada@example.org", "mary@example.org", "grace@example.org"])

    assert found == {"ada@example.org", "grace@example.org"}


def test_nobody_is_suppressed_among_nobody():
    suppress("ada@example.org", BOUNCE)

    assert suppressed_among([]) == set()
