"""What a wish would have brought: counted right, told in words, and kept small."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from digest.models import Edition, Entry
from digest.preview import Preview, preview
from subscriptions.keywords import parse_keywords
from subscriptions.preferences import Preferences
from tests.factories import DAY, make_edition, make_paper

pytestmark = pytest.mark.django_db


def wish(typed: str = "", **fields) -> Preferences:
    return Preferences(keywords=tuple(parse_keywords(typed)), **fields)


def make_day(ago: int, *titles: str) -> Edition:
    """The edition of so many days before DAY."""
    return make_edition(*(make_paper(title) for title in titles), day=DAY - timedelta(days=ago))


def titles(found: Preview) -> list[str]:
    return [one.title for one in found.first]


# --- Counts ---------------------------------------------------------------------------------


def test_papers_and_empty_days_are_counted_over_the_editions():
    make_day(3, "Retrieval at last", "Diffusion", "Robots")
    make_day(2, "Diffusion again", "Robots")
    make_day(0, "Retrieval one", "Retrieval two", "Robots")

    found = preview(wish("retrieval"))

    assert (found.days, found.papers, found.empty) == (3, 3, 1)
    assert found.choosing
    assert not found.filled


def test_a_day_brings_no_more_than_a_digest_holds():
    make_day(0, *(f"Retrieval {n}" for n in range(7)))

    assert preview(wish("retrieval", size=5)).papers == 5
    assert preview(wish("retrieval", size=10)).papers == 7


def test_what_is_muted_does_not_count():
    make_day(0, "Retrieval", "A survey of retrieval", "Robots")

    assert preview(wish("retrieval, -survey")).papers == 1


def test_without_keywords_all_that_is_trending_counts():
    make_day(1, "Robots", "Diffusion")
    make_day(0, "Retrieval")

    found = preview(wish())

    assert (found.papers, found.empty, found.choosing) == (3, 0, False)


def test_days_that_would_be_filled_still_count_as_empty_and_only_their_own_papers_count():
    make_day(1, "Robots")
    make_day(0, "Retrieval", "Diffusion")

    found = preview(wish("retrieval", thin_day="fill"))

    assert (found.papers, found.empty, found.filled) == (1, 1, True)
    assert titles(found) == ["Retrieval", "Diffusion"]
    assert "outside your keywords" in found.first[1].reason


def test_the_window_is_thirty_days_back_from_the_newest_edition():
    make_day(30, "Retrieval of old")
    make_day(29, "Retrieval just in time")
    make_day(0, "Retrieval")

    assert (preview(wish("retrieval")).days, preview(wish("retrieval")).papers) == (2, 2)


def test_each_days_papers_are_told_oldest_first_and_the_share_of_empty_days():
    make_day(3, "Retrieval at last", "Retrieval again")
    make_day(2, "Robots")
    make_day(1, "Robots again")
    make_day(0, "Retrieval one")

    found = preview(wish("retrieval"))

    counts = [2, 0, 0, 1]
    assert found.by_day == tuple((DAY - timedelta(3 - n), count) for n, count in enumerate(counts))
    assert found.empty_share == 0.5
    assert Preview().empty_share == 0.0


def test_a_pin_beside_a_match_counts_but_not_where_it_is_muted_or_alone():
    edition = make_day(0, "Retrieval", "Robots", "Soup")
    Entry.objects.filter(edition=edition, paper__title="Robots").update(pin=1)

    assert preview(wish("retrieval")).papers == 2
    assert preview(wish("retrieval, -robots")).papers == 1
    assert preview(wish("retrieval, robots")).papers == 2
    assert preview(wish("frob")).papers == 0


def test_an_open_edition_and_one_from_the_future_do_not_count():
    now = timezone.now()
    make_edition(make_paper("Retrieval"), day=DAY, at=now - timedelta(hours=1))
    make_edition(make_paper("Retrieval later"), day=DAY + timedelta(days=1), at=now + timedelta(hours=1))
    make_edition(make_paper("Retrieval open"), day=DAY + timedelta(days=2), published=False)

    assert preview(wish("retrieval"), now=now).days == 1


def test_where_nothing_was_published_there_is_nothing_to_say():
    assert preview(wish("retrieval")) == Preview(choosing=True)


# --- The first three ------------------------------------------------------------------------


def test_the_first_three_of_the_newest_edition_come_with_address_and_reason():
    make_day(1, "Retrieval yesterday")
    make_edition(
        *(make_paper(f"Retrieval {n}", upvotes=n, arxiv_id=f"2509.0000{n}") for n in range(1, 6)), day=DAY
    )

    found = preview(wish("retrieval"))

    assert found.newest == DAY
    assert titles(found) == ["Retrieval 5", "Retrieval 4", "Retrieval 3"]
    assert found.first[0].url == "/paper/2509.00005/"
    assert found.first[0].reason == "Matches “retrieval” in the title; 5 upvotes"


def test_a_newest_edition_without_a_match_shows_those_of_the_one_before():
    make_day(1, "Retrieval")
    make_day(0, "Robots")

    found = preview(wish("retrieval"))

    assert (found.papers, titles(found), found.newest) == (1, ["Retrieval"], DAY - timedelta(days=1))


def test_where_no_edition_has_a_match_no_papers_are_shown():
    make_day(0, "Robots")

    assert (preview(wish("retrieval")).first, preview(wish("retrieval")).newest) == ((), DAY)


def test_a_pin_comes_first_and_says_so():
    edition = make_day(0, "Retrieval", "Robots")
    Entry.objects.filter(edition=edition, paper__title="Robots").update(pin=1)

    found = preview(wish("retrieval"))

    assert titles(found) == ["Robots", "Retrieval"]
    assert found.first[0].reason == "Editor’s pick"


def test_as_many_pins_count_beside_a_match_as_a_digest_has():
    edition = make_day(0, "Retrieval", *(f"Robots {n}" for n in range(4)))
    for pin, entry in enumerate(edition.entries.filter(paper__title__startswith="Robots"), start=1):
        Entry.objects.filter(pk=entry.pk).update(pin=pin)

    found = preview(wish("retrieval", size=5))

    assert (found.papers, titles(found)) == (2, ["Robots 0", "Retrieval"])


# --- What an editor does shows at once ------------------------------------------------------


def test_a_paper_that_was_hidden_is_gone_at_once():
    make_day(0, "Retrieval one", "Retrieval two")
    assert preview(wish("retrieval")).papers == 2

    Entry.objects.filter(paper__title="Retrieval one").update(hidden=True)

    assert titles(preview(wish("retrieval"))) == ["Retrieval two"]
    assert preview(wish("retrieval")).papers == 1


def test_a_paper_that_is_shown_again_counts_again():
    edition = make_day(0, "Retrieval one", "Retrieval two")
    Entry.objects.filter(paper__title="Retrieval one").update(hidden=True)
    assert preview(wish("retrieval")).papers == 1

    edition.entries.update(hidden=False)

    assert preview(wish("retrieval")).papers == 2


def test_a_paper_that_was_withdrawn_is_gone_at_once():
    edition = make_day(0, "Retrieval one", "Retrieval two")
    assert preview(wish("retrieval")).papers == 2

    edition.papers.filter(title="Retrieval two").update(withdrawn=True)

    assert preview(wish("retrieval")).papers == 1


def test_a_new_pin_and_a_new_edition_show_at_once():
    edition = make_day(1, "Retrieval one", "Retrieval two")
    preview(wish("retrieval"))

    Entry.objects.filter(edition=edition, paper__title="Retrieval two").update(pin=1)
    assert titles(preview(wish("retrieval"))) == ["Retrieval two", "Retrieval one"]

    make_day(0, "Retrieval three")
    assert titles(preview(wish("retrieval"))) == ["Retrieval three"]


# --- Warnings -------------------------------------------------------------------------------


def test_terms_that_match_nothing_are_named_as_they_were_typed():
    make_day(0, "Retrieval", "Robots", "Diffusion", "Graphs")

    assert preview(wish("retrieval, Frobnication")).warnings == (
        "Nothing in the last 30 days matches “Frobnication”.",
    )
    assert preview(wish("Frob, retrieval, Nication")).warnings == (
        "Nothing in the last 30 days matches “Frob” and “Nication”.",
    )


@pytest.mark.parametrize(("matching", "warned"), [(2, False), (3, False), (4, True)])
def test_a_term_in_more_than_30_percent_of_all_papers_is_told(matching: int, warned: bool):
    make_day(1, *(f"Model {n}" for n in range(matching)))
    make_day(0, *(f"Robot {n}" for n in range(10 - matching)))

    assert [("Model" in text) for text in preview(wish("Model")).warnings] == [True] * warned


def test_a_mute_is_told_when_it_takes_away_too_much_but_not_when_it_finds_nothing():
    make_day(0, "Model", "Model two", "Robots", "Graphs")

    assert preview(wish("robots, diffusion, -frob")).warnings == (
        "Nothing in the last 30 days matches “diffusion”.",
    )
    assert preview(wish("-model")).warnings == ("Muting “model” takes away more than 30% of all papers.",)


def test_an_acronym_that_is_an_everyday_word_is_told_when_it_is_typed_in_small_letters():
    make_day(
        0, *(f"A video clip {n}" for n in range(3)), "CLIP", "CLIP again", *(f"Robot {n}" for n in range(8))
    )

    assert preview(wish("clip")).warnings[-1] == (
        "“clip” is also an everyday word. Write “CLIP” to find the acronym alone."
    )
    assert "everyday" not in "".join(preview(wish("CLIP, video")).warnings)
    assert "everyday" in "".join(preview(wish("robot, -clip")).warnings)


def test_reasons_and_warnings_speak_the_language_of_the_moment():
    make_day(0, "Retrieval", "Robots", "Diffusion", "Graphs")

    with translation.override("de"):
        found = preview(wish("retrieval, frob"))

    assert "„frob“" in found.warnings[0]
    assert "„retrieval“" in found.first[0].reason
    assert "“frob”" in preview(wish("retrieval, frob")).warnings[0]
