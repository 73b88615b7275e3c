"""The language of queries: what each sign of it finds, and what is taken literally."""

import pytest

from digest.relevance.index import Document, Index, Place
from digest.relevance.keywords import compile_keyword
from digest.relevance.lexicon import learn
from tests.digest.relevance.looked_up import find, index_of, titles

PAPERS = index_of(
    "Diffusion of proteins",  # 1
    "Medical diffusion",  # 2
    "Flow matching",  # 3
    "Matching a flow",  # 4
    "Proteins",  # 5
    "Diffusion or not",  # 6
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("flow matching", {3}),
        ("diffusion OR flow matching", {1, 2, 3, 6}),
        ("diffusion | flow matching", {1, 2, 3, 6}),
        ("flow OR proteins OR medical", {1, 2, 3, 4, 5}),
        ("diffusion AND protein", {1}),
        ("flow AND matching", {3, 4}),
        ("diffusion -medical", {1, 6}),
        ("diffusion NOT medical", {1, 6}),
        ("diffusion AND NOT medical", {1, 6}),
        ("-medical diffusion", {1, 6}),
        ("diffusion -medical -protein", {6}),
        ("diffusion -medical OR flow matching", {1, 3, 6}),
        ('diffusion -"or not"', {1, 2}),
        ('"flow matching" OR protein', {1, 3, 5}),
        ('"diffusion" "medical"', {2}),
        ("diffusion protein", set()),
        ("diffusion or not", {6}),
        ("Diffusion and protein", set()),
    ],
)
def test_each_sign_means_what_the_help_says(typed: str, found: set[int]):
    assert titles(PAPERS, typed) == found


@pytest.mark.parametrize("quotes", ['""', "“”", "„“", "«»", "»«", "＂＂", "„‟"])
def test_every_pair_of_quotation_marks_keeps_words_together(quotes: str):
    begin, end = quotes[0], quotes[1]

    assert titles(PAPERS, f"{begin}flow matching{end} OR {begin}medical{end}") == {2, 3}
    assert titles(PAPERS, f"diffusion -{begin}of protein{end}") == {2, 6}


def test_in_quotation_marks_just_these_words_are_meant():
    papers = Index(
        [
            Document(1, "Retrieval-augmented generation (RAG)", "Pre-training helps."),
            Document(2, "Retrieval-augmented generation (RAG) again", "Pretraining helps."),
            Document(3, "RAG for all"),
        ]
    )

    assert titles(papers, "retrieval augmented generation") == {1, 2, 3}
    assert titles(papers, '"retrieval augmented generation"') == {1, 2}
    assert titles(papers, "pretraining") == {1, 2}
    assert titles(papers, '"pretraining"') == {2}


# --- Fields ---------------------------------------------------------------------------------

FIELDS = Index(
    [
        Document(1, "Convolutions", authors=["Yann LeCun"], categories=["cs.CV", "cs.LG"]),
        Document(2, "LeCun considered", "of cs.CV and Google", authors=["Ada King"], categories=["math.IT"]),
        Document(3, "Attention", organization="Google DeepMind", categories=["cs.IT", "eess.SY"]),
        Document(4, "Entropy", authors=["Google Smith"], categories=["cs.SY", "math-ph"]),
        Document(5, "Strings", categories=["hep-th", "physics.optics"]),
    ]
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("author:LeCun", {1}),
        ("author: LeCun", {1}),
        ("AUTHOR:lecun", {1}),
        ("au:LeCun", {1}),
        ("Au: LeCun", {1}),
        ("author:Yann LeCun", {1}),
        ('author:"Yann LeCun"', {1}),
        ("cat:cs.CV", {1}),
        ("category: cs.cv", {1}),
        ("CAT:CS.CV", {1}),
        ("cat:cs.CV convolutions", {1}),
        ("cat:cs.CV attention", set()),
        ("org:Google", {3}),
        ("Org: google deepmind", {3}),
        ("google", {2, 3, 4}),
        ("LeCun", {1, 2}),
        ("LeCun -author:LeCun", {2}),
        ("convolution -author:LeCun", set()),
        ("author:LeCun OR org:DeepMind", {1, 3}),
        ("entropy -cat:cs.SY", set()),
        ("attention -cat:cs.CV", {3}),
        ("title:LeCun", set()),  # no field of ours: three words, literally
    ],
)
def test_a_field_looks_nowhere_else(typed: str, found: set[int]):
    assert titles(FIELDS, typed) == found


