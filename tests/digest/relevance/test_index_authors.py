"""Who wrote a paper, what it is filed under, where it was made."""

import pytest

from digest.relevance.index import Document, Index, Place
from tests.digest.relevance.looked_up import find, titles


@pytest.mark.parametrize(
    ("typed", "author"),
    [
        ("LeCun", "Yann LeCun"),
        ("lecun", "Yann LECUN"),
        ("Yann LeCun", "Yann LeCun"),
        ("Y. LeCun", "Yann LeCun"),
        ("Y LeCun", "Yann LeCun"),
        ("Yann LeCun", "Y. LeCun"),
        ("LeCun Y", "Yann LeCun"),
        ("LeCun, Y.", "Yann LeCun"),
        ("Yann LeCun", "Yann A. LeCun"),
        ("Yann A. LeCun", "Y. A. LeCun"),
        ("Y. A. LeCun", "Yann Andre LeCun"),
        ("Jürgen Müller", "Jurgen Muller"),
        ("van der Maaten", "Laurens van der Maaten"),
        ("Laurens van der Maaten", "L. van der Maaten"),
        ("Fei-Fei Li", "Li Fei-Fei"),
        ("Li", "Fei-Fei Li"),
        ("Ho", "J. Ho"),
    ],
)
def test_an_author_is_found_with_initials_and_in_either_order(typed: str, author: str):
    assert find(f"author:{typed}", authors=["Ada King", author]) is Place.AUTHORS


@pytest.mark.parametrize(
    ("typed", "author"),
    [
        ("Yann LeCun", "Yves LeCun"),
        ("Y. LeCun", "Ada LeCun"),
        ("Y. A. LeCun", "Yann LeCun"),
        ("Yann", "Y. LeCun"),
        ("Y. L.", "Yann LeCun"),
        ("Ya LeCun", "Yann LeCun"),
        ("LeCun", "Yann LeCunn"),
        ("Li Li", "Wei Li"),
        ("Smith", "Ada King"),
    ],
)
def test_another_name_is_another_author(typed: str, author: str):
    assert find(f"author:{typed}", authors=["Zoe Zed", author]) is None


def test_a_first_name_counts_only_beside_its_own_family_name():
    authors = ["Yann King", "Ada LeCun"]
    assert find("author:Yann LeCun", authors=authors) is None
    assert find("author:Ada LeCun", authors=authors) is Place.AUTHORS


def test_an_author_of_many_papers_is_found_in_each_once():
    index = Index(Document(n, "x", authors=["A B", "Y. LeCun", "Y. LeCun"]) for n in range(3))

    assert titles(index, "author:Yann LeCun") == {0, 1, 2}
    assert titles(index, "LeCun") == {0, 1, 2}


def test_the_last_author_of_the_last_paper_is_looked_at_too():
    assert find("author:Zoe Zed", "t", "a", authors=["Zoe Zed"]) is Place.AUTHORS


def test_a_category_is_anchored_at_its_beginning():
    assert find("cat:cs", categories=["cs.LG"]) is Place.CATEGORIES
    assert find("cat:LG", categories=["cs.LG"]) is None
    assert find("cat:physics", categories=["astro-ph.GA", "physics.optics"]) is Place.CATEGORIES
    assert find("cat:ph", categories=["astro-ph.GA"]) is None
    assert find("cat:cs.L", categories=["cs.LG"]) is None


def test_an_organization_is_found_in_its_own_place_by_phrase():
    assert find("org:Google DeepMind", organization="Google DeepMind") is Place.ORGANIZATION
    assert find("org:DeepMind", organization="Google DeepMind") is Place.ORGANIZATION
    assert find("org:DeepMind Google", organization="Google DeepMind") is None
    assert find("DeepMind", organization="Google DeepMind") is Place.ORGANIZATION
    assert find("org:DeepMind", "DeepMind", "DeepMind", authors=["D. DeepMind"]) is None


def test_no_author_is_looked_for_by_what_an_acronym_stands_for():
    """Only what was typed may be a name."""
    documents = [Document(n, "Sun models (SuMo)") for n in range(2)]
    index = Index([*documents, Document(7, "x", authors=["Sun Models"])])

    assert titles(index, "SuMo") == {0, 1}
    assert titles(index, "sun models") == {0, 1, 7}
