"""A paper's facts in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import words
from digest.templatetags import papers


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, ""),
        ({"upvotes": 0, "stars": 0}, ""),
        ({"upvotes": None, "comments": None, "stars": None}, ""),
        ({"upvotes": 1}, "1 upvote"),
        ({"upvotes": 41}, "41 upvotes"),
        ({"stars": 1}, "1 GitHub star"),
        ({"upvotes": 1_234, "stars": 12_345}, "1,234 upvotes, 12,345 GitHub stars"),
        ({"upvotes": "many", "stars": -3}, ""),
        ({"nonsense": 5}, ""),
    ],
)
def test_counts_are_told_where_they_are_more_than_nothing(told: dict[str, object], said: str):
    assert words.counts(told) == said


def test_comments_are_told_among_the_counts():
    assert words.counts({"upvotes": 41, "comments": 2}) == "41 upvotes, 2 comments"


@pytest.mark.parametrize(
    ("told", "gained", "said"),
    [
        ({"upvotes": 41}, {"upvotes": 12}, "41 upvotes, 12 of them since yesterday"),
        ({"upvotes": 41}, {"upvotes": 41}, "41 upvotes since yesterday"),
        ({"upvotes": 1}, {"upvotes": 1}, "1 upvote since yesterday"),
        ({"upvotes": 41}, {"upvotes": 0}, "41 upvotes"),
        ({"upvotes": 41}, {"upvotes": -3}, "41 upvotes"),
        ({"upvotes": 41}, {"upvotes": 99}, "41 upvotes"),
        ({"upvotes": 41}, {"stars": 5}, "41 upvotes"),
        ({"upvotes": 41}, {"upvotes": "many"}, "41 upvotes"),
        ({"upvotes": 0}, {"upvotes": 0}, ""),
        ({"upvotes": None}, {"upvotes": None}, ""),
        (
            {"upvotes": 2_000, "stars": 7},
            {"upvotes": 1_500, "stars": 7},
            "2,000 upvotes, 1,500 of them since yesterday, 7 GitHub stars since yesterday",
        ),
    ],
)
def test_what_was_gained_since_yesterday_is_told_beside_the_count(
    told: dict[str, object], gained: dict[str, object], said: str
):
    assert words.counts(told, gained) == said


@pytest.mark.parametrize(
    ("authors", "said"),
    [
        ([], ""),
        (["A"], "A"),
        (["A", "B"], "A and B"),
        (["A", "B", "C"], "A, B and C"),
        (["A", "B", "C", "D"], "A, B, C and D"),
        (["A", "B", "C", "D", "E"], "A, B, C and 2 others"),
        (["A", "B", "C"] + ["X"] * 661, "A, B, C and 661 others"),
    ],
)
def test_many_authors_are_few_names_and_a_number(authors: list[str], said: str):
    assert words.and_others(authors) == papers.authors(authors) == said


def test_a_short_text_is_its_own_snippet():
    assert words.snippet("One. Two.") == "One. Two."


def test_a_snippet_ends_with_a_sentence_where_it_can():
    text = "We look at sheep. " + "They are many, e.g. in Wales, and we count 3.14 of them. " * 20

    snippet = words.snippet(text)

    assert snippet.endswith("of them.")
    assert len(snippet) <= words.SNIPPET


def test_a_snippet_of_one_endless_sentence_ends_at_a_word():
    snippet = words.snippet("word " * 200)

    assert snippet.endswith("word…")
    assert len(snippet) <= words.SNIPPET + 1


@pytest.mark.parametrize(
    ("text", "cut"),
    [("short", "short"), ("one two three", "one two…"), ("one, two", "one, two"), ("x" * 20, "x" * 10 + "…")],
)
def test_text_is_cut_at_a_word(text: str, cut: str):
    assert words.shorten(text, 10) == cut


@given(st.text(max_size=2_000), st.integers(20, 400))
def test_nothing_is_ever_longer_than_its_limit_and_an_ellipsis(text: str, limit: int):
    assert len(words.shorten(text, limit)) <= limit + 1
    assert len(words.snippet(text, limit)) <= limit + 1


@given(st.lists(st.text(min_size=1, max_size=5), max_size=5))
def test_every_item_of_a_list_is_named(items: list[str]):
    assert all(item in words.join_and(items) for item in items)
