"""What the macros of LaTeX stand for, in Unicode: pylatexenc's symbols, and what it lacks."""

import re
import unicodedata
from string import ascii_letters

from pylatexenc.latex2text import fmt_math_text_style, get_default_latex_context_db
from pylatexenc.latexwalker import get_default_latex_context_db as get_default_walker_db


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _fixed_texts() -> dict[str, str]:
    """Every macro of pylatexenc that takes no argument and stands for fixed text."""
    context, walker = get_default_latex_context_db(), get_default_walker_db()
    names = {spec.macroname for spec in context.iter_macro_specs()}
    shown = {name: context.get_macro_spec(name).simplify_repl for name in names}
    takes = {name for name in names if (spec := walker.get_macro_spec(name)) and spec.args_parser.argspec}
    # Its unspecified ones: no argument by the one table, some by the other; and somebody's own.
    takes |= {"part", "textfrac", "id", "Ident", "-", "!"}
    return {
        name: text
        for name, text in shown.items()
        if isinstance(text, str) and "%" not in text and name not in takes
    }


FUNCTIONS = _names(
    """arccos arccosh arcsin arcsinh arctan arctanh arg bmod cos cosh cot coth csc deg det dim exp gcd hom inf
    ker lg lim liminf limsup ln log max min mod Pr sec sin sinh sup tan tanh"""
)
"""Written as words: these need a blank on either side where a letter stands."""

_OWN_SYMBOLS = {
    name: text
    for name, _, text in (
        pair.partition("=")
        for pair in _names(
            """%=% |=‖ colon=: deg=° imath=ı jmath=ȷ lq=‘ rq=’ lbrack=[ rbrack=] prime=' S=§ TeX=TeX
            LaTeX=LaTeX eg=e.g. ie=i.e. etc=etc ne=≠ land=∧ lor=∨ Box=□ Diamond=◇ triangle=△ dashrightarrow=⇢
            lVert=‖ rVert=‖ gets=← iff=⟺ implies=⟹ models=⊨ Re=Re Im=Im textless=< textgreater=> textbar=|
            textunderscore=_ textasciicircum=^ backslash=∖ circledR=® copyright=© pounds=£ euro=€ varDelta=Δ
            varGamma=Γ varLambda=Λ varOmega=Ω varPhi=Φ varPi=Π varPsi=Ψ varSigma=Σ varTheta=Θ varXi=Ξ"""
        )
    )
} | {"\\": " ", ">": " ", "space": " ", "thinspace": " ", "xspace": ""}

SYMBOLS = {name: name.removeprefix("b") for name in FUNCTIONS} | _fixed_texts() | _OWN_SYMBOLS
"""By name, without the backslash."""
IN_FORMULAS = SYMBOLS | {
    "deg": "deg",
    "R": "ℝ",
    "RR": "ℝ",
    "Z": "ℤ",
    "ZZ": "ℤ",
    "Q": "ℚ",
    "QQ": "ℚ",
    "CC": "ℂ",
}
"""And what most authors define for themselves; outside formulas these mean other things."""

LETTERS = _names("ae AE oe OE aa o O l L ss i j")
OPENING = frozenset("([{⟨,=<>^_")
CLOSING = frozenset(")]},.;:|") | {""}
RELATIONS = {"·"} | {
    text
    for text in SYMBOLS.values()
    if len(text) == 1
    and (unicodedata.category(text) == "Sm" or "←" <= text <= "⇿")
    and text not in "∂∇∞∀∃∄∅∑∏∐√¬∫∬∭∮|‖"
}
"""These have a blank on both sides or on none."""

STYLES = {
    name: {ord(char): fmt_math_text_style(char, style) for char in ascii_letters}
    for style, names in {
        "bold": "mathbf boldsymbol bm pmb",
        "italic": "mathit",
        "sans": "mathsf",
        "doublestruck": "mathbb mathbbm mathds Bbb",
        "monospace": "mathtt",
        "script": "mathcal mathscr Cal",
        "fraktur": "mathfrak frak",
    }.items()
    for name in names.split()
}
"""Macros that set their argument in an alphabet: a table for `str.translate`."""
SWITCHES: dict[str, dict[int, str]] = {name: {} for name in _names("rm it em sc sf sl tt mit")} | {
    "bf": STYLES["mathbf"],
    "cal": {code: char for code, char in STYLES["mathcal"].items() if chr(code).isupper()},
}
"""The same for all that follows in the group, in formulas; in text they show nothing."""

DROPPED = SWITCHES.keys() | _names(
    """left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr limits nolimits displaystyle
    textstyle small large normalsize footnotesize scriptsize tiny noindent medskip medbreak smallskip
    bigskip nonumber - / !"""
)
_UNSEEN = _names("label color vspace hspace phantom")
_POINTING = _names("cite citep citet citealp citeauthor ref eqref autoref cref Cref")
FRAMES = dict.fromkeys(_UNSEEN, "") | dict.fromkeys(_POINTING, "[{}]") | {"pmod": "(mod {})", "ang": "{}°"}
"""What stands around an argument, where that is more than the argument."""
WITH_TWO = _names(
    """frac dfrac tfrac nicefrac binom dbinom tbinom href hyperlink textcolor colorbox stackrel overset
    underset"""
)
WITH_ARGUMENT = (STYLES.keys() | FRAMES.keys() | WITH_TWO) | _names(
    """emph text textbf textit textmd textnormal textrm textsc textsf textsl texttt textup mathrm
    mathnormal mathop mathbin mathrel mathord mbox hbox fbox underline uline ensuremath url path
    nolinkurl overbrace underbrace overleftarrow overleftrightarrow operatorname operatorname* sqrt
    footnote textsuperscript textsubscript unicode xrightarrow xleftarrow"""
)
RARE = _names("begin end item ket bra braket ketbra texorpdfstring")
"""Left to pylatexenc itself."""

ACCENTS = {
    name: mark
    for mark, names in {
        "\u0301": "' acute",
        "\u0300": "` grave",
        "\u0308": '" ddot',
        "\u0327": "c",
        "\u0302": "^ hat widehat",
        "\u0303": "~ tilde widetilde",
        "\u030b": "H",
        "\u0328": "k",
        "\u0304": "=",
        "\u0331": "b",
        "\u0307": ". dot",
        "\u0323": "d",
        "\u030a": "r",
        "\u0306": "u breve",
        "\u030c": "v check",
        "\u20d7": "vec overrightarrow",
        "\u0305": "bar overline",
        "\u0338": "not",
    }.items()
    for name in names.split()
}
BEARS = (
    re.compile(r"[^\W\d_]|\\[ij]\b|\\[A-Za-z]{2}|\x00"),
    re.compile(r"[aeiouyAEIOUY]|\\[ij]\b"),
)
"""What an accent may stand on in text; and a diaeresis, which is also a quotation mark in source code."""

RAISED = str.maketrans(
    "0123456789+-=abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
)
LOWERED = str.maketrans("0123456789+-=aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
