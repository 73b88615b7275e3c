"""Who is erased is nowhere any more: in no row of any table, and not in the bytes of the file either."""

from datetime import timedelta
from pathlib import Path

import pytest
from anymail.message import AnymailRecipientStatus, AnymailStatus
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.utils import timezone

from digest import delivery, dispatch
from digest.models import Delivery, DeliveryEvent, Vote
from subscriptions import lifecycle, notices
from subscriptions.address import parse_address
from subscriptions.keywords import parse_keywords
from subscriptions.models import Allowance, Consent, Notice, Subscriber, Suppression
from subscriptions.preferences import Preferences
from subscriptions.suppression import is_suppressed
from tests.factories import make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = "Ada.Lovelace+Erase@Old-Home.example", "Ada.Byron@New-Home.example"
TYPED = "Quux-Zymurgies, -Blatherskite Overviews"
LATER = "Quux-Zymurgies, Wobbegong-Teleportations"
TRACES = [
    "Ada.Lovelace",
    "Ada.Byron",
    "Old-Home.example",
    "New-Home.example",
    "Quux-Zymurgies",
    "Blatherskite Overviews",
    "Wobbegong-Teleportations",
    "198.51.100.0",
    "provider-of-ada",
]


def rows() -> str:
    """All rows of all tables as text."""
    told = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            told += [f"{table}: {row}" for row in cursor.fetchall()]
    return "\n".join(told)


