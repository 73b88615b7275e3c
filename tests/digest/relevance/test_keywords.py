"""Whatever a person types compiles to a phrase, and never raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.relevance.keywords import compile_keyword


def test_a_keyword_keeps_what_was_typed_beside_its_folded_words():
    keyword = compile_keyword("Large-Language Models")

    assert keyword.text == "Large-Language Models"
    assert keyword.phrase == ("large", "language", "model")


@pytest.mark.parametrize(
    "typed", ['"large language models"', "“large language models”", "«large language models»"]
)
def test_quotation_marks_are_taken_off(typed: str):
    assert compile_keyword(typed).phrase == compile_keyword("large language models").phrase


@pytest.mark.parametrize("typed", ["", "   ", "---", "!?", "\u200b"])
def test_what_holds_no_word_is_an_empty_phrase(typed: str):
    assert compile_keyword(typed).phrase == ()


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [("cs.CV", ("cs", "cv")), ("3D", ("3d",)), ("GPT-4", ("gpt", "4")), ("naïve", ("naive",))],
)
def test_categories_numbers_and_accents_are_words(typed: str, phrase: tuple[str, ...]):
    assert compile_keyword(typed).phrase == phrase


@given(st.text(max_size=80))
def test_nothing_typed_is_ever_an_error(typed: str):
    keyword = compile_keyword(typed)
    assert keyword.text == typed
    assert all(keyword.phrase)
