"""The words of made-up papers: plain ones, and the awkward bits that real payloads hold."""

import random
import textwrap
from collections.abc import Sequence

AUTHORS = (
    "Emmy Noether", "José Ñandú", "Łucja Świątek", "Bui Thị Xuân", "Ada Lovelace", "Søren Ågård",
    "Jean-Luc O'Brien", "Müge Çelik", "Plato", "Alice B. Carol", "Đặng Minh", "王小明", "Sofia Kovalevskaya",
    "K. van der Berg", "Martin Luther King Jr.", "Zoë Brontë", "Ana María de la Cruz", "Οδυσσέας Π.",
)  # fmt: skip
"""Some in two words, some in one or five; several scripts."""

AWKWARD = (
    "Bounds on $\\ell_2$ and $\\mathcal{O}(n \\log n)$ search, part #",
    "Schr\\\"odinger's Cats: a Survey of #",
    "Étude nº # des modèles naïfs — « déjà vu »",
    "<script>alert('#')</script> Considered Harmful & Other <b>Stories</b>",
    "A Title that Goes on and\n  on over Two Lines, #",
    "p < 0.05 & q > 0.95: What # Tests Tell",
    "{CURLY}: Models That Pay \\$5 and 100\\% of the Time (#)",
    "深い学習 # と 🦜 parrots",
    "A&amp;B Tests Twice Escaped, #",
)
"""Titles; `#` stands for a number, so that none is twice there."""

MACHINES = (
    ("Keypoints", "Small Models", "Retrieval", "Depth Maps", "Dialogue", "Tokenizers", "Glosses"),
    ("Sparse", "Frugal", "Patient", "Curious", "Robust", "Late", "Nested", "Honest"),
    ("for Video", "in the Dark", "without Labels", "under Shift", "across Languages", "on a Phone"),
)  # fmt: skip
BIOLOGY = (
    ("Kinases", "Organoids", "Gut Flora", "Axons", "T Cells", "Zebrafish", "Membranes", "Ribosomes"),
    ("Silent", "Ageing", "Migrating", "Sleeping", "Crowded", "Folded", "Dormant", "Plural"),
    ("in Mice", "after Stress", "at Single-Cell Resolution", "in the Cold", "during Sleep"),
)
_SENTENCES = (
    "We look again at an old question and find that a smaller model answers it.",
    "Earlier work took for granted that labels are cheap; here they are not.",
    "Our method keeps what it has seen in a table and asks it before it guesses.",
    "On four benchmarks it gains between 1.2 and 3.4 points at half the cost.",
    "An ablation shows that most of the gain comes from the order of the data.",
    "With $k \\leq 8$ neighbours and error below 5\\%, the bound is tight.",
    "The naïve approach, à la Gauß, fails where p < 0.05 & n > 100.",
    "Code and data are to be had from the authors' page.",
)


def title(source: random.Random, serial: int, words: Sequence[Sequence[str]] = MACHINES) -> str:
    """Unlike any other: the serial number is part of it."""
    things, kinds, where = words
    return f"{source.choice(kinds)} {source.choice(things)} {source.choice(where)}: Study {serial}"


def abstract(source: random.Random, serial: int, *, wrapped: bool) -> str:
    """Three to six sentences; with hard line breaks where `wrapped`. Never all in ASCII."""
    chosen = [*source.sample(_SENTENCES, source.randint(3, 6)), f"This is naïve study {serial}."]
    text = " ".join(chosen)
    return "\n".join(textwrap.wrap(text, 79)) if wrapped else text


def preprint_abstract(source: random.Random, serial: int) -> str:
    """With the marks that bioRxiv leaves in: HTML, JATS, entities."""
    text = f"Cells of line {serial} were kept at 37 °C with CO<sub>2</sub> and Ca<sup>2+</sup>."
    more = source.choice(_SENTENCES)
    if serial % 3 == 0:
        return (
            f"<sec><title>Background</title><p>{text}</p></sec><sec><title>Results</title><p>{more}</p></sec>"
        )
    return f"{text} {more}" if serial % 3 == 1 else f"<p>{text}</p> {more} (a &lt; b)"
