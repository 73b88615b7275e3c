"""Words fold to what they are compared by: case, plural, hyphens and accents are gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.relevance.folding import words
from digest.relevance.text import clean

any_text = st.text(st.characters(codec=None), max_size=200)


def test_case_hyphens_and_punctuation_are_gone():
    assert words("Retrieval-Augmented GENERATION, (RAG)!") == ["retrieval", "augmented", "generation", "rag"]


def test_every_kind_of_hyphen_parts_words():
    plain = words("vision-language")
    assert [words(f"vision{dash}language") for dash in "\u2010\u2011\u2013\u2014_/ "] == [plain] * 7


def test_compatibility_forms_are_equal():
    assert words("ﬁne ＢＥＲＴ ℓ") == words("fine BERT l")


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("LLM", "LLMs"),
        ("GAN", "GANs"),
        ("VAE", "VAEs"),
        ("RAG", "RAGs"),
        ("loss", "losses"),
        ("class", "classes"),
        ("process", "processes"),
        ("model", "models"),
        ("image", "images"),
        ("base", "bases"),
        ("cache", "caches"),
        ("study", "studies"),
        ("policy", "policies"),
        ("query", "queries"),
        ("tree", "trees"),
    ],
)
def test_singular_and_plural_fold_to_one(one: str, many: str):
    assert words(one) == words(many)


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("patch", "patches"),
        ("box", "boxes"),
        ("batch", "batches"),
        ("sketch", "sketches"),
        ("approach", "approaches"),
        ("search", "searches"),
        ("mesh", "meshes"),
        ("hash", "hashes"),
        ("index", "indexes"),
        ("bias", "biases"),
        ("lens", "lenses"),
        ("analysis", "analyses"),
        ("hypothesis", "hypotheses"),
    ],
)
def test_plurals_in_es_that_the_field_uses_daily_fold_to_one_too(one: str, many: str):
    assert words(one) == words(many)


@pytest.mark.parametrize("word", ["gas", "bus", "loss", "class", "status", "focus", "consensus", "us", "s"])
def test_a_singular_that_ends_in_s_is_not_cut(word: str):
    assert words(word) != words(word[:-1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("network", "networking"),
        ("transform", "transformer"),
        ("policy", "police"),
        ("universe", "university"),
    ],
)
def test_different_words_stay_different(one: str, other: str):
    assert words(one) != words(other)


@pytest.mark.parametrize("text", ["0υ", "0\u1fe0", "0υ\u0380", "0υ\u03f6"])
def test_a_lone_greek_letter_is_spelt_out_whatever_stands_beside_it(text: str):
    assert words(text) == ["0", "upsilon"]


@given(any_text)
def test_folding_twice_is_folding_once(text: str):
    once = words(clean(text))
    assert words(" ".join(once)) == once


@given(st.text(st.characters(codec="ascii"), max_size=80))
def test_case_never_matters(text: str):
    assert words(text.upper()) == words(text.lower())
