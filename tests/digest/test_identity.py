"""When two records are one paper, and when they are not."""

import hashlib
from typing import Any

import pytest

from digest import ingest
from digest.identity import names_of, same_work
from digest.models import Edition, Entry, Identifier, Paper
from tests.digest.conftest import found, look_at

pytestmark = pytest.mark.django_db


def names(paper: Paper) -> dict[str, str]:
    return dict(paper.identifiers.exclude(scheme="title").values_list("scheme", "value"))


def test_the_most_telling_name_comes_first_and_is_the_one_in_urls():
    ingest.take_in(
        look_at(
            found("A", arxiv_id="2501.00001", doi="10.1000/a"),
            found("B", doi="10.1000/b"),
            found("C", arxiv_id="", doi=""),
        )
    )

    a, b, c = Paper.objects.order_by("entry__pk")
    assert (a.public_id, b.public_id) == ("2501.00001", "10.1000/b")
    assert c.public_id.startswith("t-")
    assert len(c.public_id) == 34


def test_one_arxiv_id_is_one_paper_whatever_the_title():
    ingest.take_in(look_at(found("A", arxiv_id="2501.00001"), found("Renamed", arxiv_id="2501.00001")))

    assert Paper.objects.count() == 1


def test_one_doi_is_one_paper_whatever_the_title():
    ingest.take_in(look_at(found("A", doi="10.1000/a")))
    ingest.take_in(look_at(found("Renamed", doi="10.1000/a", arxiv_id="2501.00001")))

    assert names(Paper.objects.get()) == {"arxiv": "2501.00001", "doi": "10.1000/a"}


@pytest.mark.parametrize("arxiv_id", ["2501.00001", "math/0309136"])
def test_arxivs_own_doi_is_the_arxiv_id_in_another_dress(arxiv_id: str):
    ingest.take_in(look_at(found("A", doi=f"10.48550/arxiv.{arxiv_id}")))
    ingest.take_in(look_at(found("Renamed", arxiv_id=arxiv_id)))

    paper = Paper.objects.get()
    assert names(paper) == {"arxiv": arxiv_id}
    assert paper.public_id == arxiv_id


@pytest.mark.parametrize(
    "title",
    [
        "ON GRAPHS, and trees",
        "On graphs and trees.",
        "On  Graphs and\nTrees",
        "On graphs & trees",
        "On-graphs and-trees",
    ],
)
def test_one_title_and_first_author_are_one_paper_over_case_hyphens_and_blanks(title: str):
    ingest.take_in(look_at(found("On Graphs and Trees", arxiv_id="", authors=("Ada Lovelace", "X"))))
    ingest.take_in(look_at(found(title, arxiv_id="2501.00001", authors=("A. Lovelace",))))

    expected = 2 if "&" in title else 1  # “and” spelled as a sign is another title
    assert Paper.objects.count() == expected


def test_one_title_of_different_first_authors_is_two_papers():
    ingest.take_in(look_at(found("Introduction", arxiv_id="", authors=("Ada Lovelace",))))
    ingest.take_in(look_at(found("Introduction", arxiv_id="", authors=("Mary Somerville",))))

    assert Paper.objects.count() == 2


def test_one_title_of_contradicting_arxiv_ids_stays_two_papers():
    for _ in range(2):
        ingest.take_in(
            look_at(found("A sequel", arxiv_id="2501.00001"), found("A sequel", arxiv_id="2501.00002"))
        )

    assert [paper.public_id for paper in Paper.objects.order_by("pk")] == ["2501.00001", "2501.00002"]
    assert Entry.objects.count() == 2


def test_one_title_of_contradicting_dois_stays_two_papers():
    ingest.take_in(look_at(found("A sequel", doi="10.1000/a"), found("A sequel", doi="10.1000/b")))

    assert Paper.objects.count() == 2


def test_one_title_of_a_doi_here_and_an_arxiv_id_there_is_one_paper():
    ingest.take_in(look_at(found("Preprint and print", doi="10.1000/a")))
    ingest.take_in(look_at(found("Preprint and print", arxiv_id="2501.00001")))

    assert names(Paper.objects.get()) == {"arxiv": "2501.00001", "doi": "10.1000/a"}


def test_a_paper_first_known_by_its_title_is_then_known_by_its_arxiv_id_too():
    ingest.take_in(look_at(found("A", arxiv_id="")))
    ingest.take_in(look_at(found("A", arxiv_id="2501.00001")))
    ingest.take_in(look_at(found("Renamed", arxiv_id="2501.00001")))

    paper = Paper.objects.get()
    assert paper.public_id.startswith("t-")
    assert names(paper) == {"arxiv": "2501.00001"}


