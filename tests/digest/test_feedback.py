"""What readers say of papers: kept once, taken back, and turned into factors within bounds."""

from datetime import timedelta

import pytest

from digest import dispatch, feedback
from digest.models import Delivery, Paper, Vote
from digest.shelf import Day, shelf
from subscriptions.models import Subscriber
from tests.digest.conftest import steps_of
from tests.factories import DAY, make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.django_db
MORE, LESS = Vote.Kind.MORE, Vote.Kind.LESS
SHEEP = "We count sheep on green hills, their wool and their lambs."


def opinions(subscriber: Subscriber) -> dict[int, str]:
    return dict(Vote.objects.filter(subscriber=subscriber).values_list("paper_id", "kind"))


def published(*papers: Paper) -> tuple[Day, ...]:
    make_edition(*papers, day=DAY)
    return shelf.fetch().days


def leans(subscriber: Subscriber, days: tuple[Day, ...]) -> dict[int, float]:
    return feedback.leans([subscriber], {subscriber.pk: days}).get(subscriber.pk, {})


# --- Said -----------------------------------------------------------------------------------


def test_the_last_opinion_counts_and_saying_it_twice_changes_nothing():
    reader, paper = make_subscriber(), make_paper()

    feedback.say(reader, paper, MORE)
    feedback.say(reader, paper, MORE)
    assert opinions(reader) == {paper.pk: MORE}
    feedback.say(reader, paper, LESS)
    assert opinions(reader) == {paper.pk: LESS}


def test_an_upvote_is_no_opinion_and_stays():
    reader, paper = make_subscriber(), make_paper()
    Vote.objects.create(subscriber=reader, paper=paper, kind=Vote.Kind.UPVOTE)
    feedback.say(reader, paper, LESS)

    feedback.take_back(reader, paper)
    assert opinions(reader) == {paper.pk: Vote.Kind.UPVOTE}
    assert feedback.reset(reader) == 0
    with pytest.raises(AssertionError):
        feedback.say(reader, paper, Vote.Kind.UPVOTE)


def test_taking_back_forgets_one_and_resetting_all_of_ones_own():
    reader, other = make_subscriber(), make_subscriber()
    papers = [make_paper() for _ in range(3)]
    for paper in papers:
        feedback.say(reader, paper, MORE)
        feedback.say(other, paper, LESS)

    feedback.take_back(reader, papers[0])
    feedback.take_back(reader, papers[0])
    assert opinions(reader) == {papers[1].pk: MORE, papers[2].pk: MORE}
    assert feedback.reset(reader) == 2
    assert opinions(reader) == {}
    assert len(opinions(other)) == 3


def test_opinions_are_told_newest_first():
    reader, first, second = make_subscriber(), make_paper("First"), make_paper("Second")
    feedback.say(reader, first, MORE)
    feedback.say(reader, second, LESS)
    Vote.objects.filter(paper=first).update(at=Vote.objects.get(paper=second).at - timedelta(days=1))

    assert [vote.paper.title for vote in feedback.opinions(reader)] == ["Second", "First"]


# --- Made of it -----------------------------------------------------------------------------


def test_more_raises_what_is_near_and_less_lowers_it():
    liked = make_paper("Sheep", abstract=SHEEP)
    near, far = make_paper("Lambs", abstract=SHEEP), make_paper("Transistors", abstract="Silicon switches.")
    days = published(near, far)
    fan, foe, nobody = make_subscriber(), make_subscriber(), make_subscriber()
    feedback.say(fan, liked, MORE)
    feedback.say(foe, liked, LESS)

    assert leans(fan, days) == {near.pk: 2.0}
    assert leans(foe, days) == {near.pk: 0.25}
    assert leans(nobody, days) == {}


def test_both_on_the_same_cancel_each_other_and_many_do_not_add_up():
    near = make_paper("Lambs", abstract=SHEEP)
    days = published(near)
    reader = make_subscriber()
    for _ in range(5):
        feedback.say(reader, make_paper("Sheep", abstract=SHEEP), MORE)
    assert leans(reader, days) == {near.pk: 2.0}

    for _ in range(5):
        feedback.say(reader, make_paper("Sheep", abstract=SHEEP), LESS)
    assert leans(reader, days) == {near.pk: 1.25}


def test_of_many_opinions_the_newest_count(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(feedback, "REMEMBERED", 2)
    near = make_paper("Lambs", abstract=SHEEP)
    days = published(near)
    reader = make_subscriber()
    feedback.say(reader, make_paper("Sheep", abstract=SHEEP), MORE)
    assert leans(reader, days) == {near.pk: 2.0}

    for n in range(2):
        feedback.say(reader, make_paper(f"Transistors {n}", abstract="Silicon switches."), MORE)
    assert leans(reader, days) == {}


def test_what_was_reset_moves_nothing_any_more():
    near = make_paper("Lambs", abstract=SHEEP)
    days = published(near)
    reader = make_subscriber()
    feedback.say(reader, make_paper("Sheep", abstract=SHEEP), MORE)
    feedback.reset(reader)

    assert leans(reader, days) == {}


def test_two_queries_tell_it_for_all_people_and_one_where_nobody_said_anything():
    days = published(*(make_paper() for _ in range(5)))
    readers = [make_subscriber() for _ in range(20)]
    unseen = {reader.pk: days for reader in readers}
    assert steps_of(lambda: feedback.leans(readers, unseen)) == 1

    for reader in readers:
        for _ in range(3):
            feedback.say(reader, make_paper(), MORE)
    assert steps_of(lambda: feedback.leans(readers, unseen)) == 2


def test_a_digest_puts_what_is_like_the_liked_first_and_says_so():
    liked = make_paper("Sheep", abstract=SHEEP)
    near = make_paper("A study of lambs", abstract=SHEEP, upvotes=1)
    far = make_paper("A study of transistors", abstract="Silicon switches.", upvotes=9)
    make_edition(far, near)
    reader, other = make_subscriber(keywords="study"), make_subscriber(keywords="study")
    feedback.say(reader, liked, MORE)

    dispatch.plan([reader.pk, other.pk])

    mine, theirs = (Delivery.objects.get(subscriber=one).picks for one in (reader, other))
    assert [pick["paper"] for pick in mine] == [near.pk, far.pk]
    assert [pick.get("liked", False) for pick in mine] == [True, False]
    assert [pick["paper"] for pick in theirs] == [far.pk, near.pk]
