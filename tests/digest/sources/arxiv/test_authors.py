"""Strings of authors, as submitters type them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.arxiv import authors


@pytest.mark.parametrize(
    ("joined", "names"),
    [
        ("Antonin Monteil, Paul Pegon", ["Antonin Monteil", "Paul Pegon"]),
        ("A. Doe (MIT, (Cambridge), USA), B. Roe", ["A. Doe", "B. Roe"]),
        ("A. Doe (1), B. Roe (2) ((1) MIT, (2) Oxford, UK)", ["A. Doe", "B. Roe"]),
        ("A. Doe, B. Roe and C. Poe", ["A. Doe", "B. Roe", "C. Poe"]),
        ("A. Doe, B. Roe, and C. Poe", ["A. Doe", "B. Roe", "C. Poe"]),
        ("A. Doe & B. Roe; C. Poe", ["A. Doe", "B. Roe", "C. Poe"]),
        ("Roldao da Rocha, Waldyr A. Rodrigues, Jr.", ["Roldao da Rocha", "Waldyr A. Rodrigues Jr."]),
        ("John Doe, III, Jane Roe", ["John Doe III", "Jane Roe"]),
        ("Andy Sandoval, Roland Brand", ["Andy Sandoval", "Roland Brand"]),
        ("T. Montaruli for the IceCube Collaboration", ["T. Montaruli", "IceCube Collaboration"]),
        ("S. Aoki (on behalf of the JLQCD Collaboration)", ["S. Aoki"]),
        ("S. Aoki, on behalf of the JLQCD Collaboration", ["S. Aoki", "JLQCD Collaboration"]),
        ("The ATLAS Collaboration: G. Aad, et al.", ["ATLAS Collaboration", "G. Aad"]),
        ("Keck Array and BICEP2 Collaborations: P. Ade", ["Keck Array and BICEP2 Collaborations", "P. Ade"]),
        (
            r"G\"unther M\"uller, {\'E}ric Poincar\'e, J.~Smith",
            ["Günther Müller", "Éric Poincaré", "J. Smith"],
        ),
        ("K. Abe$^{1}$, T. Ito$^{2,*}$", ["K. Abe", "T. Ito"]),
        ("Foo (Bar, Baz", ["Foo", "Baz"]),
        ("Foo), Bar", ["Foo", "Bar"]),
        ("李明, Žofia Ö.", ["李明", "Žofia Ö."]),
        (" , ;and , :  ()", []),
    ],
)
def test_a_string_of_authors_is_their_names(joined: str, names: list[str]):
    assert list(authors.split(joined)) == names


@pytest.mark.parametrize(
    ("inverted", "name"),
    [
        ("Luger, Rodrigo", "Rodrigo Luger"),
        ("Ponomarev, V. Yu.", "V. Yu. Ponomarev"),
        ("Doe, Jane, Jr.", "Jane Doe Jr."),
        ("Planck Collaboration", "Planck Collaboration"),
    ],
)
def test_an_inverted_name_is_turned(inverted: str, name: str):
    assert authors.turned(inverted) == (name,)


def test_a_name_in_parts_is_joined_and_a_colon_is_none():
    assert authors.name("R.", "Ogburn", "IV") == ("R. Ogburn IV",)
    assert authors.name("", ":", "") == ()
    assert authors.name("", "Sinya for JLQCD Collaboration", "") == ("Sinya", "JLQCD Collaboration")


@pytest.mark.parametrize(
    "hostile",
    ["(" * 300_000, "()" * 150_000, "$ " * 150_000, " " * 300_000, "a and " * 50_000, "\\" * 300_000,
     "," * 300_000, "for " * 75_000 + "collaboration", "{" * 300_000],
    ids=["open", "pairs", "dollars", "blanks", "ands", "backslashes", "commas", "fors", "braces"],
)  # fmt: skip
def test_no_string_takes_long(hostile: str):
    begun = time.perf_counter()
    authors.split(hostile)
    assert time.perf_counter() - begun < 2


@given(st.text(alphabet=st.sampled_from("aZé (),;:$^{}\\~&.1\ud800\x00 andfor"), max_size=200))
def test_whatever_is_typed_names_are_clean(joined: str):
    for name in authors.split(joined):
        assert name == " ".join(name.split())
        assert 0 < len(name) <= authors.NAME_LIMIT + 20
