"""The values of a digest: which cards, which reasons, in which words."""

from datetime import timedelta
from typing import Any

import pytest

from digest.letter import Digest, NothingLeft, card, digest_of, preheader
from digest.models import Delivery
from digest.reasons import as_json, reason
from digest.relevance.index import Place
from digest.relevance.wishes import Match, Pick
from digest.words import span
from tests.digest.conftest import make_delivery
from tests.factories import DAY, make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.django_db


def pick(*terms: tuple[str, str], pinned: bool = False, outside: bool = False) -> dict[str, Any]:
    return {"paper": 1, "terms": [list(term) for term in terms], "pinned": pinned, "outside": outside}


def shown_by(delivery: Delivery) -> Digest:
    assert delivery.subscriber is not None
    return digest_of(delivery, delivery.subscriber)


# --- Reasons --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("picked", "counts", "said"),
    [
        (pick(), {}, "New"),
        (pick(), {"upvotes": 41}, "Trending; 41 upvotes"),
        (pick(outside=True), {}, "New, outside your keywords"),
        (pick(outside=True), {"upvotes": 2}, "Trending, outside your keywords; 2 upvotes"),
        (pick(("graph", "title")), {}, "Matches “graph” in the title"),
        (pick(("graph", "title")), {"upvotes": 1}, "Matches “graph” in the title; 1 upvote"),
        (
            pick(("graph", "title"), ("tree", "title"), ("soup", "abstract")),
            {},
            "Matches “graph” and “tree” in the title; matches “soup” in the abstract",
        ),
        (pick(pinned=True), {}, "Editor’s pick"),
        (pick(pinned=True, outside=True), {}, "Editor’s pick"),
        (pick(("Ada King", "authors"), pinned=True), {}, "Editor’s pick; matches “Ada King” in the authors"),
    ],
)
def test_why_a_paper_is_here_is_said_in_words(picked: dict[str, Any], counts: dict[str, int], said: str):
    assert reason(picked, {"counts": counts}) == said


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            {"terms": [["RAG", "title", "retrieval augmented generation"]]},
            "Matches “RAG” (as “retrieval augmented generation”) in the title",
        ),
        (
            {"terms": [["RAG", "title", "rag of old"], ["graph", "title"]]},
            "Matches “RAG” (as “rag of old”) and “graph” in the title",
        ),
        ({"terms": [["graph", "margin"]]}, "Matches “graph”"),
        ({"related": "sheep", "outside": True}, "Related to “sheep”"),
        (
            {"liked": True, "terms": [["graph", "title"]]},
            "Matches “graph” in the title; like papers you wanted more of",
        ),
        ({"liked": True, "outside": True}, "Like papers you wanted more of"),
        ({"related": "sheep", "pinned": True, "outside": True}, "Editor’s pick; related to “sheep”"),
    ],
)
def test_what_was_found_otherwise_is_said_too(told: dict[str, Any], said: str):
    assert reason({"paper": 1, **told}, {}) == said


def test_a_reason_tells_what_was_gained_since_yesterday():
    breakdown = {"counts": {"upvotes": 41, "stars": 7}, "gained": {"upvotes": 12}}

    said = reason(pick(("retrieval", "title")), breakdown)

    assert said == (
        "Matches “retrieval” in the title; 41 upvotes, 12 of them since yesterday, 7 GitHub stars"
    )


def test_a_pick_is_kept_with_what_its_reason_needs_and_nothing_usual():
    usual = as_json(Pick(7, (Match("graph", Place.TITLE),)))
    assert usual == {"paper": 7, "terms": [["graph", "title"]], "pinned": False, "outside": False}

    told = as_json(Pick(7, (Match("RAG", Place.ABSTRACT, "rag of old"),), related="sheep", lean=1.5))
    assert told["terms"] == [["RAG", "abstract", "rag of old"]]
    assert (told["related"], told["liked"]) == ("sheep", True)
    assert "liked" not in as_json(Pick(7, lean=0.5))


def test_a_reason_of_an_unranked_entry_is_still_one():
    assert reason(pick(), {}) == "New"


# --- Cards ----------------------------------------------------------------------------------


def test_a_card_shows_the_paper_and_where_to_read_it(settings: Any):
    settings.SITE_URL = "https://papers.example.org"
    paper = make_paper(
        "Graphs",
        upvotes=4,
        arxiv_id="math/0309136",
        authors=["Ada", "Bob", "Cem", "Dee", "Eve"],
        abstract="We look at graphs.",
        url="https://arxiv.org/abs/math/0309136",
        pdf_url="https://example.org/pdf",
        code_url="https://example.org/code",
        project_url="https://example.org/project",
    )
    edition = make_edition(paper)
    edition.entries.update(note="Read this one.")

    digest = shown_by(make_delivery(make_subscriber(keywords="graph"), edition, terms=[("graph", "title")]))

    [(shown, picked)] = digest.papers
    told = card(shown)
    assert told.title == "Graphs"
    assert told.url == "https://papers.example.org/paper/math/0309136/"
    assert told.authors == "Ada, Bob, Cem and 2 others"
    assert told.snippet == "We look at graphs."
    assert reason(picked, shown.breakdown) == "Matches “graph” in the title; 4 upvotes"
    assert told.note == "Read this one."
    assert (told.more, told.less) == ("?paper=math%2F0309136&say=more", "?paper=math%2F0309136&say=less")
    assert told.links == (
        ("Paper", "https://arxiv.org/abs/math/0309136"),
        ("PDF", "https://example.org/pdf"),
        ("Code", "https://example.org/code"),
        ("Project", "https://example.org/project"),
    )
    assert (len(digest), digest.related, digest.keywords) == (1, (), ("graph",))


