"""Acronyms in 14,000 recorded papers: what is found holds them, and much more is found than whole words tell.

The rules and the counting are those of `benchmarks/relevance.py`.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks import relevance

pytestmark = pytest.mark.shared_data


@cache
def counted(data: Path) -> dict[str, Any]:
    """All papers are indexed once: that takes seconds."""
    return relevance.acronyms(data)


@pytest.mark.parametrize("name", ["RAG", "SAM", "ViT", "GAN", "MoE", "LoRA", "CLIP", "BERT"])
def test_what_an_acronym_finds_holds_it_or_its_long_form(shared_data: Path, name: str):
    told = counted(shared_data)["acronyms"][name]

    assert told["precision"] >= 0.98
    assert 20 <= told["found"] < told["by_substring"]


@pytest.mark.parametrize(
    ("term", "times"),
    [("LLM", 1.5), ("vision-language model", 5), ("cross-encoder", 1), ("mixture of experts", 2)],
)
def test_a_term_finds_more_papers_than_its_whole_words_do(shared_data: Path, term: str, times: float):
    told = counted(shared_data)["widened"][term]

    assert told["found"] >= times * told["strict"] > 0
