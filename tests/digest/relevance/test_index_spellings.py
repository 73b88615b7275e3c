"""One term in its many spellings: compounds, Greek, LaTeX, C++; and the gap in “mixture of … experts”."""

import pytest

from digest.relevance.index import Place
from digest.relevance.text import readable
from tests.digest.relevance.looked_up import find, index_of, titles

# --- Compounds ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spellings",
    [
        ["pretraining", "pre-training", "pre training", "Pre\u2010Training", "pre\u2011training"],
        ["finetuned models", "fine-tuned model", "fine tuned models"],
        ["crossencoder", "cross-encoder", "cross encoders"],
        ["text to image", "text-to-image", "texttoimage"],
    ],
)
def test_one_paper_with_a_hyphen_teaches_that_all_spellings_are_one(spellings: list[str]):
    papers = index_of(*spellings)

    for typed in spellings:
        assert titles(papers, typed) == set(range(1, len(spellings) + 1)), typed


def test_no_more_is_joined_than_papers_join():
    papers = index_of("The rapist", "Therapist", "Pre-training", "Pretraining")

    assert titles(papers, "the rapist") == {1}
    assert titles(papers, "therapist") == {2}


@pytest.mark.parametrize("typed", ["GPT-4", "GPT4", "gpt-4", "gpt4"])
def test_a_number_behind_a_hyphen_is_one_word_too(typed: str):
    papers = index_of("GPT-4", "GPT4", "GPT-3", "GPT")

    assert titles(papers, typed) == {1, 2}


# --- Greek and LaTeX ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("β-VAE", "beta-VAE"),
        ("β-VAE", readable(r"$\beta$-VAE")),
        ("β-VAE", readable(r"\beta-VAE")),
        ("beta VAE", "βVAE"),
        ("ℓ_2", "l2"),
        ("ℓ_2", readable(r"$\ell_2$")),
        ("l2 norm", readable(r"$\ell_2$-norms")),
        ("L²", "L2"),
        ("L^2", "L2"),
        ("L₂", "L2"),
        ("μ", "µ"),
        ("α-synuclein", "alpha-synuclein"),
        ("Ωmega", "ωmega"),
        ("naïve Bayes", "naive Bayes"),
        ("Schrödinger", "Schrodinger"),
        ("ＢＥＲＴ", "BERT"),
    ],
)
def test_two_spellings_of_one_sign_meet(one: str, other: str):
    assert find(one, f"On {other} again") is Place.TITLE
    assert find(other, f"On {one} again") is Place.TITLE


def test_greek_words_are_not_spelt_out_letter_by_letter():
    assert find("αβγ", "On αβγ") is Place.TITLE
    assert find("alpha", "On αβγ") is None


# --- Programming languages ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "title", "found"),
    [
        ("C++", "Faster C++ code", True),
        ("c++", "C++", True),
        ("C++", "The C programming language", False),
        ("C", "Faster C++ code", False),
        ("C#", "In C# or F#", True),
        ("C#", "The C language", False),
        ("C++", "C# and C", False),
    ],
)
def test_c_plus_plus_is_not_c(typed: str, title: str, found: bool):
    assert (find(typed, title) is Place.TITLE) is found


# --- The gap --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Mixture of experts", True),
        ("Mixtures of diffusion experts", True),
        ("A mixture of large diffusion experts", True),
        ("A mixture of very large diffusion experts", False),
        ("A mixture of methods. Experts say", False),
        ("A mixture of many things; experts say", False),
        ("Mixture. Of experts", False),
        ("Mixture of", False),
        ("Mixture experts", False),
        ("Experts of mixture", False),
    ],
)
def test_up_to_two_words_may_stand_before_the_noun(title: str, found: bool):
    assert (find("mixture of experts", title) is Place.TITLE) is found
    assert (find("mixture of experts", abstract=title) is Place.ABSTRACT) is found


def test_no_gap_runs_over_the_end_of_a_field():
    assert find("mixture of experts", "A mixture of", abstract="experts") is None
    assert find("mixture of experts", "A mixture of all", abstract="experts") is None


@pytest.mark.parametrize("typed", ["graph neural network", "chain of thought prompting", "state of"])
def test_other_phrases_have_no_gap(typed: str):
    *words, last = typed.split()
    assert find(typed, typed) is Place.TITLE
    assert find(typed, " ".join([*words, "other", last])) is None
