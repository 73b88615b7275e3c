"""Looking keywords up in papers: which have them, and where."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.relevance.index import WEIGHT, Document, Index, Place
from digest.relevance.keywords import compile_keyword
from tests.digest.relevance.looked_up import find, places


@pytest.mark.parametrize(
    "title",
    [
        "Retrieval-augmented generation at scale",
        "RETRIEVAL AUGMENTED GENERATION at scale",
        "On retrieval\u2010augmented generations",
        "What is “Retrieval Augmented Generation”?",
    ],
)
def test_a_phrase_is_found_over_hyphens_case_and_plural(title: str):
    assert find("retrieval augmented generation", title) is Place.TITLE
    assert find("Retrieval-Augmented Generations", title) is Place.TITLE


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("retrieval generation", "Retrieval-augmented generation"),
        ("generation retrieval", "Retrieval generation"),
        ("GAN", "Elegant organs"),
        ("art", "Martial arts of smart carts for parts"),
        ("language models", "A language. Some models? No: language for models"),
    ],
)
def test_only_whole_words_in_order_make_a_match(typed: str, title: str):
    expected = Place.TITLE if typed == "art" else None  # "arts" is its plural
    assert find(typed, title) is expected


@pytest.mark.parametrize("end", [". ", "! ", "? ", "; ", ": ", "). ", '". '])
def test_a_sentence_end_parts_a_phrase(end: str):
    assert find("model language", f"Big models{end}Language too") is None


@pytest.mark.parametrize("between", [", ", " (", "/", " – ", " & ", "-"])
def test_other_marks_part_no_phrase(between: str):
    assert find("model language", f"Big models{between}language too") is Place.TITLE


def test_the_best_place_wins():
    everywhere: dict[str, Any] = {
        "title": "Diffusion",
        "abstract": "diffusion",
        "authors": ["Ann Diffusion"],
        "categories": ["diffusion"],
    }
    assert find("diffusion", **everywhere) is Place.TITLE
    assert find("diffusion", **{**everywhere, "title": "x"}) is Place.AUTHORS
    assert find("diffusion", **{**everywhere, "title": "x", "authors": []}) is Place.CATEGORIES
    assert find("diffusion", abstract="diffusion") is Place.ABSTRACT


def test_places_are_weighed_in_the_order_they_are_looked_at():
    weights = [WEIGHT[place] for place in Place]
    assert weights == sorted(weights, reverse=True)
    assert min(weights) > 0


def test_no_phrase_runs_from_one_author_into_the_next():
    authors = ["Ada King", "Lovelace Smith"]
    assert find("king lovelace", authors=authors) is None
    assert find("ada king", authors=authors) is Place.AUTHORS
    assert find("lovelace smith", authors=authors) is Place.AUTHORS


def test_no_phrase_runs_from_one_category_into_the_next():
    assert find("cv cs", categories=["cs.CV", "cs.CL"]) is None
    assert find("cs.CL", categories=["cs.CV", "cs.CL"]) is Place.CATEGORIES


def test_no_phrase_runs_from_the_title_into_the_abstract():
    assert find("deep learning", title="Going deep", abstract="Learning is fun") is None


def test_a_keyword_without_words_matches_nothing():
    assert find("?!", title="?!", abstract="") is None
    assert find("", title="") is None


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("扩散模型", "基于扩散模型的图像生成"),
        ("拡散モデル", "拡散モデルによる画像生成"),
        ("확산", "확산 모델"),
    ],
)
def test_a_term_is_found_in_a_title_without_blanks_between_words(typed: str, title: str):
    assert find(typed, title) is Place.TITLE


def test_a_cjk_term_that_is_not_there_is_not_found():
    assert find("强化学习", "基于扩散模型的图像生成") is None


def test_only_documents_that_have_the_keyword_are_told():
    index = Index([Document(1, "Graphs"), Document(2, "Trees"), Document(3, "x", abstract="a graph")])

    assert places(index, "graph") == {1: Place.TITLE, 3: Place.ABSTRACT}
    assert len(index) == 3


def test_two_spellings_of_one_term_find_the_same():
    index = Index([Document(1, "LLMs for all"), Document(2, "An LLM")])

    assert places(index, "LLM") == places(index, "llms") == {1: "title", 2: "title"}


def test_an_index_of_nothing_finds_nothing():
    assert len(Index([]).find(compile_keyword("x"))) == 0


@given(
    st.lists(st.sampled_from(["graph", "Graphs", "neural", "NETS", "of", "a"]), min_size=1, max_size=8),
    st.data(),
)
def test_every_run_of_words_of_a_title_is_found_in_it(title: list[str], data: st.DataObject):
    start = data.draw(st.integers(0, len(title) - 1))
    end = data.draw(st.integers(start + 1, len(title)))
    assert find("-".join(title[start:end]), " ".join(title)) is Place.TITLE


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("pre-training", "Pretraining at scale"),
        ("pretraining", "Pre-Training at scale"),
        ("pre-training", "Pre training at scale"),
        ("fine-tuned model", "Finetuned Models"),
        ("multimodal", "A multi-modal study"),
        ("vision-language model", "Vision Language Models"),
    ],
)
def test_a_hyphen_a_blank_and_nothing_are_one(typed: str, title: str):
    assert find(typed, title=title) is Place.TITLE


def test_a_blank_that_was_typed_joins_nothing():
    """Only a hyphen says that two words may be one: typed, or in a paper that is at hand."""
    index = Index([Document(1, "Pretraining"), Document(2, "Pre training")])

    assert set(places(index, "pre-training")) == {1, 2}
    assert set(places(index, "pre training")) == {2}
