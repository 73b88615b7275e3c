"""Acronyms are found as acronyms, and as what they stand for in the papers at hand."""

from typing import Any

import pytest

from digest.relevance.index import Document, Index, Place
from digest.relevance.keywords import compile_keyword
from tests.digest.relevance.looked_up import find, index_of, places, shown, titles


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("RAG", "RAG for all"),
        ("RAG", "Of (RAG)"),
        ("RAG", "RAGs and more"),
        ("RAGs", "RAG and more"),
        ("RAG", "Graph-RAG, RAG-based"),
        ("RAG", "All of B/RAG/C"),
        ("RAG", "What is “RAG”?"),
        ("SAM", "SAM-2 and SAM"),
        ("ViT", "ViT-B/16"),
        ("ViT", "ViTs"),
        ("ViTs", "A ViT"),
        ("MoE", "MoE-LLM"),
        ("GAN", "GAN’s"),
        ("LoRA", "Q-LoRA"),
    ],
)
def test_an_acronym_is_found_at_the_boundaries_of_a_word_with_its_plural(typed: str, title: str):
    assert find(typed, title) is Place.TITLE
    assert find(typed, "x", abstract=f"We say: {title}") is Place.ABSTRACT


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("SAM", "Sam and a SAMPLE"),
        ("SAM", "The same friend Sam"),
        ("RAG", "A rag, Rag and bRAG; RAGE, FRAG, RAG2"),
        ("GAN", "Wei Gan; gan; elegant ORGAN"),
        ("ViT", "VIT, vit, Vit and ViTal"),
        ("MoE", "Moe, moe, MOE, MoEA"),
        ("LoRA", "Lora, LORA, lora"),
        ("CLIP", "A clip of clips, Clip by Clip"),
        ("BERT", "Bert, bert, RoBERTa"),
        ("RAGs", "Rags to riches"),
    ],
)
def test_an_acronym_is_not_found_in_other_letters_or_inside_a_word(typed: str, title: str):
    assert find(typed, title) is None
    assert find(typed, "x", abstract=title) is None


def test_in_a_title_of_capitals_nothing_is_an_acronym():
    """“CLIP” in it may be a clip; small letters find it as a word."""
    title = "HOW TO CLIP MODELS WITHOUT REGRETS"
    assert find("CLIP", title) is None
    assert find("clip", title) is Place.TITLE
    assert find("CLIP", "How to CLIP MODELS Without Regrets") is Place.TITLE


@pytest.mark.parametrize("typed", ["DIFFUSION MODELS", "LARGE LANGUAGE MODELS", "3D GAUSSIAN SPLATTING"])
def test_a_keyword_of_capitals_altogether_is_words(typed: str):
    assert find(typed, typed.title()) is Place.TITLE
    assert find(typed, typed.lower()) is Place.TITLE


def test_an_acronym_beside_words_keeps_its_letters():
    assert find("RAG systems", "A RAG system") is Place.TITLE
    assert find("RAG systems", "A rag system") is None


# --- Long forms -----------------------------------------------------------------------------

RAG = Index(
    [
        Document(1, "Retrieval-augmented generation (RAG)"),
        Document(2, "On retrieval augmented generation", "We present RAG (retrieval-augmented generation)."),
        Document(3, "RAG revisited"),
        Document(4, "Retrieval-Augmented Generations"),
        Document(5, "Rapid acoustic gauges", "Rapid acoustic gauges (RAG) measure."),
        Document(6, "A rag doll"),
        Document(7, "Generation without retrieval"),
        Document(8, "Agentic RAG"),
        Document(9, "Agentic retrieval-augmented generation"),
    ]
)


def test_an_acronym_finds_what_it_stands_for_and_says_so():
    assert titles(RAG, "RAG") == {1, 2, 3, 4, 5, 8, 9}
    assert shown(RAG, "RAG") == {
        1: "",
        2: "retrieval augmented generation",
        3: "",
        4: "retrieval augmented generation",
        5: "",
        8: "",
        9: "retrieval augmented generation",
    }


def test_a_long_form_finds_its_acronym_but_not_where_a_paper_says_it_is_something_else():
    assert titles(RAG, "retrieval augmented generation") == {1, 2, 3, 4, 8, 9}
    assert shown(RAG, "retrieval augmented generation")[3] == "RAG"
    assert shown(RAG, "retrieval augmented generation")[4] == ""


def test_the_better_place_of_two_readings_counts():
    assert places(RAG, "RAG")[2] is Place.TITLE  # spelt out in the title, short in the abstract


def test_acronyms_and_long_forms_are_exchanged_inside_a_longer_keyword():
    assert titles(RAG, "agentic RAG") == titles(RAG, "agentic retrieval-augmented generation") == {8, 9}
    assert shown(RAG, "agentic RAG") == {8: "", 9: "retrieval augmented generation"}


def test_a_word_in_small_letters_finds_the_acronyms_long_form_only_where_it_is_no_word():
    papers = index_of(
        "Large language models (LLMs)", "Large language models (LLM)", "LLM", "Large language models"
    )

    assert titles(papers, "llm") == {1, 2, 3, 4}
    assert titles(papers, "llms") == {1, 2, 3, 4}
    assert titles(RAG, "rag") >= {6}


def test_where_nothing_was_learned_an_acronym_is_only_itself():
    assert set(places(RAG, compile_keyword("RAG"))) == {1, 2, 3, 5, 8}


def test_the_muted_reading_of_an_acronym_is_muted_too():
    assert titles(RAG, "generation -RAG") == {7}
    assert titles(RAG, "agentic -RAG") == set()


def test_acronyms_are_looked_for_in_organizations_not_in_authors_or_categories():
    """Capitals of people tell nothing: names are written as their owners like."""
    fields: dict[str, Any] = {"authors": ["RAG"], "categories": ["RAG"]}
    assert find("RAG", **fields) is None
    fields["organization"] = "RAG"
    assert find("RAG", **fields) is Place.ORGANIZATION
    assert find("org:RAG", **fields) is Place.ORGANIZATION
    assert find("org:rag", **fields) is Place.ORGANIZATION
