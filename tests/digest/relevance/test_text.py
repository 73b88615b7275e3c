"""Text from strangers is cleaned, and none of it ever raises."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.relevance.text import clean

any_text = st.text(st.characters(codec=None), max_size=200)


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
