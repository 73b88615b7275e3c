"""What an editor sees of people: lists, a search, and nothing to change by hand."""

import re

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse

from subscriptions.models import Consent, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.factories import make_subscriber

pytestmark = pytest.mark.django_db

LEDGERS = [Subscriber, Suppression, Notice]
Rows = dict[type[models.Model], models.Model]


@pytest.fixture
def rows() -> Rows:
    """Ada, who is mailed, and Grace, who is not."""
    ada = make_subscriber("ada@example.org", "retrieval, -survey")
    grace = make_subscriber("grace@example.org", "robots", status=Subscriber.Status.PENDING)
    Consent.objects.create(subscriber=ada, kind="asked", origin="form", wording="sign-up-1")
    Notice.objects.create(subscriber=grace, letter=Notice.Letter.CONFIRMATION, reason="recipient refused")
    return {
        Subscriber: ada,
        Suppression: suppress("grace@example.org", Suppression.Reason.BOUNCE, note="550"),
        Notice: Notice.objects.create(subscriber=ada, letter=Notice.Letter.WELCOME),
    }


@pytest.fixture
def editor(client: Client, django_user_model) -> Client:
    """The browser of somebody who may see everything."""
    client.force_login(django_user_model.objects.create_superuser("editor"))
    return client


def page(model: type[models.Model], view: str, row: models.Model | None = None) -> str:
    return reverse(f"admin:subscriptions_{model._meta.model_name}_{view}", args=[row.pk] if row else [])


def listed(client: Client, model: type[models.Model], **query: str) -> int:
    """How many rows a list shows."""
    answer = client.get(page(model, "changelist"), query)
    assert answer.status_code == 200
    return len(re.findall(r'<th class="field-', answer.content.decode()))


@pytest.mark.parametrize("model", LEDGERS)
def test_a_list_shows_every_row(editor, rows, model):
    assert listed(editor, model) == model._default_manager.count() > 0


@pytest.mark.parametrize(
    ("model", "typed", "found"),
    [
        (Subscriber, "ada@example.org", 1),
        (Subscriber, "ADA@Example.org", 1),
        (Subscriber, "example.org", 2),
        (Subscriber, "robots", 1),
        (Subscriber, "nobody@example.org", 0),
        (Notice, "grace@example.org", 1),
        (Notice, "nobody@example.org", 0),
        (Suppression, "550", 1),
        (Suppression, "nobody@example.org", 0),
    ],
)
def test_a_search_finds_whom_one_types(editor, rows, model, typed, found):
    assert listed(editor, model, q=typed) == found


@pytest.mark.parametrize("typed", ["grace@example.org", " Grace@EXAMPLE.org "])
def test_a_suppression_is_found_by_the_address_though_it_holds_none(editor, rows, typed):
    """“Why do I get nothing?” is answered with the address the person writes from."""
    assert listed(editor, Suppression, q=typed) == 1


@pytest.mark.parametrize(
    ("model", "query"),
    [
        (Subscriber, {"status__exact": "pending"}),
        (Notice, {"letter__exact": "welcome"}),
        (Suppression, {"reason__exact": "bounce"}),
    ],
)
def test_a_list_can_be_narrowed(editor, rows, model, query):
    assert listed(editor, model, **query) == 1


@pytest.mark.parametrize("model", LEDGERS)
def test_a_row_can_be_read(editor, rows, model):
    assert editor.get(page(model, "change", rows[model])).status_code == 200


def test_a_persons_page_shows_keywords_and_consent(editor, rows):
    text = editor.get(page(Subscriber, "change", rows[Subscriber])).content.decode()

    for words in ("ada@example.org", "retrieval", "survey", "sign-up-1", "sign-up form"):
        assert words in text


@pytest.mark.parametrize("model", LEDGERS)
def test_nothing_is_added_by_hand(editor, rows, model):
    before = model._default_manager.count()

    assert editor.get(page(model, "add")).status_code == 403
    assert editor.post(page(model, "add"), {"email": "eve@example.org"}).status_code == 403
    assert model._default_manager.count() == before
    assert b"/add/" not in editor.get(page(model, "changelist")).content.partition(b"object-tools")[2]


@pytest.mark.parametrize("model", LEDGERS)
def test_nothing_is_changed_by_hand(editor, rows, model):
    row = rows[model]
    before = model._default_manager.values().get(pk=row.pk)

    assert b'name="_save"' not in editor.get(page(model, "change", row)).content
    assert editor.post(page(model, "change", row), {"status": "active"}).status_code == 403
    assert model._default_manager.values().get(pk=row.pk) == before


@pytest.mark.parametrize("model", LEDGERS)
def test_nothing_is_deleted_by_hand(editor, rows, model):
    row = rows[model]

    assert editor.post(page(model, "delete", row), {"post": "yes"}).status_code == 403
    editor.post(
        page(model, "changelist"), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    )
    assert model._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", LEDGERS)
def test_only_who_may_look_can(client, rows, model, django_user_model):
    """Being an editor of papers is not enough to see people."""
    for path in (page(model, "changelist"), page(model, "change", rows[model])):
        assert client.get(path).status_code == 302
    client.force_login(django_user_model.objects.create_user("curator", is_staff=True))

    for path in (page(model, "changelist"), page(model, "change", rows[model])):
        assert client.get(path).status_code == 403


def test_a_list_asks_as_many_questions_for_many_rows_as_for_few(editor, rows, django_assert_max_num_queries):
    for number in range(30):
        subscriber = make_subscriber(f"reader{number}@example.org", "a, b, c")
        Notice.objects.create(subscriber=subscriber, letter=Notice.Letter.WELCOME)

    for model in (Subscriber, Notice):
        with django_assert_max_num_queries(14):
            assert listed(editor, model) > 30
