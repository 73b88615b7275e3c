"""Two rows that turn out to be one paper: one stays, the other is shown nowhere and leads to it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from digest import dispatch, doubles, editions
from digest.delivery import deliver
from digest.dispatch import Table
from digest.letter import digest_of
from digest.models import Delivery, Edition, Entry, Paper, Sighting, Vote
from tests.digest.conftest import NOON, found, make_delivery
from tests.digest.doubled import (
    ARXIV,
    DOI,
    ONE_DAY,
    by_arxiv,
    by_both,
    by_doi,
    joined,
    publish_all,
    take_in,
    two_rows,
)
from tests.factories import DAY, make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.django_db
UPVOTE, MORE, LESS = Vote.Kind.UPVOTE, Vote.Kind.MORE, Vote.Kind.LESS


# --- Which stays ----------------------------------------------------------------------------


def test_a_record_that_names_two_rows_makes_them_one():
    stays, double = joined()

    assert (double.same_as, stays.same_as) == (stays, None)
    assert set(stays.identifiers.values_list("scheme", flat=True)) == {"arxiv", "doi", "title"}
    assert not double.identifiers.exists()
    assert Paper.objects.count() == Entry.objects.count() == 2  # no third


@pytest.mark.parametrize("swap", [False, True])
def test_the_paper_of_the_earlier_edition_stays(swap: bool):
    """Whoever had that edition is not to get it once more; which row is older does not matter."""
    one, other = (by_doi(), by_arxiv()) if swap else (by_arxiv(), by_doi())
    take_in(one, days=1)
    take_in(other)
    later, earlier = Paper.objects.order_by("pk")

    take_in(by_both(), days=2)

    later.refresh_from_db()
    assert later.same_as == earlier


def test_a_paper_that_has_an_edition_stays_before_one_that_has_none():
    bare = make_paper("On counting sheep", arxiv_id=ARXIV)
    take_in(by_doi())

    take_in(by_both())

    bare.refresh_from_db()
    assert bare.same_as == Paper.objects.get(identifiers__value=DOI)


def test_a_paper_that_was_published_stays_before_one_of_an_earlier_edition_that_was_not():
    """Somebody has had it; the other is still to be mailed."""
    mailed = make_paper(arxiv_id="2509.77001")
    make_edition(mailed, day=DAY)
    waiting = make_paper(arxiv_id="2509.77002")
    make_edition(waiting, day=DAY - timedelta(days=2), published=False)

    assert doubles.first_of([waiting.pk, mailed.pk]) == mailed.pk


def test_one_record_with_a_mistyped_doi_does_not_make_two_works_one():
    stars = make_paper("On the light of stars", arxiv_id=ARXIV, authors=["Cecilia Payne"])
    take_in(by_doi())

    take_in(found("On the light of stars", arxiv_id=ARXIV, doi=DOI, authors=("Cecilia Payne",)))

    stars.refresh_from_db()
    assert stars.same_as is None
    assert not Paper.objects.exclude(same_as=None).exists()


def test_of_two_papers_without_an_edition_the_older_row_stays():
    older, newer = make_paper(), make_paper()

    assert doubles.first_of([newer.pk, older.pk]) == older.pk


def test_what_the_double_tells_more_goes_over():
    stays, _ = two_rows(
        then=by_doi(abstract="We count.", code_url="https://code.example.org", withdrawn=True)
    )

    run = take_in(by_both(tldr="Short."), days=2)

    stays.refresh_from_db()
    assert (stays.abstract, stays.code_url, stays.tldr) == ("We count.", "https://code.example.org", "Short.")
    assert stays.withdrawn
    assert stays.title == "Counting sheep"
    assert (run.added, run.changed) == (0, 1)


def test_a_title_alone_joins_nothing():
    """Two papers may have one title; only names that somebody gave prove anything."""
    take_in(by_arxiv("Sheep"), found("Goats", doi=DOI))

    take_in(found("Goats", arxiv_id=ARXIV))

    assert not Paper.objects.exclude(same_as=None).exists()


# --- What goes over -------------------------------------------------------------------------


def test_sightings_go_over_and_those_of_one_moment_are_one():
    stays, double = two_rows()
    for paper, upvotes, hours in [(stays, 5, 1), (stays, 6, 2), (double, 50, 2), (double, 60, 3)]:
        Sighting.objects.create(
            paper=paper, source="hub", seen_at=NOON + hours * timedelta(hours=1), upvotes=upvotes
        )

    take_in(by_both(), days=2)

    hub = Sighting.objects.filter(source="hub").order_by("seen_at")
    assert list(hub.values_list("paper", "upvotes")) == [(stays.pk, 5), (stays.pk, 6), (stays.pk, 60)]


def test_votes_go_over_and_everybody_keeps_one_of_each_kind():
    stays, double = two_rows()
    both, torn, late = make_subscriber(), make_subscriber(), make_subscriber()
    for who, paper, kind in [
        (both, stays, UPVOTE),
        (both, double, UPVOTE),
        (both, double, MORE),
        (torn, stays, MORE),
        (torn, double, LESS),
        (late, double, UPVOTE),
        (late, double, LESS),
    ]:
        Vote.objects.create(subscriber=who, paper=paper, kind=kind)

    take_in(by_both(), days=2)

    assert set(Vote.objects.values_list("subscriber", "paper", "kind")) == {
        (both.pk, stays.pk, UPVOTE),
        (both.pk, stays.pk, MORE),
        (torn.pk, stays.pk, MORE),
        (late.pk, stays.pk, UPVOTE),
        (late.pk, stays.pk, LESS),
    }


def test_what_an_editor_did_to_the_double_goes_over_while_the_edition_is_open():
    stays, double = two_rows()
    Entry.objects.filter(paper=double).update(note="Read this.", pin=1)

    take_in(by_both(), days=2)

    assert Entry.objects.filter(paper=stays).values("note", "pin").get() == {"note": "Read this.", "pin": 1}


@pytest.mark.parametrize("done", [{"note": "Mine."}, {"pin": 3}, {"hidden": True}])
def test_what_an_editor_did_to_the_paper_that_stays_counts_more(done: dict[str, Any]):
    stays, double = two_rows()
    Entry.objects.filter(paper=double).update(note="Theirs.", pin=1)
    Entry.objects.filter(paper=stays).update(**done)

    take_in(by_both(), days=2)

    untouched = {"note": "", "pin": None, "hidden": False}
    assert Entry.objects.filter(paper=stays).values(*untouched).get() == untouched | done


def test_a_published_edition_stays_as_its_editors_left_it():
    stays, double = two_rows()
    editions.publish(Edition.objects.get(date=DAY))
    Entry.objects.filter(paper=double).update(note="Read this.")

    take_in(by_both(), days=2)

    assert Entry.objects.get(paper=stays).note == ""


# --- Where it is no longer ------------------------------------------------------------------


def test_the_double_is_shown_nowhere():
    stays, double = joined(publish=True)

    assert [entry.paper for entry in Entry.objects.shown()] == [stays]
    assert Entry.objects.filter(paper=double).exists()  # the list of that day is as it was


def test_the_double_is_not_on_its_days_page(client: Client):
    joined(publish=True)

    assert b"Counting sheep" in client.get("/papers/2025-09-26/").content
    page = client.get("/papers/2025-09-27/")
    assert b"counting of sheep" not in page.content


def test_the_page_of_the_double_leads_to_the_other(client: Client):
    stays, double = joined()

    response = client.get(double.get_absolute_url())
    assert (response.status_code, response["Location"]) == (301, stays.get_absolute_url())
    for name in (ARXIV, DOI):
        response = client.get(f"/paper/{name}/", follow=True)
        assert response.status_code == 200
        assert response.context["paper"] == stays


def test_the_double_is_no_candidate_for_a_digest():
    stays, _ = joined(publish=True)

    assert [one.id for day in Table.load().days for one in day.candidates] == [stays.pk]


def test_a_reader_of_both_days_gets_it_once():
    stays, _ = joined(publish=True)
    dispatch.plan([make_subscriber(keywords="sheep").pk])

    assert [pick["paper"] for pick in Delivery.objects.get().picks] == [stays.pk]


def test_a_letter_that_was_planned_leaves_the_double_out():
    stays, double = two_rows()
    publish_all()
    reader = make_subscriber()
    planned = make_delivery(reader, Edition.objects.get(date=DAY), stays, double)

    take_in(by_both(), days=2)

    assert [shown.title for shown, _ in digest_of(planned, reader).papers] == ["Counting sheep"]


def test_a_letter_of_nothing_but_the_double_is_not_sent():
    _, double = two_rows()
    publish_all()
    planned = make_delivery(make_subscriber(), Edition.objects.get(date=DAY + ONE_DAY), double)

    take_in(by_both(), days=2)
    deliver([planned.pk])

    planned.refresh_from_db()
    assert planned.state == Delivery.State.EXCLUDED


def test_an_edition_of_nothing_but_doubles_is_not_published():
    joined()

    with pytest.raises(editions.NothingToPublish):
        editions.publish(Edition.objects.get(date=DAY + ONE_DAY))