def test_titles_of_signs_alone_are_told_apart():
    ingest.take_in(look_at(found("???", arxiv_id="", authors=()), found("!!!", arxiv_id="", authors=())))

    assert Paper.objects.count() == 2


def test_no_name_is_longer_than_its_column():
    ingest.take_in(look_at(found("x" * 3_000, arxiv_id="", doi="10.1000/" + "y" * 292)))

    assert max(len(value) for value in Identifier.objects.values_list("value", flat=True)) == 300


def test_a_title_key_is_the_same_on_every_machine():
    [(scheme, value)] = names_of(found("On Graphs", arxiv_id="", authors=("Ada Lovelace",)))

    assert scheme == "title"
    assert value == hashlib.sha256(b"on graphs|lovelace").hexdigest()[:32]


def test_merging_within_one_look_puts_the_paper_into_one_edition_once():
    ingest.take_in(
        look_at(
            found("A", doi="10.1000/a"),
            found("A", arxiv_id="2501.00001"),
            found("Renamed", arxiv_id="2501.00001", doi="10.1000/a"),
        )
    )

    assert Paper.objects.count() == Entry.objects.count() == 1
    assert Edition.objects.count() == 1


# --- Titles that differ in their signs ------------------------------------------------------


@pytest.mark.parametrize(
    "titles",
    [
        (r"$B^0 \to \pi\pi$ decays", r"$B^0 \to \rho\rho$ decays"),
        (r"$\alpha$-decay", r"$\beta$-decay"),
        ("Analysis of C", "Analysis of C++", "Analysis of C#"),
        ("A search", "A* search"),
    ],
)
def test_titles_that_differ_in_a_macro_or_sign_are_several_papers(titles: tuple[str, ...]):
    ingest.take_in(look_at(*(found(title, arxiv_id="") for title in titles)))

    assert Paper.objects.count() == len(titles)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"$\beta$-VAE revisited", "β-VAE revisited"),
        (r"Learning \textbf{fast} and $\mathbf{slow}$", "Learning fast and slow"),
    ],
)
def test_one_title_in_latex_and_in_plain_letters_is_one_paper(one: str, other: str):
    ingest.take_in(look_at(found(one, arxiv_id=""), found(other, arxiv_id="2501.00001")))

    assert Paper.objects.count() == 1


# --- A DOI that somebody typed --------------------------------------------------------------

WANG, CHEN = ("Wei Wang", "X"), ("Li Chen", "Y")


def test_a_mistyped_doi_does_not_make_one_paper_of_two():
    """The arXiv record would vanish, and the other paper get its name and abstract."""
    ingest.take_in(look_at(found("Protein folding in yeast mitochondria", doi="10.1000/b", authors=CHEN)))
    graphs = found("Graph neural networks", arxiv_id="2501.00001", doi="10.1000/b", authors=WANG)
    for _ in range(2):
        ingest.take_in(look_at(graphs))

    assert [names(paper) for paper in Paper.objects.order_by("pk")] == [
        {"doi": "10.1000/b"},
        {"arxiv": "2501.00001"},
    ]
    assert Entry.objects.shown().count() == 2


def test_the_family_name_alone_does_not_make_one_paper_of_two_rows():
    ingest.take_in(look_at(found("A study of graph networks", arxiv_id="2501.00001", authors=WANG)))
    other = found("Protein folding in yeast mitochondria", doi="10.1000/b", authors=("Li Wang",))
    ingest.take_in(look_at(other))
    both = found("A study of graph networks", arxiv_id="2501.00001", doi="10.1000/b", authors=WANG)
    ingest.take_in(look_at(both))

    assert Entry.objects.shown().count() == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Graph networks for proteins", WANG), ("Proteins as graphs, revisited", WANG), True),
        (("Learning to fold proteins fast", WANG), ("Learning to fold proteins", CHEN), True),
        (("A study of graphs with care", WANG), ("Yeast with mitochondria", WANG), False),
        (("Graph networks", WANG), ("Yeast", CHEN), False),
        (("On a 1d map", WANG), ("On an 1D map", WANG), True),
        (("A", WANG), ("Renamed", WANG), True),
    ],
)
def test_works_are_alike_by_their_words_or_by_name_and_a_word(one: Any, other: Any, same: bool):
    assert same_work(one, other) is same
