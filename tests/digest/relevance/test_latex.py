"""LaTeX is shown in Unicode, what is none stays, and nothing that strangers write raises or takes long."""

import gzip
import json
import time
from pathlib import Path

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.relevance.latex import BREAKS, to_unicode
from digest.relevance.text import clean, readable

any_text = st.text(st.characters(codec=None), max_size=200)
macros = [
    r"\frac",
    r"\sqrt",
    r"\date",
    r"\textcolor",
    r"\emph",
    r"\left(",
    r"\over",
    r"\bf ",
    r"\hat",
    r"\alpha ",
    r"\in ",
    r"\color",
    r"\unicode{xD800}",
    r"\own",
    r"\begin{matrix}",
    r"\end{matrix}",
]
signs = [*"{}[]$_^&%~#xé ", "$$", r"\(", r"\)", r"\\", r"\'", r"\"", "--", "''", "\x00", "\ud800"]
latex = st.lists(st.sampled_from([*macros, *signs]), max_size=16).map("".join)


# --- what is shown --------------------------------------------------------------------------


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
        ("$10^{12}$ steps, $10^6$ steps, $10^{-3}$", "10¹² steps, 10⁶ steps, 10⁻³"),
        (r"$\mathbb{R}^{2d}$ and $O(n^2)$", "ℝ²ᵈ and O(n²)"),
        ("CO$_{2}$ and $x_{i,j}$", "CO₂ and x_(i,j)"),
        (r"$T_{\rm eff}$, $T_{\text{max}}$ and $e^{-x/2}$", "T_eff, T_max and e^(-x/2)"),
        (r"$90^\circ$ and 360{\deg}", "90° and 360°"),
        (r"km\textsuperscript{2}", "km²"),
    ],
)
def test_scripts_are_raised_or_lowered_or_show_where_they_end(source: str, shown: str):
    assert readable(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"$\frac{a}{b}$ or $\frac12$", "a/b or 1/2"),
        (r"$\frac{n+1}{2n}$", "(n+1)/(2n)"),
        (r"$n\frac{1}{2}x$", "n 1/2 x"),
        (r"${a \over b+c}$", "a/(b+c)"),
        (r"$\sqrt{n}$, $\sqrt[3]{n}$", "√(n), ³√(n)"),
    ],
)
def test_a_fraction_says_what_is_divided_by_what(source: str, shown: str):
    assert readable(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"$x\in \mathbb R$, $x \in\mathbb{R}$, $x\in\mathbb{R}$", "x ∈ ℝ, x ∈ ℝ, x∈ℝ"),
        (r"$O(n\log n)$, $\log\log n$", "O(n log n), log log n"),
        (r"$\left( \mathcal{A} \right)$, $\langle x \rangle$", "(𝒜), ⟨x⟩"),
        (r"$(\lambda, \cdot)$, $\sim 5$", "(λ, ·), ∼ 5"),
        (r"$\hat{x}$, $\bar\theta$, $\vec{v}$, $a \not= b$", "x̂, θ̅, v⃗, a ≠ b"),
    ],
)
def test_signs_in_a_formula_have_a_blank_on_both_sides_or_on_none(source: str, shown: str):
    assert readable(source) == clean(shown)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"Fran\c{c}ois, \'{E}mile, na\"{\i}ve, S\o ren, Stra\ss e", "François, Émile, naïve, Søren, Straße"),
        (r"{\em Web of Science} and {\bf bold}", "Web of Science and bold"),
        (r"``quoted'' in 2--3\% --- or~so", "“quoted” in 2–3% — or so"),
        (r"with ~5\% gain, see Fig.~1", "with ~5% gain, see Fig. 1"),
        (r"as in \cite{doe2020}\footnote{A note.}", "as in [doe2020] (A note.)"),
        (
            r"\href{https://a.example/x_y}{code} \url{https://a.example}",
            "code (https://a.example/x_y) https://a.example",
        ),
        (r"label$\unicode{x2014}$shared", "label—shared"),
        (r"\(x\) and \[y^2\] and $$z$$", "x and y² and z"),
        (r"\begin{equation} a &= b \end{equation}", "a = b"),
        (r"a \textbf{$p$-adic} one", "a p-adic one"),
        (r"the set {x: x>0} of $y$", "the set {x: x>0} of y"),
    ],
)
def test_text_is_set_as_its_authors_meant_it(source: str, shown: str):
    assert readable(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"256$\times$256 and ($\leq$3B)", "256×256 and (≤3B)"),
        (r"0.5$\pm$0.1 by $+$18\%", "0.5±0.1 by +18%"),
        (r"on $ \{0,1\}^n$ with $ k $", "on {0,1}^n with k"),
        ("a cost of $5 for my_var and $6", "a cost of $5 for my_var and $6"),
        ("from $48-$74 to $1 million", "from $48-$74 to $1 million"),
        (r"\$5 and \$10", "$5 and $10"),
    ],
)
def test_formulas_are_told_from_prices(source: str, shown: str):
    assert readable(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"We propose \ours, by 2\%", r"We propose \ours, by 2%"),
        (r"\textbf{\name} is $\alpha \in \own{x}$", r"\name is α ∈ \own{x}"),
        (r"C:\temp\alpha and \\host\share\beta by 2\%", r"C:\temp\alpha and \\host\share\beta by 2%"),
        (r"matches \d+ or \"quoted\" text", r'matches \d+ or "quoted" text'),
        (r"to \color{red}go", r"to \color{red}go"),
        (r"$\unicode{xD800}$ is no character", r"\unicode{xD800} is no character"),
    ],
)
def test_only_what_is_no_latex_stays(source: str, shown: str):
    assert readable(source) == shown


