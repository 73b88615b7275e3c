"""An index against a naive matcher, merged ones against one built at once, and what it remembers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.relevance import index as module
from digest.relevance.index import PLACES, WEIGHT, Document, Index, Place
from digest.relevance.keywords import compile_keyword
from tests.digest.relevance.looked_up import index_of, places, shown

# --- A naive matcher ------------------------------------------------------------------------

SOUP = ["graph", "graphs", "Neural", "of", "of", "net", "nets", "RAG", "rag", "a", "end.", "so;", "expert"]
soups = st.lists(st.sampled_from(SOUP), max_size=9).map(" ".join)
documents = st.lists(st.tuples(soups, soups, st.lists(soups, max_size=2), soups), max_size=6)
phrases = st.lists(
    st.sampled_from(["graph", "neural", "of", "net", "RAG", "a", "end", "expert"]), min_size=1, max_size=4
)


def naive(phrase: list[str], text: str, *, exact: bool, organization: bool = False) -> bool:
    """Do these words stand in a text one after the other, none but the last at the end of a sentence? In
    names (not `exact`) capitals tell nothing.
    """
    words = text.split()
    shouted = sum(len(word) >= 5 and word.isupper() for word in words) >= 2
    gaps = (0, 1, 2) if len(phrase) == 3 and phrase[1] == "of" else (0,)

    def is_word(wanted: str, said: str) -> bool:
        said = said.rstrip(".;")
        if wanted == "RAG" and (exact or organization):
            return said == "RAG" and not shouted
        return (said.lower().removesuffix("s") if exact or organization else said.lower()) == wanted.lower()

    for start in range(len(words)):
        for gap in gaps:
            some = words[start : start + len(phrase) + gap]
            if len(some) < len(phrase) + gap or any(word[-1] in ".;" for word in some[:-1]):
                continue
            chosen = [*some[: len(phrase) - 1], some[-1]]
            if all(is_word(wanted, said) for wanted, said in zip(phrase, chosen, strict=True)):
                return True
    return False


SENTENCE_END = re.compile(r"[.!?;:]")


def naive_place(phrase: list[str], paper: tuple[str, str, list[str], str]) -> Place | None:
    title, abstract, authors, organization = paper
    among_authors = len(phrase) > 1 or len(phrase[0]) > 4
    if naive(phrase, title, exact=True):
        return Place.TITLE
    # No sentence ends in a name: "St. John" is one.
    if among_authors and any(naive(phrase, SENTENCE_END.sub(" ", one), exact=False) for one in authors):
        return Place.AUTHORS
    if naive(phrase, SENTENCE_END.sub(" ", organization), exact=False, organization=True):
        return Place.ORGANIZATION
    return Place.ABSTRACT if naive(phrase, abstract, exact=True) else None


def built(found: list[tuple[str, str, list[str], str]]) -> Index:
    return Index(
        Document(n, title, abstract, authors, (), org)
        for n, (title, abstract, authors, org) in enumerate(found)
    )


@given(documents, phrases)
def test_a_phrase_is_found_where_a_naive_matcher_finds_it(
    found: list[tuple[str, str, list[str], str]], phrase: list[str]
):
    expected = {n: place for n, paper in enumerate(found) if (place := naive_place(phrase, paper))}

    assert places(built(found), compile_keyword(" ".join(phrase))) == expected


@given(documents, phrases, phrases, phrases)
def test_clauses_are_put_together_as_sets_are(
    found: list[tuple[str, str, list[str], str]], one: list[str], two: list[str], three: list[str]
):
    index = built(found)

    def rows(typed: str) -> dict[int, Place]:
        return places(index, compile_keyword(typed))

    a, b, c = ('"' + " ".join(phrase) + '"' for phrase in (one, two, three))
    of_a, of_b, of_c = rows(a), rows(b), rows(c)
    best = {
        n: max((of.get(n, Place.ABSTRACT) for of in (of_a, of_b)), key=lambda place: WEIGHT[place])
        for n in of_a | of_b
    }
    assert rows(f"{a} OR {b}").keys() == of_a.keys() | of_b.keys()
    assert {n: WEIGHT[p] for n, p in rows(f"{a} OR {b}").items()} == {n: WEIGHT[p] for n, p in best.items()}
    assert rows(f"{a} AND {b}").keys() == of_a.keys() & of_b.keys()
    assert rows(f"{a} -{c}").keys() == of_a.keys() - of_c.keys()
    assert rows(f"{a} -{c} OR {b}").keys() == (of_a.keys() - of_c.keys()) | of_b.keys()


# --- Merged ---------------------------------------------------------------------------------

DEFINING = [
    "Large graph nets (LGN).",
    "Little grey nuns (LGN).",
    "Pre-training",
    "pretraining",
    "LGN",
    "lgn",
    "A graph",
]
teaching = st.lists(st.lists(st.sampled_from(DEFINING), max_size=3).map(" ".join), max_size=5)
ASKED = [
    "LGN",
    "lgn",
    "large graph nets",
    "pre-training",
    "pretraining",
    "graph",
    "author:noether",
    "graph -LGN",
    "cs.CL",
]


@given(st.lists(teaching, max_size=4))
def test_indexes_put_together_are_as_one_built_at_once(parts: list[list[str]]):
    def document(n: int, text: str) -> Document:
        return Document(n, text, f"{text} {text}", ["Emmy Noether"][: n % 2], ["cs.CL"][: n % 3], "")

    flat = [text for part in parts for text in part]
    whole = Index(document(n, text) for n, text in enumerate(flat))
    pieces, start = [], 0
    for part in parts:
        pieces.append(Index(document(start + n, text) for n, text in enumerate(part)))
        start += len(part)
    merged = Index.merged(pieces)

    assert (merged.ids, len(merged)) == (whole.ids, len(whole))
    assert (merged.lexicon.papers, merged.lexicon.parts) == (whole.lexicon.papers, whole.lexicon.parts)
    for typed in ASKED:
        assert compile_keyword(typed, merged.lexicon) == compile_keyword(typed, whole.lexicon)
        assert places(merged, typed) == places(whole, typed), typed
        assert shown(merged, typed) == shown(whole, typed), typed
    again = Index.merged([merged])
    assert places(again, "LGN") == places(whole, "LGN")


def test_merging_changes_none_of_the_parts():
    one, other = index_of("Large graph nets (LGN)"), index_of("Large graph nets (LGN)")
    Index.merged([one, other])

    assert one.lexicon.long_form("LGN") is None
    assert places(one, compile_keyword("graph")) == {1: Place.TITLE}


def test_a_merged_index_of_none_is_empty():
    assert len(Index.merged([])) == 0
    assert len(Index.merged([]).find(compile_keyword("x"))) == 0
    assert len(Index.merged([Index(), Index()]).find(compile_keyword("x"))) == 0


# --- Answers --------------------------------------------------------------------------------


def test_rows_are_ascending_and_each_comes_once():
    index = index_of("graph graph", "x", "graph of graph", "graphs")
    hits = index.find(compile_keyword("graph OR graph of graph OR graphs"))

    assert hits.rows.tolist() == [0, 2, 3]
    assert [PLACES[place] for place in hits.places] == [Place.TITLE] * 3
    assert len(hits) == 3


def test_an_answer_is_remembered_until_it_is_forgotten_or_there_are_too_many(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "REMEMBERED", 3)
    index = index_of("graph")
    first = index.find(compile_keyword("graph"))

    assert index.find(compile_keyword("graph")) is first
    for n in range(10):
        index.find(compile_keyword(f"other {n}"))
        assert len(index._found) <= 3
    assert index.find(compile_keyword("graph")) is not first
    index.forget()
    assert not index._found


def test_the_words_and_where_they_stand_can_be_read():
    index = Index([Document(7, "Graphs of", "a graph", ["Emmy"]), Document(8, "", "of")])
    rows, said = index.stream_of([Place.TITLE, Place.ABSTRACT])

    assert [(row, index.words[word]) for row, word in zip(rows.tolist(), said.tolist(), strict=True)] == [
        (0, "graph"),
        (0, "of"),
        (0, "a"),
        (0, "graph"),
        (1, "of"),
    ]
    assert index.words[0] == ""
