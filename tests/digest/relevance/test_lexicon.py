"""What papers teach about their words: acronyms and what they stand for, compounds, everyday words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.relevance.folding import surfaces
from digest.relevance.index import Document, Index
from digest.relevance.lexicon import COMMON, MOST_WORDS, Lexicon, definitions, learn
from tests.digest.relevance.looked_up import titles

RAG = ("retrieval", "augmented", "generation")


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """What everybody knows is set aside here: this is about what papers teach."""
    monkeypatch.setattr("digest.relevance.lexicon.KNOWN", {})


def defined(text: str) -> dict[str, str]:
    return {one.acronym: " ".join(one.long_form) for one in definitions(text)}


# --- Definitions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We use retrieval-augmented generation (RAG) here.", {"RAG": "retrieval augmented generation"}),
        ("We use RAG (retrieval-augmented generation) here.", {"RAG": "retrieval augmented generation"}),
        ("Large language models (LLMs) are large.", {"LLM": "large language model"}),
        ("LLMs (large language models) are large.", {"LLM": "large language model"}),
        ("The Vision Transformer (ViT) sees.", {"ViT": "vision transformer"}),
        ("Mixture-of-Experts (MoE) layers", {"MoE": "mixture of expert"}),
        ("Low-Rank Adaptation (LoRA)", {"LoRA": "low rank adaptation"}),
        (
            "Contrastive Language-Image Pre-training (CLIP)",
            {"CLIP": "contrastive language image pre training"},
        ),
        ("hidden Markov models (HMM, also chains)", {"HMM": "hidden markov model"}),
        ("graph neural network (GNN; see below)", {"GNN": "graph neural network"}),
        ("variational autoencoder (VAE)", {"VAE": "variational autoencoder"}),
        ("convolutional neural networks ( CNNs )", {"CNN": "convolutional neural network"}),
        ("A neural radiance field (NeRF) and a graph (G)", {"NeRF": "neural radiance field"}),
        (
            "large language models (LLMs) and vision-language models (VLMs)",
            {"LLM": "large language model", "VLM": "vision language model"},
        ),
    ],
)
def test_a_definition_is_read_both_ways_round(text: str, found: dict[str, str]):
    assert defined(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(RAG)",
        "We use things (RAG) here.",
        "a sentence ends. Large models (SLM)",  # s stands in another sentence
        "large language models (see below)",
        "large language models (2025)",
        "language models (llm)",  # not in capitals
        "computer (PC)",  # one word has no first letters
        "RAG (retrieval-augmented generation for all of the papers of this world)",
        "RAG (a retrieval-augmented generation)",  # more than what the letters stand for
        "RAG RAG (RAG)",
        "retrieval-augmented generation ()",
        "retrieval-augmented generation (R)",
        "the Xgraph neural network (GNN)",
        "retrieval (R(A)G)",
        f"retrieval augmented generation (RAG {'x' * 90})",
    ],
)
def test_what_only_looks_like_a_definition_is_none(text: str):
    assert defined(text) == {}


def test_a_long_form_has_a_bounded_number_of_words():
    words = [f"{letter}word" for letter in "abcdefghij"]
    inside = MOST_WORDS
    assert defined(f"{' '.join(words[:inside])} ({'ABCDEFGH'[:inside]})") == {
        "ABCDEFGH": " ".join(words[:inside])
    }
    assert defined(f"{' '.join(words)} (ABCDEFGHIJ)") == {}


def test_in_a_bracket_within_brackets_the_inner_one_counts():
    assert defined("(by large language models (LLMs))") == {"LLM": "large language model"}
    assert defined("large language models ((LLM)") == {"LLM": "large language model"}


@given(st.text(st.sampled_from("abRAGs -().,;: "), max_size=60))
def test_nothing_read_is_ever_an_error_and_the_letters_are_always_there(text: str):
    for one in definitions(text):
        letters = iter("".join(one.long_form))
        assert one.long_form[0][0] == one.acronym[0].lower()
        assert all(char.lower() in letters for char in one.acronym)


def test_reading_is_linear_in_the_text():
    """Brackets without end: only what stands shortly before each is looked at."""
    text = "(A" * 50_000 + "a b (AB) " * 10_000
    assert defined(text) == {"AB": "a b"}


# --- Belief ---------------------------------------------------------------------------------


def test_one_paper_is_not_believed_two_are():
    title = ("Retrieval-augmented generation (RAG)", "")

    assert learn([title]).long_form("RAG") is None
    assert learn([title, title]).long_form("RAG") == RAG


def test_a_paper_that_defines_it_ten_times_is_one_paper():
    assert learn([("Retrieval-augmented generation (RAG). " * 10, "")]).long_form("RAG") is None


@pytest.mark.parametrize(("ours", "theirs", "believed"), [(2, 2, True), (3, 2, True), (2, 3, False)])
def test_where_papers_disagree_half_of_them_must_say_the_same(ours: int, theirs: int, believed: bool):
    others = ["Rapid acoustic gauges (RAG)", "Rare attic graphs (RAG)", "Random anchor grids (RAG)"]
    lexicon = learn(
        [("Retrieval-augmented generation (RAG)", "")] * ours + [(title, "") for title in others[:theirs]]
    )

    assert (lexicon.long_form("RAG") == RAG) is believed


def test_two_spellings_of_a_long_form_are_one():
    lexicon = learn([("Language image pre-training (LIP)", ""), ("Language image pretraining (LIP)", "")])

    assert lexicon.long_form("LIP") is not None
    assert lexicon.short_form(("language", "image", "pretraining")) == "LIP"
    assert lexicon.short_form(("language", "image", "pre", "training")) == "LIP"


def test_what_is_written_in_capitals_altogether_teaches_nothing():
    shouted = "RETRIEVAL AUGMENTED GENERATION (RAG) CONSIDERED"
    lexicon = learn([(shouted, "")] * 3)

    assert lexicon.long_form("RAG") is None
    assert not lexicon.in_capitals


FORMS = {
    "RAG": "Retrieval-augmented generation",
    "LLM": "Large language models",
    "GNN": "Graph neural networks",
    "MoE": "Mixture of experts",
}
MANY = learn([(f"{form} ({name})", "") for name, form in FORMS.items() for _ in range(2)])


@pytest.mark.parametrize("name", FORMS)
def test_long_and_short_form_are_inverse(name: str):
    form = MANY.long_form(name)
    assert form is not None
    assert MANY.short_form(form) == name


def test_of_two_acronyms_for_one_phrase_the_commoner_stands_for_it():
    lexicon = learn([("Language models (LMs)", "")] * 3 + [("Language models (LaM)", "")] * 2)

    assert lexicon.long_form("LaM") == lexicon.long_form("LM") == ("language", "model")
    assert lexicon.short_form(("language", "model")) == "LM"


# --- Everyday words -------------------------------------------------------------------------


def test_a_word_that_papers_have_in_small_letters_is_an_everyday_word():
    lexicon = learn([("A video clip", "")] * COMMON + [("CLIP", ""), ("CLIP", ""), ("LLM", ""), ("LLM", "")])

    assert lexicon.is_everyday("CLIP")
    assert not lexicon.is_everyday("LLM")
    assert lexicon.everyday_acronym("clip") == "CLIP"
    assert lexicon.everyday_acronym("CLIP") is None
    assert lexicon.everyday_acronym("llm") is None
    assert lexicon.everyday_acronym("clips") is None
    assert lexicon.everyday_acronym("a clip") is None


def test_a_few_slips_among_many_do_not_make_a_word_of_every_day():
    lexicon = learn([("llm", "")] * COMMON + [("LLM", "")] * 100)

    assert not lexicon.is_everyday("LLM")
    assert learn([("llm", "")] * COMMON + [("LLM", "")] * 50).is_everyday("LLM")


def test_a_word_in_small_letters_stands_for_the_acronym_only_where_it_is_hardly_a_word():
    lexicon = learn([("LLMs", "")] * 4 + [("llm", "")] + [("CLIP", "")] * 4 + [("clip", "")] * 2)

    assert lexicon.acronym_for("llm") == "LLM"
    assert lexicon.acronym_for("clip") is None
    assert lexicon.acronym_for("unheard") is None
    assert learn([("LLM", "")]).acronym_for("llm") is None  # one paper is none


def test_a_word_typed_in_capitals_that_is_an_acronym_nowhere_is_a_word():
    lexicon = learn([("We learn and plan", "")] * COMMON + [("PLAN", "")])

    assert lexicon.is_only_everyday("LEARN")
    assert not lexicon.is_only_everyday("PLAN")
    assert not lexicon.is_only_everyday("AND")  # three letters may be one all the same
    index = Index(Document(n, "We learn") for n in range(COMMON))
    assert titles(index, "LEARN") == {0, 1, 2}


# --- Compounds ------------------------------------------------------------------------------


def test_compounds_are_learned_where_they_are_hyphenated():
    lexicon = learn([("Pre-training", "vision-language-action models, state-of-the-art, GPT-4")])

    assert lexicon.parts["pretraining"] == ("pre", "training")
    assert lexicon.parts["visionlanguageaction"] == ("vision", "language", "action")
    assert "stateoftheart" not in lexicon.parts
    assert lexicon.parts["gpt4"] == ("gpt", "4")


# --- Together -------------------------------------------------------------------------------

texts = st.lists(
    st.lists(
        st.sampled_from(
            [
                *(f"{form} ({name})." for name, form in FORMS.items()),
                "Rare attic graphs (RAG).",
                "LLM",
                "llm",
                "pre-fix",
                "clip CLIP",
            ]
        ),
        max_size=4,
    ).map(" ".join),
    max_size=8,
)


@given(texts, texts)
def test_two_lexicons_together_know_what_one_of_all_papers_knows(some: list[str], others: list[str]):
    together = learn((text, "") for text in some)
    together.short_form(("asked", "before"))
    together.acronym_for("asked")
    together.add(learn((text, "") for text in others))
    whole = learn((text, "") for text in [*some, *others])

    assert (together.papers, together.parts) == (whole.papers, whole.parts)
    assert (together.in_small, together.in_capitals) == (whole.in_small, whole.in_capitals)
    assert dict(together.long_forms) == dict(whole.long_forms)
    for name, form in FORMS.items():
        phrase = tuple(form.lower().replace("-", " ").removesuffix("s").split())
        assert together.long_form(name) == whole.long_form(name)
        assert together.short_form(phrase) == whole.short_form(phrase)
        assert together.acronym_for(name.lower()) == whole.acronym_for(name.lower())


def test_what_is_learned_later_is_known_at_once():
    lexicon = Lexicon()
    title = "Retrieval-augmented generation (RAG)"
    for n in range(2):
        assert lexicon.short_form(RAG) is None
        assert lexicon.acronym_for("rag") is None
        told = lexicon.learn([(title, surfaces(title))])
        assert [one.acronym for one in told] == ["RAG"], n

    assert lexicon.short_form(RAG) == lexicon.acronym_for("rag") == "RAG"


def test_what_everybody_knows_counts_as_two_papers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("digest.relevance.lexicon.KNOWN", {"GAN": ("generative", "adversarial", "network")})
    false = [("", "Generation and noise (GAN)")]

    assert learn([]).long_form("GAN") == ("generative", "adversarial", "network")
    assert learn(false).long_form("GAN") == ("generative", "adversarial", "network")
    assert learn([]).short_form(("generative", "adversarial", "network")) == "GAN"
    assert learn(false * 4).long_form("GAN") == ("generation", "and", "noise")
