"""Joining rows again, one after the other, and within one batch."""

from typing import Any

import pytest
from django.test import Client

from digest import doubles, ingest
from digest.models import Entry, Identifier, IngestRun, Paper, Sighting
from tests.digest.conftest import found
from tests.digest.doubled import ARXIV, DOI, by_arxiv, by_both, by_doi, everything, joined, take_in, two_rows

pytestmark = pytest.mark.django_db
Verdict = IngestRun.Verdict


# --- Again, and on --------------------------------------------------------------------------


def test_joining_again_changes_nothing():
    stays, double = joined()
    before = everything()

    take_in(by_both(), days=2)
    assert everything() == before

    doubles.fold(double, stays)
    assert everything() == before


@pytest.mark.parametrize("name", [by_arxiv, by_doi])
def test_whatever_comes_under_either_name_later_is_of_the_paper_that_stays(name: Any):
    stays, _ = joined()

    take_in(name(upvotes=9, tldr="Short."), days=3)

    stays.refresh_from_db()
    assert stays.tldr == "Short."
    assert Sighting.objects.get(upvotes=9).paper == stays
    assert Paper.objects.count() == 2


def test_a_chain_of_doubles_ends_at_the_one_that_stays(client: Client):
    """A is B, and then B turns out to be C, which is of an earlier edition still."""
    middle, last = two_rows()
    take_in(by_both(), days=2)
    take_in(found("Sheep, first told", doi="10.1000/first"), days=-1)
    first = Paper.objects.get(title="Sheep, first told")

    take_in(found("Counting sheep", arxiv_id=ARXIV, doi="10.1000/first"), days=3)

    for double in (middle, last):
        double.refresh_from_db()
        assert double.same_as == first
        assert client.get(double.get_absolute_url())["Location"] == first.get_absolute_url()
    assert {name.paper for name in Identifier.objects.all()} == {first}
    assert [entry.paper for entry in Entry.objects.shown()] == [first]


def test_a_paper_may_turn_out_to_be_three():
    doi = [f"10.1000/{n}" for n in range(3)]
    take_in(found("One", arxiv_id=ARXIV), found("Two", doi=doi[1]), found("Three", doi=doi[2]))

    take_in(found("One", arxiv_id=ARXIV, doi=doi[1]), found("One", arxiv_id=ARXIV, doi=doi[2]), days=1)

    stays = Entry.objects.shown().get().paper
    assert {name.paper for name in Identifier.objects.all()} == {stays}
    assert Paper.objects.filter(same_as=stays).count() == 2


# --- Within one batch -----------------------------------------------------------------------


def test_new_papers_that_turn_out_to_be_one_within_a_batch_are_one_row():
    run = take_in(by_arxiv(upvotes=3), by_doi(abstract="We count."), by_both(tldr="Short."))

    paper = Paper.objects.get()
    assert (paper.abstract, paper.tldr) == ("We count.", "Short.")
    assert (run.found, run.added) == (1, 1)
    assert Entry.objects.count() == Sighting.objects.count() == 1
    assert set(Identifier.objects.values_list("scheme", flat=True)) == {"arxiv", "doi", "title"}


def test_a_new_paper_that_turns_out_to_be_an_old_one_within_a_batch_makes_no_row():
    take_in(by_arxiv())

    run = take_in(by_doi(abstract="We count."), by_both(), days=1)

    paper = Paper.objects.get()
    assert (run.added, run.changed, paper.abstract) == (0, 1, "We count.")
    assert {name.value for name in paper.identifiers.all()} > {ARXIV, DOI}
    assert Entry.objects.count() == 1


def test_a_replay_of_a_batch_that_joined_rows_changes_nothing():
    records = [by_arxiv(upvotes=3), by_doi(upvotes=4), by_both(upvotes=5), found("Goats")]
    take_in(*records)
    before = everything()

    run = take_in(*records)

    assert everything() == before
    assert (run.added, run.changed) == (0, 0)


def test_a_name_that_the_double_got_in_the_same_batch_goes_over_with_it():
    stays, _ = two_rows()

    take_in(by_doi("A third title"), by_both("A fourth title"), days=2)

    assert {name.paper for name in Identifier.objects.all()} == {stays}
    assert stays.identifiers.filter(scheme="title").count() == 4


@pytest.mark.parametrize("first", [by_arxiv, by_doi])
def test_one_moment_is_one_sighting_though_two_batches_saw_either_row(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, first: Any
):
    """The row that was seen in an earlier batch of the look has its sighting already."""
    two_rows()
    caplog.set_level("INFO")
    monkeypatch.setattr(ingest, "BATCH", 2)
    then = by_doi if first is by_arxiv else by_arxiv

    run = take_in(first(upvotes=1), found(), then(upvotes=2), by_both(upvotes=3), days=5)

    assert run.verdict == Verdict.COMPLETE
    assert "attempt" not in caplog.text  # it went at once, and was not saved by trying again in pieces
    assert Sighting.objects.filter(run=run, paper__same_as=None).exclude(upvotes=None).count() == 1
    assert Paper.objects.exclude(same_as=None).count() == 1