@pytest.mark.parametrize("typed", ["cs.IT", "math.IT", "cat:cs.IT", "cat: MATH.IT", "category:cs.it"])
def test_a_category_of_two_names_is_found_by_either(typed: str):
    assert titles(FIELDS, typed) == {2, 3}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("math.NA", "cs.NA"),
        ("eess.SY", "cs.SY"),
        ("cs.IT", "math.IT"),
        ("math-ph", "math.MP"),
        ("econ.GN", "q-fin.EC"),
        ("math.ST", "stat.TH"),
    ],
)
def test_all_pairs_of_names_meet(one: str, other: str):
    for typed, stands in ((one, other), (other, one), (one, one), (f"cat:{one.lower()}", other)):
        assert find(typed, categories=[stands]) is Place.CATEGORIES


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("cs.CV", {1}),
        ("cs.cv", {1}),
        ("hep-th", {5}),
        ("math-ph", {4}),
        ("eess.SY", {3, 4}),
        ("cat:physics.optics", {5}),
    ],
)
def test_a_bare_category_is_one(typed: str, found: set[int]):
    """“cs.CV” in an abstract is not meant."""
    assert titles(FIELDS, typed) == found


def test_a_category_is_found_from_its_beginning():
    assert find("cat:cs", categories=["cs.CV"]) is Place.CATEGORIES
    assert find("cat:cv", categories=["cs.CV"]) is None
    assert find("cat:cs.CV", categories=["x.cs.CV"]) is None


# --- What makes no sense is taken literally --------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ('flow "matching', "Flow matching"),
        ('flow matching"', "Flow matching"),
        ('"', ""),
        ('diffusion OR "matching', "Diffusion OR matching"),
        ('diffusion -"medical', "Diffusion medical"),
        ("OR", "Of OR and AND"),
        ("diffusion OR", "Diffusion, OR"),
        ("OR diffusion", "OR-diffusion"),
        ("AND", "Of OR and AND"),
        ("NOT", "The gate NOT"),
        ("-medical", "Medical"),
        ("-medical -surgical", "Medical surgical"),
        ("NOT medical", "NOT medical"),
        ("author:", "Author"),
        ("x -?", "X"),
        ("cat:", "Cat"),
        ("- x", "X"),
        ("a - b", "A-b"),
    ],
)
def test_what_makes_no_sense_is_looked_for_as_it_stands(typed: str, title: str):
    if not title:
        assert compile_keyword(typed).clauses == ()
        return
    assert find(typed, title) is Place.TITLE
    assert find(typed, "Something else") is None


@pytest.mark.parametrize(
    "typed", ["state-of-the-art", "x-ray", "co-training", "GPT-4", "a -- b", "10.1101/2025.01.01.123456"]
)
def test_a_hyphen_inside_a_word_mutes_nothing(typed: str):
    [clause] = compile_keyword(typed).clauses
    assert not clause.unwanted
    assert find(typed, f"About {typed}") is Place.TITLE


def test_a_name_that_is_no_field_of_ours_is_a_word():
    assert find("attention: all you need", "Attention: all you need") is None  # a sentence end parts them
    assert find("doi:10.1101", "doi:10.1101") is Place.TITLE


# --- Authors --------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["Gan", "GAN", "Sam", "moe", "RAG", "Li", "LeNet5"])
def test_a_short_word_or_an_acronym_alone_is_not_looked_for_among_authors(typed: str):
    found = find(typed, authors=[f"Wei {typed}"])
    assert found is (Place.AUTHORS if typed == "LeNet5" else None)
    assert find(f"author:{typed}", authors=[f"Wei {typed}"]) is Place.AUTHORS


@pytest.mark.parametrize("typed", ["LeCun", "Hinton", "Wei Gan", "Sam Altman"])
def test_a_long_word_or_two_are_looked_for_among_authors_too(typed: str):
    assert find(typed, authors=[f"Prof. {typed}"]) is Place.AUTHORS


# --- What is meant ---------------------------------------------------------------------------

LEXICON = learn([("Retrieval-augmented generation (RAG)", "")] * 2)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("diffusion model", "diffusion model"),
        ("RAG", "retrieval augmented generation"),
        ("retrieval augmented generation", "retrieval augmented generation"),
        ('"diffusion model"', ""),
        ("“diffusion model”", ""),
        ("author:LeCun", ""),
        ("cs.CV", ""),
        ("a OR b", ""),
        ("a AND b", ""),
        ("a -b", ""),
        ("", ""),
    ],
)
def test_only_plain_words_are_widened_by_meaning(typed: str, meant: str):
    assert compile_keyword(typed, LEXICON).meant == meant


def test_keywords_typed_alike_are_equal_and_can_be_remembered():
    one, other = compile_keyword("RAG -x", LEXICON), compile_keyword("RAG -x", LEXICON)
    assert one == other
    assert len({one, other, compile_keyword("RAG")}) == 2
