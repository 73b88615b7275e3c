"""Markup of journals and preprint servers to plain text, whatever stands in it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.relevance.folding import words
from digest.relevance.text import clean, readable
from digest.sources.markup import plain

FIGURE = (
    'O_FIG O_LINKSMALLFIG WIDTH=200 HEIGHT=113 SRC="FIGDIR/small/715005v1_ufig1.gif" ALT="Figure 1">\n'
    "View larger version (39K):\norg.highwire.dtl.DTLVardef@bad2ddorg.highwire.dtl.DTLVardef@169b0ab"
    "_HPS_FORMAT_FIGEXP  M_FIG"
)


# --- What stays -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "p < 0.05",
        "a<b and c>d",
        "if a <b c> d",
        "x <y and <z",
        "<think>",
        "between <think> and </think>",
        "a prompt with <NAME> and <TITLE>",
        "<s> begins and </s> ends",
        "<title> alone is a placeholder",
        "<P> is an expectation",
        "<|endoftext|>",
        "<3",
        "1 <2> 3",
        "a <- b -> c",
        "<!-- never closed",
        "x ]]> y",
        "AT&T, R&D",
        "drug&paracetamol &copy 2",
        "H2O_LI cells",
        "Methods and Results",
        "no markup at all",
        "",
    ],
)
def test_text_that_only_looks_like_markup_stays(text: str):
    assert plain(text) == text


# --- What goes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<i>E. coli</i> and <b>others</b>", "E. coli and others"),
        ("<italic>E. coli</italic><bold>s</bold>", "E. colis"),
        ("<I>E. coli</I> <BR>x<BR/>y", "E. coli x y"),
        ('<a href="https://example.org/?a>b">here</a>', "here"),
        ("<span class='x' data-y=5>here</span >", "here"),
        ('<xref ref-type="bibr" rid="c1">1</xref>', "1"),
        ('<ext-link ext-link-type="uri" xlink:href="https://x.org">x.org</ext-link>', "x.org"),
        ('<img src="x.png"/>seen', "seen"),
        ("a<!-- not < this > -->b", "ab"),
        ("<![CDATA[a < b]]>", "a < b"),
        ('<?xml version="1.0"?><p>a</p>', "a"),
        ("<jats:anything>a</jats:anything>", "a"),
        ("before <script>alert(1)</script>after", "before after"),
        ("<style>p { color: red }</style>seen", "seen"),
        ("a</p></sec>", "a"),
    ],
)
def test_tags_go_and_what_they_hold_stays(text: str, said: str):
    assert plain(text) == said


def test_a_script_that_does_not_end_hides_nothing():
    assert plain("<script></script>a <script> b <i>c</i>") == "a b c"


# --- Blocks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "<jats:sec><jats:title>Aim</jats:title><jats:p>We.</jats:p></jats:sec><title>End:</title>It is",
            "Aim: We. End: It is",
        ),
        ("<p>One</p><p>Two.</p><p>Three</p>", "One. Two. Three"),
        ("<p>One </p> <p> Two</p>", "One. Two"),
        ("<b>One</b> <i>two</i><b> three</b>", "One two three"),
        ("<p>where</p><p>x is small</p>", "where x is small"),
        ("<p>(n = 5)</p>\n<p>Next</p>", "(n = 5). Next"),
        ("We show:<ul><li>one</li><li>two</li></ul>", "We show: one; two"),
        ("<list><list-item><p>One</p></list-item><list-item><p>Two</p></list-item></list>", "One. Two"),
        ("Highlights<title>Known</title>This", "Highlights. Known: This"),
        ("a<br>b<br/>c<div>d</div>", "a b c d"),
        ("<title>Alone</title>", "Alone"),
        ("<jats:title>Abstract</jats:title><jats:p>Cells divide.</jats:p>", "Cells divide."),
        ("<p></p><p> </p><p>a</p><p/>", "a"),
    ],
)
def test_the_end_of_a_block_ends_what_was_said(text: str, said: str):
    assert plain(text) == said


# --- Raised and lowered -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CO<sub>2</sub>", "CO₂"),
        ("Ca<sup>2+</sup>", "Ca²⁺"),
        ("10<sup>-6</sup> and 10<sup>−6</sup>", "10⁻⁶ and 10⁻⁶"),
        ("10<sup>&minus;6</sup>", "10⁻⁶"),
        ("x<jats:sub><jats:italic>i</jats:italic></jats:sub>", "xᵢ"),
        ("10<sup> 6 </sup>cells", "10 ⁶ cells"),
        ("IC<sub>50</sub>", "IC₅₀"),
        ("p<sub>Q</sub>", "pQ"),
        ("a<sup>see note</sup>", "asee note"),
        ("a<sup></sup>b", "ab"),
        ("a<sup>2", "a2"),
        ("a</sup>2", "a2"),
        ("a<sub>1<sup>2</sub></sup>", "a1²"),
    ],
)
def test_small_figures_become_unicode_where_there_is_one(text: str, said: str):
    assert plain(text) == said


def test_a_keyword_finds_a_formula_with_lowered_figures():
    assert words(plain("CO<sub>2</sub> uptake")) == words("CO2 uptake")


def test_a_formula_told_twice_is_said_once_and_in_latex():
    told = (
        "for <inline-formula><alternatives><tex-math>\\documentclass[12pt]{minimal} \\usepackage{amsmath} "
        "\\begin{document}$$x^2$$\\end{document}</tex-math><mml:math><mml:mi>x</mml:mi><mml:mn>2</mml:mn>"
        "</mml:math></alternatives></inline-formula> only"
    )
    assert readable(plain(told)) == "for x² only"


def test_a_formula_told_only_as_mathml_keeps_its_signs():
    assert plain("<mml:math><mml:mi>α</mml:mi><mml:mo>=</mml:mo><mml:mn>2</mml:mn></mml:math>") == "α=2"


# --- Entities ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("&lt;b&gt;", "<b>"),
        ("&amp;lt;", "&lt;"),
        ("p &lt; 0.05 &amp; n &gt; 5", "p < 0.05 & n > 5"),
        ("&alpha;&#946;&#x3B3;", "αβγ"),
        ("a&nbsp;b", "a b"),
        ("&#0;&#xD800;&#x110000;a", "\ufffd\ufffd\ufffda"),
        ("&#99999999999999999999;", "&#99999999999999999999;"),
        ("&nosuchthing;", "&nosuchthing;"),
    ],
)
def test_entities_are_read_once_and_after_the_tags(text: str, said: str):
    assert plain(text) == said


# --- HighWire's marks -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("O_ST_ABSBackgroundC_ST_ABSCells divide.", "Background: Cells divide."),
        ("AO_SCPLOWBSTRACTC_SCPLOWThe T cell", "The T cell"),
        ("We introduce MO_SCPLOWETAC_SCPLOWMO_SCPLOWUSEC_SCPLOW, a tool", "We introduce METAMUSE, a tool"),
        ("O_LIOne is so.C_LIO_LITwo is notC_LI", "One is so. Two is not"),
        ("O_ST_ABSAimC_ST_ABSTo.\n\nResultsWe saw.\n\nMethodsAll", "Aim: To. Results: We saw. Methods: All"),
        ("BACKGROUNDThe cell. METHODSWe. Results12", "BACKGROUND: The cell. METHODS: We. Results: 12"),
        (f"It works.\n\nGraphical Abstract\n\n{FIGURE} C_FIG", "It works."),
        (f"It works.\n\n{FIGURE} What it isC_FIG Points matter.", "It works. Points matter."),
        (f"It works.\n\n{FIGURE} Overview of it", "It works. Overview of it"),
        ("It works. O_TBL View this tableC_TBL Truly.", "It works. Truly."),
    ],
)  # fmt: skip
def test_marks_of_the_preprint_servers_are_read(text: str, said: str):
    assert plain(text) == said


# --- Hostile ----------------------------------------------------------------------------------

MANY = 1_000_000
HOSTILE = {
    name: (part * (MANY // len(part))) + end
    for name, part, end in [
        ("opening", "<", ""),
        ("tags", "<p>a", ""),
        ("half tags", "<p ", ""),
        ("attributes", "a=1 ", ">"),
        ("quotes", '<p a="', ""),
        ("comments", "<!--", ""),
        ("empty comments", "<!---->", ""),
        ("entities", "&#1", ""),
        ("raised", "<sup>2", "</sup>" * 100_000),
        ("nested", "<sub><sup>", "x" + "</sup></sub>" * 100_000),
        ("scripts", "<script>", "</script>"),
        ("titles", "<title>", "</title>"),
        ("marks", "O_LIC_LI", ""),
        ("figures", "O_FIG", ""),
        ("links", "O_LINKSMALLFIG", "_FIG"),
        ("versions", "O_LINKSMALLFIG_FIGView larger version (1", ""),
        ("captions", "O_FIGC_FIG Graphical abstract ", ""),
        ("documents", "\\documentclass", ""),
        ("blanks", " ", "O_FIGC_FIG<p>"),
        ("headings", "ResultsA. ", ""),
    ]
} | {"one long tag": "<p " + "a=1 " * (MANY // 4), "one long name": "<" + "a" * MANY}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_of_hostile_text_takes_no_time_to_speak_of(name: str):
    began = time.process_time()

    plain(HOSTILE[name])

    # Half a second at most where it was measured; anything that grows faster takes minutes.
    assert time.process_time() - began < 8


PIECES = st.sampled_from([
    "<", ">", "</", "/>", "p", "sub", "sup", "title", "script", "jats:", " a='", "'", '"', "=", "&", "lt;",
    "#", "0", "x", " ", "\n", "<!--", "-->", "<![CDATA[", "]]>", "O_", "C_", "LI", "FIG", "ST_ABS", "Results",
    "\ud800", "\x00", "\\documentclass", "\\begin{document}$", "\\end{document}",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_whatever_it_is_it_comes_out_as_clean_text(text: str):
    said = plain(text)

    assert said == clean(said)
    assert len(said) <= 2 * len(text) + 2
