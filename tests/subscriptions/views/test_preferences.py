"""The preference centre: one's whole wish, another address, new links. Pauses: `test_pausing`."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings as project
from django.utils import timezone

from subscriptions.models import Consent, Notice, Subscriber
from subscriptions.tokens import Purpose
from tests.factories import make_edition, make_paper, make_subscriber
from tests.subscriptions.fields import Fields, error_at, words
from tests.subscriptions.links import path_of
from tests.subscriptions.rows import every_row
from tests.subscriptions.views.test_signing_up import ADA, CHOICES, WRONG

pytestmark = pytest.mark.django_db

WISH = {name: value for name, value in ADA.items() if name != "email"}
NOON = datetime(2025, 9, 26, 12, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def ada() -> Subscriber:
    return make_subscriber("ada@example.org", "retrieval, -survey", caught_up_at=timezone.now())


def path(subscriber: Subscriber) -> str:
    subscriber.refresh_from_db()
    return path_of(Purpose.PREFERENCES, subscriber)


def wish_of(subscriber: Subscriber) -> dict[str, str]:
    subscriber.refresh_from_db()
    return {
        **{name: str(getattr(subscriber, name)) for name in (*CHOICES, "time_zone")},
        "keywords": ", ".join(str(keyword) for keyword in subscriber.keywords.all()),
    }


# --- the wish ---------------------------------------------------------------------------


def test_the_page_shows_what_they_get(client):
    subscriber = make_subscriber(
        "ada@example.org",
        "retrieval, -survey",
        cadence="weekly",
        weekday=4,
        hour=6,
        time_zone="Asia/Tokyo",
        size=20,
        thin_day="fill",
        language="de",
    )

    values = Fields(client.get(path(subscriber))).values

    assert {name: values[name] for name in WISH} == WISH


def test_a_new_wish_is_saved_shown_and_on_record(client, ada):
    answer = client.post(path(ada), {"do": "wish", **WISH}, headers={"Accept-Language": "de"})

    assert answer.status_code == 200
    assert 'role="status"' in words(answer)
    assert {name: Fields(answer).values[name] for name in WISH} == WISH
    assert wish_of(ada) == WISH
    consent = Consent.objects.get()
    assert (consent.kind, consent.network) == (Consent.Kind.CHANGED, "127.0.0.0/24")
    assert consent.detail["changed"]["hour"] == [8, 6]


def test_what_is_not_sent_along_stays_as_it_is(client, ada):
    before = wish_of(ada)

    client.post(path(ada), {"do": "wish", "hour": "5"})

    assert wish_of(ada) == {**before, "hour": "5"}


def test_keywords_can_be_emptied(client, ada):
    client.post(path(ada), {"do": "wish", "keywords": ""})

    assert wish_of(ada)["keywords"] == ""


@pytest.mark.parametrize(
    ("due", "then"),
    [
        (NOON.replace(hour=13), NOON.replace(hour=15)),
        (NOON.replace(day=27, hour=8), NOON.replace(day=27, hour=15)),
    ],
    ids=["still today", "had today's"],
)
def test_another_hour_moves_the_next_digest_and_brings_no_second_one_a_day(client, ada, due, then):
    Subscriber.objects.update(next_digest_at=due)

    with time_machine.travel(NOON, tick=False):
        client.post(path(ada), {"do": "wish", "hour": "15"})

    ada.refresh_from_db()
    assert ada.next_digest_at == then


def test_nothing_new_is_no_news(client, ada):
    client.post(path(ada), {"do": "wish", "keywords": "retrieval, -survey"})

    assert not Consent.objects.exists()


@pytest.mark.parametrize(("field", "typed", "told"), [wrong for wrong in WRONG if wrong[0] != "email"])
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(client, ada, field, typed, told):
    before = every_row()

    answer = client.post(path(ada), {"do": "wish", **WISH, "language": "en", field: typed})

    assert answer.status_code == 422
    assert told in error_at(answer, field)
    values = Fields(answer).values
    for name, value in {**WISH, "language": "en", field: typed}.items():
        assert values[name] == (None if name == field and name in CHOICES else value)
    assert every_row() == before


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("hour", "24"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "Berln"),
        ("keywords", "x" * 81),
    ],
)
def test_what_is_wrong_is_said_in_the_language_of_the_page(client, ada, field, typed):
    def said(language: str) -> str:
        Subscriber.objects.update(language=language)
        return error_at(client.post(path(ada), {field: typed}, headers={"Accept-Language": "en"}), field)

    assert said("de") != said("en")


@pytest.mark.parametrize(
    ("body", "status"), [("", 400), ("do=", 200), ("do=unheard-of", 200), ("do=wish", 200), ("\xff%zz", 200)]
)
def test_a_post_that_says_nothing_changes_nothing(client, ada, body, status):
    """One without any field was cut off on the way; it is not said to be saved."""
    before = wish_of(ada)

    answer = client.post(path(ada), body, content_type=FORM)

    assert answer.status_code == status
    assert Fields(answer).values["keywords"] == "retrieval, -survey"
    assert ('role="status"' in words(answer)) is (status == 200)
    assert wish_of(ada) == before
    assert not Consent.objects.exists()


def test_the_page_shows_what_they_were_sent(client, ada):
    from digest import delivery, dispatch

    make_edition(make_paper("Retrieval of old papers", upvotes=9))
    Subscriber.objects.update(caught_up_at=None)
    for chunk in dispatch.due_chunks():
        delivery.deliver(dispatch.plan(chunk))

    page = words(client.get(path(ada)))

    assert f'href="{project.SITE_URL}/papers/2025-09-26/"' in page
    assert "<span>sent</span>" in page


def test_the_page_leads_to_leaving_the_data_and_being_forgotten(client, ada):
    page = words(client.get(path(ada)))

    for part in ("/unsubscribe/", "/export/", "/erase/"):
        [link] = {found for found in page.split('"') if part in found}
        assert client.get(link).status_code == 200


# --- another address, new links ---------------------------------------------------------


def test_another_address_is_asked_and_nothing_changes_yet(
    client, ada, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(path(ada), {"do": "address", "new-email": "ada@new.example"})

    assert answer.status_code == 200
    assert "inbox of the new address" in words(answer)
    notice = Notice.objects.get()
    assert (notice.letter, notice.to) == (Notice.Letter.ADDRESS_CHANGE, "ada@new.example")
    assert queued == [("subscriptions.tasks.send_notices", ([notice.pk],))]
    assert Subscriber.objects.get().email == "ada@example.org"


@pytest.mark.parametrize(
    ("typed", "told"), [("", "Please type"), ("ada", "it has no @"), ("ü@x.example", "such letters")]
)
def test_an_address_that_is_none_is_refused_at_its_field(client, ada, queued, typed, told):
    answer = client.post(path(ada), {"do": "address", "new-email": typed})

    assert answer.status_code == 422
    assert told in error_at(answer, "new-email")
    assert Fields(answer).values["new-email"] == typed
    assert not Notice.objects.exists()


def test_all_links_can_be_revoked_and_this_page_says_that_it_is_among_them(client, ada):
    mine = path(ada)

    answer = client.post(mine, {"do": "links"})

    assert answer.status_code == 200
    assert "All older links are worthless now" in words(answer)
    assert client.get(mine).status_code == 404
    assert client.get(path(ada)).status_code == 200


def test_who_left_is_shown_no_wish_but_their_data(client):
    left = Subscriber.Status.UNSUBSCRIBED
    subscriber = make_subscriber("ada@example.org", status=left, confirmed_at=timezone.now())

    page = words(client.get(path(subscriber)))

    assert 'value="wish"' not in page
    for part in ("/export/", "/erase/"):
        assert part in page