def test_what_is_rare_is_left_to_pylatexenc():
    assert readable(r"$\ket{0}$ and $\braket{a}{b}$") == "|0⟩ and ⟨a|b⟩"


def test_a_macro_without_its_second_argument_loses_none_of_the_first():
    assert readable(r"$\frac{1}$ of it") == r"\frac{1} of it"


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


@given(latex)
@example("$x\x00")
@settings(max_examples=400)
def test_what_is_shown_can_be_cleaned_and_stored(text: str):
    clean(to_unicode(text)).encode()


@given(st.text(alphabet="\\${}^_%&~-'\"abxyz019 \n", max_size=120))
@settings(max_examples=400)
def test_no_run_of_special_characters_raises(text: str):
    assert isinstance(readable(text), str)


@pytest.mark.parametrize(
    "run",
    ["{", "}", "\\bf ", "\\over ", "\\frac", "x^{", "_", "\\(", "\\begin{align}", "\\'", "$$", "\\sqrt["],
)
def test_ten_times_the_text_takes_about_ten_times_as_long(run: str):
    def seconds(length: int) -> float:
        text = "$" + run * (length // len(run)) + "$"
        start = time.perf_counter()
        readable(text)
        return time.perf_counter() - start

    assert min(seconds(18_000) for _ in range(3)) < 30 * min(seconds(1_800) for _ in range(5)) + 0.05


def test_what_is_rare_has_so_many_turns_in_a_text():
    """Each takes a millisecond, and a text may hold thousands."""
    shown = readable(r"$\ket{x}$ " * 150)

    assert shown.startswith("|x⟩ |x⟩ ")
    assert shown.count("|x⟩") == 100
    assert shown.count(r"$\ket{x}$") == 50


def test_the_end_of_a_tasks_time_is_no_trouble_of_the_parsers():
    assert not issubclass(SoftTimeLimitExceeded, BREAKS)


# --- real papers ----------------------------------------------------------------------------


@pytest.mark.shared_data
def test_real_abstracts_read_the_same_a_second_time_and_keep_no_formula(shared_data: Path):
    with gzip.open(shared_data / "arxiv_papers.jsonl.gz", "rt") as lines:
        texts = [clean(json.loads(line)["abstract"]) for line in lines]
    texts = [text for text in texts if "\\" in text or "$" in text]
    shown = [readable(text) for text in texts]
    assert len(texts) > 2_000
    assert sum(readable(text) != text for text in shown) < 0.002 * len(texts)
    assert sum("\\" in text for text in shown) < 0.05 * len(texts)
    assert sum(text.count("$") > 1 for text in shown) < 0.02 * len(texts)
