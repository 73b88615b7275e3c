"""Whatever a person types compiles to something that can be looked for, and never raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.relevance.index import Document, Index
from digest.relevance.keywords import Keyword, compile_keyword
from digest.relevance.lexicon import learn

LEXICON = learn([("Retrieval-augmented generation (RAG) and pre-training", "RAG, LLM")] * 3)
pieces = st.sampled_from(
    [
        "RAG",
        "llm",
        "pre-training",
        "OR",
        "AND",
        "NOT",
        "|",
        "-",
        "-x",
        '"',
        "“",
        "author:",
        "cat:cs.CL",
        "org:",
    ]
)
typed_queries = st.text(max_size=80) | st.lists(pieces | st.text(max_size=6), max_size=14).map(" ".join)


def phrase(keyword: Keyword) -> tuple[str, ...]:
    """The words of the one thing that is looked for, as they were typed."""
    if not keyword.clauses:
        return ()
    [clause] = keyword.clauses
    [term] = clause.wanted
    return tuple(word.text for word in term.readings[0].words)


def test_a_keyword_keeps_what_was_typed_beside_its_folded_words():
    keyword = compile_keyword("Large-Language Models")

    assert keyword.text == "Large-Language Models"
    assert phrase(keyword) == ("large", "language", "model")


@pytest.mark.parametrize(
    "typed",
    [
        '"large language models"',
        "“large language models”",
        "„large language models“",
        "«large language models»",
        "＂large language models＂",
    ],
)
def test_quotation_marks_are_taken_off(typed: str):
    assert phrase(compile_keyword(typed)) == ("large", "language", "model")


@pytest.mark.parametrize("typed", ["", "   ", "---", "!?", "\u200b", '""', "“”", '"', "author:?!"])
def test_what_holds_no_word_matches_nothing(typed: str):
    index = Index([Document(1, typed, typed, [typed], [typed], typed)])

    assert len(index.find(compile_keyword(typed))) == (typed == "author:?!")  # that is a word, literally


@pytest.mark.parametrize(
    ("typed", "words"),
    [("cs.CV", ("cs", "cv")), ("3D", ("3d",)), ("GPT-4", ("GPT", "4")), ("naïve", ("naive",))],
)
def test_categories_numbers_and_accents_are_words(typed: str, words: tuple[str, ...]):
    assert phrase(compile_keyword(typed)) == words


@given(typed_queries)
def test_nothing_typed_is_ever_an_error(typed: str):
    keyword = compile_keyword(typed, LEXICON)

    assert keyword.text == typed
    for clause in keyword.clauses:
        assert clause.wanted
        for term in (*clause.wanted, *clause.unwanted):
            assert term.readings
            assert all(word.text for reading in term.readings for word in reading.words)


@given(typed_queries, typed_queries)
def test_nothing_typed_is_an_error_when_it_is_looked_for(typed: str, said: str):
    index = Index([Document(1, said, said, [said], [said], said), Document(2, typed)])

    hits = index.find(compile_keyword(typed, index.lexicon))

    assert set(hits.rows.tolist()) <= {0, 1}
    assert len(index.find(compile_keyword(typed))) <= 2
