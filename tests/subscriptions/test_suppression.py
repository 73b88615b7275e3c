import pytest

from subscriptions.models import Suppression
from subscriptions.suppression import is_suppressed, lift, suppress, suppressed_among, suppression_key
from tests.factories import make_subscriber

pytestmark = pytest.mark.django_db
BOUNCE, COMPLAINT = Suppression.Reason.BOUNCE, Suppression.Reason.COMPLAINT


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

    second = suppress("ada@example.org", BOUNCE, note="no such mailbox")

    assert second == first
    row = Suppression.objects.get()
    assert (row.reason, row.note) == (COMPLAINT, "told us so")


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


def test_a_suppression_outlives_the_subscriber():
    subscriber = make_subscriber("ada@example.org")
    suppress(subscriber.email_key, BOUNCE)

    subscriber.delete()

    assert is_suppressed("ada@example.org")


def test_many_are_asked_in_one_query(django_assert_num_queries):
    suppress("ada@example.org", BOUNCE)
    suppress("grace@example.org", COMPLAINT)
    suppress("else@example.org", COMPLAINT)

    with django_assert_num_queries(1):
        found = suppressed_among(["ada@example.org", "mary@example.org", "grace@example.org"])

    assert found == {"ada@example.org", "grace@example.org"}


def test_nobody_is_suppressed_among_nobody():
    suppress("ada@example.org", BOUNCE)

    assert suppressed_among([]) == set()