def file_bytes() -> bytes:
    """The database's file and what lies beside it, once everything is written there."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert cursor.fetchone()[0] == 0, "somebody else holds the database"
    path = Path(str(connection.settings_dict["NAME"]))
    return b"".join(one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")))


def traces(text: str) -> set[str]:
    """What of a person is in a text, in whatever case."""
    return {trace for trace in TRACES if trace.lower() in text.lower()}


def live(django_user_model) -> Subscriber:
    """Everything that can happen to somebody, up to the moment before they are erased."""
    now = timezone.now()
    network = "198.51.100.0/24"
    edition = make_edition(make_paper("On quux zymurgy"), make_paper("Against quux zymurgy"))
    [asked] = lifecycle.request(
        parse_address(OLD),
        Preferences(keywords=tuple(parse_keywords(TYPED))),
        origin=Consent.Origin.FORM,
        network=network,
        now=now - timedelta(days=2),
    )
    notices.send_notices([asked])
    ada = Subscriber.objects.get(email_key=OLD.lower())
    welcome = lifecycle.confirm(ada, ask=Notice.objects.get(pk=asked).ask, network=network)
    notices.send_notices(welcome)

    planned = dispatch.plan([ada.pk])
    delivery.deliver(planned)
    assert Delivery.objects.get().state == Delivery.State.ACCEPTED
    assert Delivery.objects.get().picks[0]["terms"][0][0] == "Quux-Zymurgies"
    Delivery.objects.update(esp_message_id="provider-of-ada-1", reason="550 no Ada.Lovelace here")
    DeliveryEvent.objects.create(
        esp="Test",
        event_id="1",
        delivery=Delivery.objects.get(),
        kind="bounced",
        detail="Ada.Byron is full",
    )

    lifecycle.change(ada, Preferences(keywords=tuple(parse_keywords(LATER))), network=network)
    lifecycle.fewer(ada, network=network)
    [to_new] = lifecycle.ask_to_move(ada, parse_address(NEW), network=network)
    notices.send_notices([to_new])
    notices.send_notices(lifecycle.move(Notice.objects.get(pk=to_new), network=network))
    notices.send_notices(lifecycle.ask_for_link(parse_address(NEW), network=network))
    Notice.objects.filter(subscriber=ada).update(esp_message_id="provider-of-ada-2")
    later = make_edition(make_paper("More quux zymurgy"), day=edition.date + timedelta(days=1))
    Delivery.objects.create(
        subscriber=ada, edition=later, picks=[{"paper": 1, "terms": [["Wobbegong-Teleportations", "title"]]}]
    )
    Vote.objects.create(subscriber=ada, paper=edition.entries.all()[0].paper, kind=Vote.Kind.MORE)
    lifecycle.withdraw(ada, origin=Consent.Origin.PAGE, network=network)
    ada.refresh_from_db()
    editor = django_user_model.objects.create_superuser("editor")
    LogEntry.objects.log_actions(editor.pk, [ada], CHANGE, change_message="Changed hour.")
    return ada


def test_nothing_of_somebody_erased_is_in_any_row(django_user_model):
    grace = make_subscriber("grace@example.org", "robots")
    ada = live(django_user_model)
    # Somebody else who asks to move there: their letter names the address, too.
    Notice.objects.create(subscriber=grace, letter=Notice.Letter.ADDRESS_CHANGE, address=NEW)
    assert traces(rows()) == set(TRACES), "else this could not fail"

    assert lifecycle.erase(ada) is True

    assert traces(rows()) == set()
    assert is_suppressed(NEW.lower())
    assert [one.reason for one in Suppression.objects.all()] == ["erased"]


def test_their_digests_still_count(django_user_model):
    ada = live(django_user_model)

    lifecycle.erase(ada)

    sent, planned = Delivery.objects.order_by("pk")
    assert (sent.subscriber, sent.picks, sent.state) == (None, [], Delivery.State.ACCEPTED)
    assert (planned.subscriber, planned.picks) == (None, [])
    assert DeliveryEvent.objects.get().kind == DeliveryEvent.Kind.BOUNCED, "what came back counts, too"
    assert not Vote.objects.exists()


def test_what_was_still_to_be_sent_to_them_is_not(django_user_model, outbox_dir):
    ada = live(django_user_model)
    letters = len(list(outbox_dir.glob("*.eml")))

    lifecycle.erase(ada)
    delivery.deliver(list(Delivery.objects.values_list("pk", flat=True)))

    assert len(list(outbox_dir.glob("*.eml"))) == letters
    assert Delivery.objects.order_by("pk")[1].state == Delivery.State.EXCLUDED
    assert traces(rows()) == set()


class Slow(BaseEmailBackend):
    """A provider that takes a message while its reader is being erased."""

    def send_messages(self, email_messages):
        for message in email_messages:
            lifecycle.erase_address(parse_address(message.to[0]).key)
            message.anymail_status = AnymailStatus()
            message.anymail_status.set_recipient_status(
                {message.to[0]: AnymailRecipientStatus("provider-of-ada-3", "sent")}
            )
        return len(email_messages)


def test_who_is_erased_while_their_digest_leaves_is_erased_all_the_same(settings):
    """The provider's number leads to the address, and must not be written after the erasure."""
    settings.EMAIL_BACKEND = f"{__name__}.Slow"
    reader = make_subscriber("Ada.Byron@New-Home.example", "Quux-Zymurgies")
    make_edition(make_paper("On quux zymurgy"))

    delivery.deliver(dispatch.plan([reader.pk]))

    assert Delivery.objects.get().state == Delivery.State.ACCEPTED
    assert traces(rows()) == set()


def test_what_is_left_of_the_limits_names_nobody(django_user_model):
    lifecycle.erase(live(django_user_model))

    assert Allowance.objects.exists()
    assert all(len(bucket.key) == 64 for bucket in Allowance.objects.all())


def test_sqlite_is_told_to_overwrite_however_it_was_built():
    """Debian's does so unasked, so that the next test could not tell."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL overwrites what is free in its own time (VACUUM).")

    assert "PRAGMA secure_delete=ON" in connection.settings_dict["OPTIONS"]["init_command"]


@pytest.mark.parametrize("others", [0, 150])
def test_nothing_of_somebody_erased_is_in_the_file(many_workers, django_user_model, others):
    """What a database deletes it usually only marks as free."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL overwrites what is free in its own time (VACUUM).")
    for _ in range(others // 2):
        make_subscriber(keywords="robots, speech, diffusion")
    ada = live(django_user_model)
    for _ in range(others // 2):
        make_subscriber(keywords="robots, speech, diffusion")
    held = file_bytes().decode("latin-1")
    assert traces(held) == set(TRACES), "else this could not fail"

    lifecycle.erase(ada)

    assert traces(file_bytes().decode("latin-1")) == set()