def test_cards_stand_in_the_order_of_the_picks():
    papers = [make_paper(f"Paper {n}", upvotes=n) for n in range(4)]
    edition = make_edition(*papers)
    order = [papers[2], papers[0], papers[3], papers[1]]

    digest = shown_by(make_delivery(make_subscriber(), edition, *order))

    assert [shown.title for shown, _ in digest.papers] == [paper.title for paper in order]


def test_a_short_summary_goes_before_the_abstract():
    edition = make_edition(make_paper(tldr="In short.", abstract="At length."))
    assert shown_by(make_delivery(make_subscriber(), edition)).papers[0][0].text == "In short."


def test_what_was_hidden_or_withdrawn_since_is_left_out():
    papers = [make_paper(f"Paper {n}") for n in range(3)]
    edition = make_edition(*papers)
    delivery = make_delivery(make_subscriber(), edition)
    edition.entries.filter(paper=papers[0]).update(hidden=True)
    papers[1].withdrawn = True
    papers[1].save()

    assert [shown.title for shown, _ in shown_by(delivery).papers] == ["Paper 2"]


def test_where_nothing_is_left_there_is_no_letter():
    edition = make_edition(make_paper())
    delivery = make_delivery(make_subscriber(), edition)
    edition.entries.update(hidden=True)

    with pytest.raises(NothingLeft):
        shown_by(delivery)


@pytest.mark.parametrize(
    ("keywords", "terms", "said"),
    [("graph", [], True), ("graph", [("graph", "title")], False), ("", [], False), ("-graph", [], False)],
)
def test_a_digest_of_which_nothing_matched_says_so(keywords: str, terms: list[tuple[str, str]], said: bool):
    edition = make_edition(make_paper())
    delivery = make_delivery(make_subscriber(keywords=keywords), edition, terms=terms)

    assert shown_by(delivery).nothing_matched is said


def test_mutes_are_not_named_among_the_keywords():
    edition = make_edition(make_paper())
    delivery = make_delivery(make_subscriber(keywords="graph, -soup"), edition)
    assert shown_by(delivery).keywords == ("graph",)


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        (0, "Friday, 26 September 2025"),
        (3, "23 to 26 September 2025"),
        (27, "30 August to 26 September 2025"),
        (300, "30 November 2024 to 26 September 2025"),
    ],
)
def test_the_dates_are_from_the_first_edition_to_the_last(earlier: int, said: str):
    last = make_edition(make_paper())
    delivery = make_delivery(make_subscriber(), last)
    if earlier:
        first = make_edition(make_paper(), day=DAY - timedelta(days=earlier))
        delivery.editions = [last.pk, first.pk]

    assert span(*shown_by(delivery).days) == said


SHEEP = "Counting sheep for a living"


@pytest.mark.parametrize(
    ("others", "line"),
    [
        ([SHEEP, SHEEP, "Goats"], f"Also: {SHEEP}; {SHEEP}"),
        (
            ["Goats", "Cows", "Pigs", "Hens of a barn", "Ducks"],
            "Also: Goats; Cows; Pigs; Hens of a barn; Ducks",
        ),
        (["Goats"], "Also: Goats. We look at farms, and at who lives there."),
        ([], "Matches “farm” in the title. We look at farms, and at who lives there."),
    ],
)
def test_the_preheader_names_other_titles_and_fills_its_line(others: list[str], line: str):
    text = "We look at farms, and at who lives there."

    assert preheader(others, reason="Matches “farm” in the title", text=text) == line


@pytest.mark.parametrize("others", [["Sheep " * 30, "Goats"], ["x" * 300], ["Goats"] * 9])
def test_the_preheader_has_the_length_that_inboxes_show(others: list[str]):
    assert 40 <= len(preheader(others, reason="", text="We look at farms. " * 9)) <= 110


def test_the_values_take_the_same_number_of_queries_however_many_papers():
    from tests.digest.conftest import steps_of

    few = make_delivery(make_subscriber(), make_edition(make_paper()))
    lots = make_delivery(
        make_subscriber(), make_edition(*[make_paper() for _ in range(20)], day=DAY + timedelta(days=1))
    )

    assert steps_of(lambda: shown_by(few)) == steps_of(lambda: shown_by(lots))
