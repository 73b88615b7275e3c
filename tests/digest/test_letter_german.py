"""A digest in German: for whoever reads German, whatever the process speaks."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from digest.letter import digest_of
from digest.outbox import KeptMail
from digest.reasons import FOUND, reason
from digest.relevance.index import Place
from digest.words import span
from tests.digest.conftest import make_delivery
from tests.digest.test_letter import pick
from tests.digest.test_letter_sent import Page, lines_of, sent
from tests.factories import DAY, make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.django_db


def parts_of(mail: KeptMail) -> tuple[str, str]:
    """What a reader of the HTML and one of the text sees."""
    return Page(mail.html).text, lines_of(mail.text)


# --- Words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("picked", "counts", "said"),
    [
        (pick(), {}, "Neu"),
        (pick(), {"upvotes": 1_234}, "Im Gespräch; 1.234 Stimmen"),
        (
            pick(),
            {"upvotes": 1, "comments": 1, "stars": 2},
            "Im Gespräch; 1 Stimme, 1 Kommentar, 2 GitHub-Sterne",
        ),
        (pick(outside=True), {}, "Neu, außerhalb Ihrer Stichwörter"),
        (pick(outside=True), {"upvotes": 2}, "Im Gespräch, außerhalb Ihrer Stichwörter; 2 Stimmen"),
        (pick(("graph", "title")), {}, "Enthält „graph“ im Titel"),
        (
            pick(("graph", "title"), ("tree", "title"), ("soup", "abstract")),
            {},
            "Enthält „graph“ und „tree“ im Titel; enthält „soup“ in der Zusammenfassung",
        ),
        (
            pick(("Ada King", "authors"), pinned=True),
            {},
            "Tipp der Redaktion; nennt „Ada King“ in der Autorenliste",
        ),
        (pick(("cs.CL", "categories")), {}, "Führt „cs.CL“ in den Kategorien"),
        (pick(("graph", "a place of tomorrow")), {}, "Passt zu „graph“"),
    ],
)
def test_a_reason_is_told_in_german(picked: dict[str, Any], counts: dict[str, int], said: str):
    with translation.override("de"):
        assert reason(picked, {"counts": counts}) == said


def test_every_place_has_a_phrase_of_its_own():
    assert set(FOUND) == set(Place)
    for language in ("en", "de"):
        with translation.override(language):
            assert len({str(phrase) for phrase in FOUND.values()}) == len(Place)


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        (0, "Freitag, 26. September 2025"),
        (4, "22. bis 26. September 2025"),
        (27, "30. August bis 26. September 2025"),
        (300, "30. November 2024 bis 26. September 2025"),
    ],
)
def test_the_dates_are_told_in_german(earlier: int, said: str):
    last = make_edition(make_paper())
    delivery = make_delivery(make_subscriber(language="de"), last)
    if earlier:
        first = make_edition(make_paper(), day=DAY - timedelta(days=earlier))
        delivery.editions = [first.pk, last.pk]
        delivery.save()
    assert delivery.subscriber is not None

    with translation.override("de"):
        assert span(*digest_of(delivery, delivery.subscriber).days) == said


# --- The letter -----------------------------------------------------------------------------


def test_both_parts_say_the_same_in_german():
    papers = [make_paper("Graphs", upvotes=1_041, authors=["A", "B", "C", "D", "E"]), make_paper("Trees")]
    edition = make_edition(*papers)
    edition.entries.update(note="Read this one.")
    subscriber = make_subscriber(keywords="graph, tree", language="de")

    mail = sent(subscriber, edition, *papers, terms=[("graph", "title")], left_out=7)

    for part in parts_of(mail):
        for said in (
            "Freitag, 26. September 2025",
            "Enthält „graph“ im Titel",
            "1.041 Stimmen",
            "A, B, C und 2 weitere",
            "7 weitere passen",
            "Sie erhalten diese Mail, weil Sie diese Stichwörter abonniert haben: graph, tree.",
            "Abbestellen",
        ):
            assert said in part
        for english in (
            "Matches",
            "upvote",
            "September, ",
            "whole edition",
            "Unsubscribe",
            "You get this",
        ):
            assert english not in part
    assert "2 Papers für Sie" in Page(mail.html).text
    assert "Redaktion: Read this one." in mail.text
    assert '<html lang="de"' in mail.html
    assert '<h2 dir="auto" lang="en">' in mail.html
    assert max(len(line) for line in mail.text.splitlines() if "://" not in line) <= 76


@pytest.mark.parametrize(
    ("papers", "subject", "heading"),
    [
        (1, "Paper 0", "1 Paper für Sie"),
        (2, "Paper 0 + 1 weiteres", "2 Papers für Sie"),
        (4, "Paper 0 + 3 weitere", "4 Papers für Sie"),
    ],
)
def test_the_subject_and_the_heading_count_in_german(papers: int, subject: str, heading: str):
    shown = [make_paper(f"Paper {n}", upvotes=9 - n) for n in range(papers)]

    mail = sent(make_subscriber(language="de"), make_edition(*shown), *shown)

    assert mail.subject == subject
    assert heading in Page(mail.html).text


def test_one_more_match_is_one():
    mail = sent(make_subscriber(language="de"), make_edition(make_paper()), left_out=1)

    for part in parts_of(mail):
        assert "1 weiteres passt" in part


def test_a_digest_without_any_match_or_keyword_is_german_too():
    edition = make_edition(make_paper("Soup"))

    without_match = sent(make_subscriber(keywords="graph", language="de"), edition)

    for part in parts_of(without_match):
        assert "In diesen Tagen passte nichts zu Ihren Stichwörtern; hier ist, was im Gespräch ist." in part


def test_the_preheader_is_german():
    edition = make_edition(*[make_paper(f"Paper {n}", upvotes=9 - n) for n in range(4)])

    assert "Außerdem: Paper 1; Paper 2" in Page(sent(make_subscriber(language="de"), edition).html).text


def test_what_somebody_wrote_stays_as_it_is():
    """A title that is a word of the catalogue, or looks like a placeholder, is not translated."""
    edition = make_edition(make_paper("Unsubscribe"), make_paper("100% of %(lead)s"))

    mail = sent(make_subscriber(language="de"), edition)

    for part in parts_of(mail):
        assert "Unsubscribe" in part
        assert "100% of %(lead)s" in part


# --- Whose language -------------------------------------------------------------------------


@pytest.mark.parametrize("process", ["en", "de", "fr"])
@pytest.mark.parametrize(("language", "said"), [("en", "Unsubscribe"), ("de", "Abbestellen")])
def test_a_persons_language_decides_and_not_the_processs(process: str, language: str, said: str):
    with translation.override(process):
        mail = sent(make_subscriber(language=language), make_edition(make_paper()))
        assert translation.get_language() == process

    assert f'<html lang="{language}"' in mail.html
    for part in parts_of(mail):
        assert said in part


@pytest.mark.parametrize("code", ["", "fr", "tlh", "../../de", "x" * 16])
def test_who_reads_a_language_we_do_not_speak_is_written_to_in_english(code: str):
    mail = sent(make_subscriber(language=code), make_edition(make_paper()))

    assert '<html lang="en"' in mail.html
    for part in parts_of(mail):
        assert "Friday, 26 September 2025" in part
        assert "Unsubscribe" in part
