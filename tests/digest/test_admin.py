"""The editor's desk: every list opens, is searched, and asks no query per row."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from digest.models import Delivery, DeliveryEvent, Edition, IngestRun, Paper, Vote
from tests.digest.conftest import make_delivery, steps_of
from tests.factories import DAY, make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model._meta.app_label == "digest"]


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(User.objects.create(username="editor", is_staff=True, is_superuser=True))
    return client


def fill(rows: int, *, start: int = 0) -> None:
    """So many rows of everything, all related."""
    for n in range(start, start + rows):
        paper = make_paper(f"Paper {n}", upvotes=n, authors=["Bernhard Schölkopf"])
        edition = make_edition(paper, day=DAY - timedelta(days=n))
        subscriber = make_subscriber(f"reader{n}@example.org")
        delivery = make_delivery(subscriber, edition)
        DeliveryEvent.objects.create(esp="test", event_id=f"event {n}", kind="delivered", delivery=delivery)
        Vote.objects.create(subscriber=subscriber, paper=paper, kind="more")
        IngestRun.objects.create(source="file", day=edition.date, verdict="failed", error=f"Error {n}")


def changelist(model: Any) -> str:
    return reverse(f"admin:digest_{model._meta.model_name}_changelist")


def rows(desk: Client, model: Any, **query: str) -> int:
    response = desk.get(changelist(model), query)
    assert response.status_code == 200
    return int(response.context["cl"].result_count)


def test_every_noun_an_editor_needs_is_on_the_desk():
    assert {Paper, Edition, IngestRun, Delivery, DeliveryEvent, Vote} <= set(OURS)


@pytest.mark.parametrize("model", OURS)
def test_every_list_opens_empty_and_full(desk: Client, model: Any):
    assert rows(desk, model) == 0
    fill(3)
    assert rows(desk, model) == 3


@pytest.mark.parametrize(
    ("model", "query", "found"),
    [
        (Paper, '"paper 1"', 1),
        (Paper, "schölkopf", 3),
        (Paper, "2509.", 3),
        (Paper, "nothing", 0),
        (Edition, "2025-09-25", 1),
        (Edition, "nothing", 0),
        (IngestRun, "error 2", 1),
        (Delivery, "reader1@", 1),
        (Delivery, "nobody@", 0),
        (DeliveryEvent, "event 2", 1),
        (Vote, '"paper 0"', 1),
    ],
)
def test_every_list_can_be_searched(desk: Client, model: Any, query: str, found: int):
    fill(3)
    assert rows(desk, model, q=query) == found


@pytest.mark.parametrize(
    "query", ["%", "_", "'; DROP TABLE x; --", "\\", '"', "x" * 2_000, "🧠", "a b c d e f g"]
)
@pytest.mark.parametrize("model", OURS)
def test_no_search_upsets_a_list(desk: Client, model: Any, query: str):
    fill(1)
    rows(desk, model, q=query)


@pytest.mark.parametrize("model", OURS)
def test_a_list_asks_no_query_per_row(desk: Client, model: Any):
    fill(2)
    few = steps_of(lambda: rows(desk, model))
    fill(20, start=2)

    assert steps_of(lambda: rows(desk, model)) == few


@pytest.mark.parametrize("model", [model for model in OURS if admin.site._registry[model].list_filter])
def test_every_filter_can_be_used(desk: Client, model: Any):
    fill(2)
    response = desk.get(changelist(model))
    for choices in response.context["cl"].filter_specs:
        for choice in choices.choices(response.context["cl"]):
            assert desk.get(changelist(model) + choice["query_string"]).status_code == 200


@pytest.mark.parametrize("model", OURS)
def test_every_row_opens(desk: Client, model: Any):
    fill(1)
    [row] = model.objects.all()
    url = reverse(f"admin:digest_{model._meta.model_name}_change", args=[row.pk])
    assert desk.get(url).status_code == 200


def test_an_edition_opens_at_a_constant_cost(desk: Client):
    few = make_edition(*[make_paper() for _ in range(2)])
    lots = make_edition(*[make_paper() for _ in range(40)], day=DAY + timedelta(days=1))

    def cost(edition: Edition) -> int:
        url = reverse("admin:digest_edition_change", args=[edition.pk])
        return steps_of(lambda: desk.get(url))

    cost(few)  # content types are looked up once
    assert cost(few) == cost(lots)


@pytest.mark.parametrize("model", [IngestRun, Delivery, DeliveryEvent, Vote])
def test_a_ledger_is_read_and_never_edited(desk: Client, model: Any):
    fill(1)
    name, [row] = model._meta.model_name, model.objects.all()

    assert desk.get(reverse(f"admin:digest_{name}_add")).status_code == 403
    assert desk.post(reverse(f"admin:digest_{name}_change", args=[row.pk]), {}).status_code == 403
    assert (
        desk.post(reverse(f"admin:digest_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    )
    assert model.objects.filter(pk=row.pk).exists()


def test_nobody_but_staff_sees_any_of_it(client: Client):
    for model in OURS:
        assert client.get(changelist(model)).status_code == 302
    client.force_login(User.objects.create(username="reader"))
    for model in OURS:
        assert client.get(changelist(model)).status_code == 302


# --- Publishing from the desk ---------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_editor_publishes_with_a_click_and_digests_are_dispatched(
    desk: Client, queued: list[tuple[str, tuple[object, ...]]]
):
    edition = make_edition(make_paper(), published=False)
    empty = Edition.objects.create(date=DAY + timedelta(days=1))

    response = desk.post(
        changelist(Edition), {"action": "publish", "_selected_action": [edition.pk, empty.pk]}, follow=True
    )

    edition.refresh_from_db()
    assert edition.is_published
    assert edition.published_by is not None
    said = [str(message) for message in response.context["messages"]]
    assert f"The {edition} is published." in said
    assert any("has no papers" in message for message in said)
    assert queued == [("digest.tasks.dispatch_due", ())]


def test_an_editor_pins_hides_and_notes_in_the_edition(desk: Client):
    edition = make_edition(make_paper("One", upvotes=2), make_paper("Two", upvotes=1))
    first, second = edition.entries.order_by("rank")
    url = reverse("admin:digest_edition_change", args=[edition.pk])
    form = {
        "date": "2025-09-26",
        "intro": "Good morning.",
        "entries-TOTAL_FORMS": "2",
        "entries-INITIAL_FORMS": "2",
        "entries-0-id": first.pk,
        "entries-0-edition": edition.pk,
        "entries-0-hidden": "on",
        "entries-0-note": "",
        "entries-1-id": second.pk,
        "entries-1-edition": edition.pk,
        "entries-1-pin": "1",
        "entries-1-note": "Read this.",
    }

    # The inline shows pins first, then ranks: nobody is pinned yet.
    assert desk.post(url, form).status_code == 302

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.hidden, first.pin) == (True, None)
    assert (second.hidden, second.pin, second.note) == (False, 1, "Read this.")


def test_an_edition_cannot_be_deleted_by_hand(desk: Client):
    edition = make_edition(make_paper())

    desk.post(reverse("admin:digest_edition_delete", args=[edition.pk]), {"post": "yes"})

    assert Edition.objects.filter(pk=edition.pk).exists()
