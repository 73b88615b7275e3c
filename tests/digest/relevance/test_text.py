"""Text from strangers is cleaned and folded, and none of it ever raises."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.relevance.text import clean, words

any_text = st.text(st.characters(codec=None), max_size=200)


# --- clean ----------------------------------------------------------------------------------


def test_cleaning_makes_every_run_of_white_space_one_blank():
    assert clean("  Learning and\n  Modular\tSkills \u00a0 ") == "Learning and Modular Skills"


@pytest.mark.parametrize("control", ["\x00", "\x08", "\x1b", "\x7f", "\x9b", "\ud800"])
def test_cleaning_drops_what_databases_refuse_and_eyes_cannot_see(control: str):
    assert clean(f"neu{control}ral") == "neural"


@pytest.mark.parametrize("blank", ["\x0b", "\x0c", "\x1c", "\x1e", "\x85", "\u2028", "\u2029"])
def test_a_control_character_that_is_white_space_still_parts_two_words(blank: str):
    assert clean(f"page{blank}break") == "page break"


def test_cleaning_composes_accents():
    assert clean("Schro\u0308dinger") == "Schrödinger"


@pytest.mark.parametrize(
    "text", ["a  b", " a", "a ", "a\n\n  b\n", "a\u2028 b", "a \x00 b", "\ufeffa", "e\u0301 é"]
)
def test_clean_text_is_folded_composed_and_trimmed_whatever_was_odd_in_it(text: str):
    plain = " ".join("".join(char for char in text if char != "\x00").split())
    assert clean(text) == unicodedata.normalize("NFC", plain)


@given(any_text)
def test_cleaning_twice_is_cleaning_once(text: str):
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(any_text)
def test_clean_text_can_be_stored_anywhere(text: str):
    cleaned = clean(text)
    cleaned.encode()
    assert "\x00" not in cleaned


# --- words ----------------------------------------------------------------------------------


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


@given(any_text)
def test_folding_twice_is_folding_once(text: str):
    once = words(clean(text))
    assert words(" ".join(once)) == once


@given(st.text(st.characters(codec="ascii"), max_size=80))
def test_case_never_matters(text: str):
    assert words(text.upper()) == words(text.lower())
