"""What is printed once, and when it is printed anew."""

from typing import Any

import pytest
from django.utils import translation

from digest import printed
from digest.delivery import compose
from digest.models import Delivery
from subscriptions.mjml import compile_mjml
from tests.digest.conftest import make_delivery
from tests.digest.test_letter_sent import Page
from tests.factories import make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.django_db


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went through the MJML engine since the last look."""
    sources: list[str] = []

    def counted(source: str) -> str:
        sources.append(source)
        return compile_mjml(source)

    monkeypatch.setattr(printed, "compile_mjml", counted)
    monkeypatch.setattr(printed, "kept", type(printed.kept)())
    printed.frame.cache_clear()
    return sources


def planned(keywords: str = "sheep", papers: int = 3, **fields: Any) -> Delivery:
    shown = [make_paper(f"Sheep number {n}", upvotes=9 - n) for n in range(papers)]
    return make_delivery(make_subscriber(keywords=keywords, **fields), make_edition(*shown))


def twin(delivery: Delivery, *, email: str, language: str = "en", **fields: Any) -> Delivery:
    reader = make_subscriber(email, keywords="goats", language=language)
    return Delivery.objects.create(
        subscriber=reader,
        edition=delivery.edition,
        editions=delivery.editions,
        picks=fields.get("picks", delivery.picks),
        left_out=delivery.left_out,
    )


def html_of(delivery: Delivery) -> str:
    assert delivery.subscriber is not None
    [part] = compose(delivery, delivery.subscriber).alternatives
    return str(part.content)


def test_a_frame_and_a_card_are_compiled_once_for_all_readers(compiled: list[str]):
    first = planned()
    html_of(first)
    assert len(compiled) == 1 + 3

    other = html_of(twin(first, email="bob@example.org"))

    assert len(compiled) == 1 + 3
    assert "goats" in Page(other).text
    assert "sheep" not in Page(other).text


def test_each_language_is_printed_by_itself(compiled: list[str]):
    first = planned()
    html_of(first)
    with translation.override("en"):
        html_of(twin(first, email="bob@example.org", language="de"))

    assert len(compiled) == 2 * (1 + 3)


def test_what_an_editor_changes_is_printed_anew_and_nothing_else(compiled: list[str]):
    delivery = planned()
    html_of(delivery)
    compiled.clear()

    delivery.edition.entries.filter(paper__title="Sheep number 1").update(note="Read this.")
    assert "Read this." in html_of(delivery)
    assert len(compiled) == 1

    delivery.edition.intro = "Good morning."
    assert "Good morning." in html_of(delivery)
    assert len(compiled) == 2


def test_no_house_is_taken_for_another(compiled: list[str], settings: Any):
    delivery = planned()
    html_of(delivery)
    settings.SITE_URL, settings.SITE_NAME = "https://other.example", "The Other Round"

    html = html_of(delivery)

    assert "The Other Round" in html
    assert "127.0.0.1" not in html
    assert "https://other.example/paper/" in html


def test_what_is_kept_is_bounded(compiled: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printed, "CARDS", 2)

    html_of(planned(papers=5))

    assert len(printed.kept) == 2


def test_no_mark_of_a_slot_is_left(compiled: list[str]):
    delivery = planned()
    assert delivery.subscriber is not None
    message = compose(delivery, delivery.subscriber)

    for whole in (message.body, str(message.alternatives[0].content), message.subject):
        assert printed.CHANCE not in whole


def test_related_papers_stand_in_a_list_below(compiled: list[str]):
    delivery = planned()
    delivery.picks[1]["related"] = "lambs"

    page = Page(html_of(delivery))
    below = page.text.partition("Related to your keywords")[2]

    assert "Sheep number 1" in below
    assert "Related to “lambs”" in below
    assert "Sheep number 2" not in below


def test_where_all_are_related_none_is_below(compiled: list[str]):
    delivery = planned()
    for pick in delivery.picks:
        pick["related"] = "lambs"

    assert "Related to your keywords" not in html_of(delivery)
