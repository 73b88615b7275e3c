"""What an editor sees of people: lists, a search, and nothing to change by hand."""

import html
import re

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse

from subscriptions.models import Consent, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.factories import make_subscriber

pytestmark = pytest.mark.django_db

LEDGERS = [Subscriber, Suppression, Notice, Consent]
Rows = dict[type[models.Model], models.Model]


@pytest.fixture
def rows() -> Rows:
    """Ada, who is mailed, and Grace, who is not."""
    ada = make_subscriber("ada@example.org", "retrieval, -survey")
    grace = make_subscriber("grace@example.org", "robots", status=Subscriber.Status.PENDING)
    asked = Consent.objects.create(subscriber=ada, kind="asked", origin="form", wording="sign-up-1")
    Notice.objects.create(subscriber=grace, letter=Notice.Letter.CONFIRMATION, reason="recipient refused")
    return {
        Subscriber: ada,
        Suppression: suppress("grace@example.org", Suppression.Reason.BOUNCE, note="mailbox unknown"),
        Notice: Notice.objects.create(subscriber=ada, letter=Notice.Letter.WELCOME),
        Consent: asked,
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


def found(client: Client, model: type[models.Model], typed: str) -> str:
    """The page one gets to by typing this into the search field of a list."""
    answer = client.post(page(model, "find"), {"q": typed})
    if answer.status_code == 302:
        assert "example" not in answer["Location"], "an address bar is no place for an address"
        answer = client.get(answer["Location"])
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


SPELLINGS = ["grace@example.org", " Grace@EXAMPLE.org "]


@pytest.mark.parametrize("model", LEDGERS)
def test_the_search_field_of_a_list_posts(editor, rows, model):
    text = editor.get(page(model, "changelist")).content.decode()

    form = re.search(r'<form id="changelist-search"[^>]*>', text)
    assert form
    assert 'method="post"' in form[0]
    assert f'action="{page(model, "find")}"' in form[0]


@pytest.mark.parametrize("typed", SPELLINGS)
def test_a_person_is_found_by_their_address_in_any_spelling(editor, rows, typed):
    text = found(editor, Subscriber, typed)

    assert "Change subscriber" not in text
    assert "grace@example.org" in text
    assert "robots" in text
    assert "suppressed and gets no mail: permanent bounce" in text


@pytest.mark.parametrize("typed", SPELLINGS)
@pytest.mark.parametrize(("model", "theirs"), [(Notice, 1), (Consent, 0)])
def test_a_ledger_is_narrowed_to_the_person_of_an_address(editor, rows, model, theirs, typed):
    assert len(re.findall(r'<th class="field-', found(editor, model, typed))) == theirs


@pytest.mark.parametrize("model", [Subscriber, Notice, Consent])
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("nobody@example.org", "Nobody here has this address."),
        ("nobody@", "That is not an address; the trouble is: what stands after the @."),
        ("@", "That is not an address"),
    ],
)
def test_a_search_that_finds_nobody_says_why(editor, rows, model, typed, told):
    assert told in found(editor, model, typed)


def test_who_is_looked_for_and_was_erased_is_said_to_be_suppressed(editor, rows):
    suppress("eve@example.org", Suppression.Reason.ERASED)

    assert "suppressed, though: erased at their wish" in found(editor, Subscriber, "eve@example.org")


@pytest.mark.parametrize(
    ("model", "typed", "number"),
    [
        (Subscriber, "robots", 1),
        (Subscriber, "example.org", 2),
        (Suppression, "mailbox", 1),
        (Suppression, "letterbox", 0),
    ],
)
def test_a_search_without_an_address_is_a_search_of_the_list(editor, rows, model, typed, number):
    answer = editor.post(page(model, "find"), {"q": typed})

    assert listed(editor, model, q=typed) == number
    assert answer["Location"] == f"{page(model, 'changelist')}?q={typed}"


@pytest.mark.parametrize("typed", SPELLINGS)
def test_a_suppression_is_found_by_the_address_though_it_holds_none(editor, rows, typed):
    """“Why do I get nothing?” is answered with the address the person writes from."""
    text = found(editor, Suppression, typed)

    assert "No, it is suppressed:" in text
    assert "Permanent bounce" in text
    assert listed(editor, Suppression, q=typed) == 1


def test_of_an_address_that_may_be_mailed_the_page_says_so(editor, rows):
    assert "Yes: it is not suppressed." in found(editor, Suppression, "ada@example.org")


@pytest.mark.parametrize(
    ("model", "query"),
    [
        (Subscriber, {"status__exact": "pending"}),
        (Notice, {"letter__exact": "welcome"}),
        (Suppression, {"reason__exact": "bounce"}),
        (Consent, {"kind__exact": "asked"}),
        (Consent, {"origin__exact": "form", "at__gte": "2020-01-01 00:00:00+00:00"}),
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
    for path in (page(model, "changelist"), page(model, "change", rows[model]), page(model, "find")):
        assert client.get(path).status_code == 302
    client.force_login(django_user_model.objects.create_user("curator", is_staff=True))

    for path in (page(model, "changelist"), page(model, "change", rows[model])):
        assert client.get(path).status_code == 403
    assert client.post(page(model, "find"), {"q": "ada@example.org"}).status_code == 403


def test_a_list_asks_as_many_questions_for_many_rows_as_for_few(editor, rows, django_assert_max_num_queries):
    for number in range(30):
        subscriber = make_subscriber(f"reader{number}@example.org", "a, b, c")
        Notice.objects.create(subscriber=subscriber, letter=Notice.Letter.WELCOME)
        Consent.objects.create(subscriber=subscriber, kind="asked", origin="form")

    for model in (Subscriber, Notice, Consent):
        with django_assert_max_num_queries(14):
            assert listed(editor, model) > 30
