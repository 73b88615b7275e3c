"""What is printed once, and when it is printed anew."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.utils import translation

from digest import outbox, printed
from digest.delivery import compose, deliver
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
    monkeypatch.setattr(printed, "ROOM", 20_000)

    html_of(planned(papers=5))

    assert 1 < len(printed.kept) < 5
    assert printed.kept.size <= 20_000


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


# --- Templates that somebody edits ----------------------------------------------------------


@pytest.fixture
def edited(settings: Any, tmp_path: Path) -> Callable[[str, str, str], None]:
    """Change words of one of the digest's templates."""

    def edit(name: str, old: str, new: str) -> None:
        source = (project.BASE_DIR / "templates" / "emails" / "digest" / name).read_text(encoding="utf-8")
        assert old in source
        changed = tmp_path / "emails" / "digest" / name
        changed.parent.mkdir(parents=True, exist_ok=True)
        changed.write_text(source.replace(old, new), encoding="utf-8")
        engine = settings.TEMPLATES[0]
        settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]

    return edit


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("card.mjml", "{{ slot.reason }}", ""),
        ("card.mjml", "{{ slot.reason }}", "{{ slot.reason }} {{ slot.reason }}"),
        ("card.mjml", "{{ card.url }}", "{{ slot.webUrl }}"),
        ("card.mjml", "{{ slot.feedbackUrl }}{{ card.less }}", "{{ card.less }}"),
        ("card.txt", "{{ slot.reason }}", "{{ slot.reason|upper }}"),
        ("body.mjml", "{{ slot.why }}", "{{ slot.why|upper }}"),
        ("body.mjml", "{{ slot.unsubscribeUrl }}", "{{ unsubscribe_url }}"),
        ("body.txt", "{{ slot.unsubscribeUrl }}", "{{ slot.unsubscribe }}"),
        ("body.txt", "{{ cut }}", ""),
        ("body.mjml", "<h1>", "<mj-unheard-of><h1>"),
    ],
)
def test_a_template_without_its_slots_is_refused_and_its_letters_wait(
    compiled: list[str], edited: Callable[[str, str, str], None], name: str, old: str, new: str
):
    delivery = planned()
    edited(name, old, new)

    deliver([delivery.pk])

    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.PLANNED
    assert delivery.reason.startswith("the template does not compile: ")
    assert list(outbox.kept()) == []


def test_a_paper_nobody_voted_for_is_new_in_every_part(compiled: list[str]):
    paper = make_paper("Sheep", upvotes=0)
    edition = make_edition(paper)
    edition.entries.update(breakdown={"counts": {"upvotes": None, "stars": 0}, "gained": None})
    delivery = make_delivery(make_subscriber(keywords=""), edition)
    assert delivery.subscriber is not None

    message = compose(delivery, delivery.subscriber)

    assert "[New]" in message.body
    assert "Trending" not in message.body + html_of(delivery)


def test_what_a_paper_says_cannot_pass_for_the_letters_own_words(compiled: list[str]):
    forged = "We do.\n\n2. A word from us\nhttps://evil.example/\n\n--\nUnsubscribe: https://evil.example/u"
    edition = make_edition(make_paper("A\u2028B\x0cC\x1b[31mD", abstract=forged, authors=["Eve\n--\nUs"]))
    delivery = make_delivery(make_subscriber(), edition)
    assert delivery.subscriber is not None

    body = compose(delivery, delivery.subscriber).body

    assert "\x1b" not in body
    assert "\n1. A B C [31mD\n" in body
    assert [line for line in body.splitlines() if line == "--"] == ["--"]
    assert not [line for line in body.splitlines() if line.startswith("2. ")]
    assert body.count("\nUnsubscribe: ") == 1


@pytest.mark.parametrize("title", ["\u202eevil", "\u2067abc", "\u2067a\u202eb\u202cc"])
def test_a_title_turns_no_direction_but_its_own(compiled: list[str], title: str):
    edition = make_edition(make_paper(title), make_paper("Second"))
    delivery = make_delivery(make_subscriber(), edition)
    assert delivery.subscriber is not None

    subject = str(compose(delivery, delivery.subscriber).subject)

    for opening, ending in (("\u202e", "\u202c"), ("\u2067", "\u2069")):
        assert subject.partition(" + 1 more")[0].count(opening) == subject.count(ending)


@pytest.mark.parametrize("title", ["\u200b", "\u00ad \ufeff", " "])
def test_a_title_of_nothing_to_be_seen_is_called_by_its_name(compiled: list[str], title: str):
    paper = make_paper(title)
    delivery = make_delivery(make_subscriber(), make_edition(paper))
    assert delivery.subscriber is not None

    message = compose(delivery, delivery.subscriber)

    assert message.subject == paper.public_id
    assert f">{paper.public_id}</a></h2>" in html_of(delivery)
