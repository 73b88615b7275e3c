"""Text from strangers is cleaned, made readable, and folded, and none of it ever raises."""

import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.relevance.text import clean, readable, words

any_text = st.text(st.characters(codec=None), max_size=200)
macros = [
    r"\frac",
    r"\sqrt",
    r"\date",
    r"\textcolor",
    r"\emph",
    r"\left(",
    r"\begin{matrix}",
    r"\end{matrix}",
]
signs = [*"{}[]$_^&%~#xé ", "$$", r"\(", r"\)", r"\\", r"\'"]
latex = st.lists(st.sampled_from([*macros, *signs]), max_size=12).map("".join)


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


# --- readable -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"Bounds in the $\ell_2$ norm", "Bounds in the ℓ_2 norm"),
        (r"Sampling from $\mathcal{N}(0,1)$ in $\mathbb{R}^n$", "Sampling from 𝒩(0,1) in ℝ^n"),
        (r"Schr\"odinger and Erd\H{o}s", "Schrödinger and Erdős"),
        (r"An \emph{emphatic} result", "An emphatic result"),
        (r"$\alpha$-divergence and $\beta$-VAE", "α-divergence and β-VAE"),
        (r"It costs \$5", "It costs $5"),
    ],
)
def test_latex_becomes_unicode(source: str, shown: str):
    assert readable(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"better by 2\% and 3\%", "better by 2% and 3%"),
        (r"50% fewer $x$ than before", "50% fewer x than before"),
        (r"\textbf{Bold} % is no comment", "Bold % is no comment"),
        (r"100%", "100%"),
    ],
)
def test_a_percent_sign_is_a_percent_sign(source: str, shown: str):
    assert readable(source) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Attention is all you need",
        "AT&T x<y, {{ braces }} and %s",
        "It costs $5.",
        "A formula that does not close: $x",
        "",
        "$",
        "$$",
        "\\",
    ],
)
def test_what_is_no_latex_comes_back_as_it_is(text: str):
    assert readable(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Between $5 and $10 a day",
        "From US$100 to US$200",
        "$5 (was $10), 100% organic",
        "It costs $5. Or $10. Nobody knows.",
    ],
)
def test_prices_are_no_formulas(text: str):
    assert readable(text) == text


def test_a_path_is_no_latex():
    assert readable(r"Stored in C:\Users\name by default") == r"Stored in C:\Users\name by default"


def test_an_ampersand_survives_beside_a_formula():
    assert readable(r"R&D at AT\&T for $x$") == "R&D at AT&T for x"


@pytest.mark.parametrize("text", [r"A \frac", r"$\frac$ of it", r"x $\frac{1}$"])
def test_a_fraction_without_its_parts_shows_no_placeholder(text: str):
    assert "%s" not in readable(text)


@pytest.mark.parametrize(
    "text",
    [r"Fast \sqrt", r"\textcolor{red}", r"\date", r"\bar\exercise", r"\colorbox", r"\hint\include\surd"],
)
def test_a_macro_without_its_arguments_does_not_raise(text: str):
    assert isinstance(readable(text), str)


@given(latex)
@example(r"\sqrt")
@settings(max_examples=400)
def test_no_latex_whatever_raises(text: str):
    assert isinstance(readable(text), str)


@given(any_text)
def test_readable_text_is_clean_if_its_source_was(text: str):
    source = clean(text)
    assert readable(source) == clean(readable(source))


def test_no_macro_reads_a_file():
    assert "root:" not in readable(r"\input{/etc/passwd} \include{/etc/passwd}")


@pytest.mark.parametrize(
    "hostile",
    [
        "$" * 20_000,
        "{" * 19_999 + "\\",
        "\\" * 19_999,
        "{\\a" * 6_000,
        "$x" * 10_000,
        "\\begin{matrix}" * 1_400,
        "\\left(" * 3_000,
        "\\verb|" * 3_000,
        "x" * 5_000_000 + "$y$",
    ],
    ids=[
        "dollars",
        "braces",
        "backslashes",
        "groups",
        "formulas",
        "environments",
        "brackets",
        "verbs",
        "long",
    ],
)
def test_hostile_text_takes_no_time(hostile: str):
    start = time.perf_counter()
    assert isinstance(readable(hostile), str)
    assert time.perf_counter() - start < 10


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
