"""Names of categories, in settings, feeds and OAI-PMH."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.archives import ARCHIVES
from digest.sources.arxiv.categories import (
    canonical,
    categories_in,
    is_category,
    oai_set,
    of_oai_set,
)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("cs.NA", "math.NA"),
        ("cs.SY", "eess.SY"),
        ("math.IT", "cs.IT"),
        ("math.MP", "math-ph"),
        ("q-fin.EC", "econ.GN"),
        ("stat.TH", "math.ST"),
        (" CS.cl ", "cs.CL"),
        ("Cond-Mat.Str-El", "cond-mat.str-el"),
        ("hep-th", "hep-th"),
        ("cs", "cs"),
        ("15A66", "15A66"),
    ],
)
def test_every_category_has_one_name(typed: str, code: str):
    assert canonical(typed) == code


@pytest.mark.parametrize(
    "name", ["cs.CL", "hep-th", "cond-mat.mtrl-sci", "physics.acc-ph", "cmp-lg", "q-bio.BM"]
)
def test_categories_are_known_by_their_archive(name: str):
    assert is_category(name)


@pytest.mark.parametrize(
    "name", ["15A66", "I.2.7", "68T50 (Primary)", "cs.", "cs.C", "xy.AB", "", "cs.CL cs.CV"]
)
def test_classes_of_other_schemes_are_no_categories(name: str):
    assert not is_category(name)


def test_two_names_of_one_category_are_one_in_their_order():
    assert categories_in(["math.NA", "cs.NA", "65N30", "cs.CE", "math.NA", "I.2.7"]) == ("math.NA", "cs.CE")


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("cs.CV", "cs:cs:CV"),
        ("math.AG", "math:math:AG"),
        ("hep-th", "physics:hep-th"),
        ("math-ph", "physics:math-ph"),
        ("cond-mat.str-el", "physics:cond-mat:str-el"),
        ("physics.acc-ph", "physics:physics:acc-ph"),
        ("eess.IV", "eess:eess:IV"),
        ("cs", "cs:cs"),
    ],
)
def test_a_category_is_a_set_of_oai_and_back(category: str, name: str):
    assert oai_set(category) == name
    assert of_oai_set(name) == category


def test_a_whole_group_is_no_category():
    assert of_oai_set("math") == ""


@given(st.text(max_size=40))
def test_any_name_comes_back_as_a_name(name: str):
    once = canonical(name)
    assert canonical(once) == once
    is_category(name)


def test_the_archives_are_those_of_the_taxonomy():
    assert len(ARCHIVES) == 20 + 18
