"""More like this, less like this: the page behind the links in a letter."""

import pytest
from django.test import Client

from digest import feedback
from digest.models import Paper, Vote
from subscriptions.models import Subscriber
from subscriptions.tokens import Purpose
from tests.factories import make_edition, make_paper, make_subscriber
from tests.subscriptions.links import path_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> Subscriber:
    return make_subscriber("ada@example.org", "retrieval")


@pytest.fixture
def paper() -> Paper:
    return make_paper("A study of retrieval")


def path(reader: Subscriber) -> str:
    return path_of(Purpose.FEEDBACK, reader)


def opinions(reader: Subscriber) -> list[tuple[str, str]]:
    return [(vote.paper.title, vote.kind) for vote in feedback.opinions(reader)]


@pytest.mark.parametrize("meant", ["more", "less", "nonsense", ""])
def test_a_link_asks_about_its_paper_and_changes_nothing(
    client: Client, reader: Subscriber, paper: Paper, meant: str
):
    text = client.get(f"{path(reader)}?paper={paper.public_id}&say={meant}").content.decode()

    assert "A study of retrieval" in text
    more, less = text.index('value="more"'), text.index('value="less"')
    quiet = ["quiet" in text[at : at + 30] for at in (more, less)]
    assert quiet == ([True, False] if meant == "less" else [False, True])
    assert opinions(reader) == []


@pytest.mark.parametrize(("said", "told"), [("more", "come sooner"), ("less", "come later")])
def test_a_button_says_it_and_saying_it_twice_is_saying_it_once(
    client: Client, reader: Subscriber, paper: Paper, said: str, told: str
):
    for _ in range(2):
        answer = client.post(path(reader), {"paper": paper.public_id, "say": said})
        assert told in answer.content.decode()

    assert opinions(reader) == [("A study of retrieval", said)]


def test_another_opinion_takes_the_place_of_the_first(client: Client, reader: Subscriber, paper: Paper):
    for said in ("more", "less"):
        client.post(path(reader), {"paper": paper.public_id, "say": said})

    assert opinions(reader) == [("A study of retrieval", "less")]


def test_one_opinion_can_be_taken_back(client: Client, reader: Subscriber, paper: Paper):
    other = make_paper("Another study")
    for one in (paper, other):
        feedback.say(reader, one, Vote.Kind.MORE)

    answer = client.post(path(reader), {"paper": paper.public_id, "say": "nothing"})

    assert "Forgotten: this paper" in answer.content.decode()
    assert opinions(reader) == [("Another study", "more")]


def test_all_of_it_can_be_forgotten_and_nobody_elses(client: Client, reader: Subscriber, paper: Paper):
    stranger = make_subscriber("mary@example.org")
    for one in (reader, stranger):
        feedback.say(one, paper, Vote.Kind.LESS)
    Vote.objects.create(subscriber=reader, paper=paper, kind=Vote.Kind.UPVOTE)

    assert "Forgotten: 1 paper." in client.post(path(reader), {"say": "reset"}).content.decode()
    assert "nothing to forget" in client.post(path(reader), {"say": "reset"}).content.decode()

    assert (opinions(reader), opinions(stranger)) == ([], [("A study of retrieval", "less")])
    assert Vote.objects.filter(kind=Vote.Kind.UPVOTE).count() == 1  # a vote is no opinion


@pytest.mark.parametrize("named", ["2509.99999", "x" * 5_000, "\0", "../admin/"])
def test_a_paper_nobody_knows_is_told_so_and_what_was_said_is_still_there(
    client: Client, reader: Subscriber, paper: Paper, named: str
):
    feedback.say(reader, paper, Vote.Kind.MORE)

    looked = client.get(path(reader), {"paper": named})
    pressed = client.post(path(reader), {"paper": named, "say": "more"})

    assert (looked.status_code, pressed.status_code) == (404, 422)
    assert "We do not know this paper" in looked.content.decode()
    assert opinions(reader) == [("A study of retrieval", "more")]


@pytest.mark.parametrize("said", ["", "everything", "upvote", "MORE"])
def test_what_no_button_says_changes_nothing(client: Client, reader: Subscriber, paper: Paper, said: str):
    answer = client.post(path(reader), {"paper": paper.public_id, "say": said})

    assert answer.status_code == 422
    assert opinions(reader) == []


def test_what_is_said_of_a_double_is_said_of_the_paper(client: Client, reader: Subscriber, paper: Paper):
    double = make_paper("The same study", same_as=paper)

    client.post(path(reader), {"paper": double.public_id, "say": "more"})

    assert opinions(reader) == [("A study of retrieval", "more")]


def test_a_hostile_title_is_text(client: Client, reader: Subscriber):
    paper = make_paper("<script>alert(1)</script> {{ braces }}")
    feedback.say(reader, paper, Vote.Kind.MORE)

    text = client.get(f"{path(reader)}?paper={paper.public_id}").content.decode()

    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt; {{ braces }}") >= 2


def test_it_speaks_german(client: Client, paper: Paper):
    reader = make_subscriber("ada@example.org", language="de")

    answer = client.post(path(reader), {"paper": paper.public_id, "say": "less"})

    assert "Weniger davon" in answer.content.decode()


def test_the_preferences_lead_there(client: Client, reader: Subscriber, paper: Paper):
    text = client.get(path_of(Purpose.PREFERENCES, reader)).content.decode()
    [link] = [part.split('"')[0] for part in text.split('href="') if part.startswith("/feedback/")]

    assert client.get(link).status_code == 200


def test_the_papers_page_tells_what_its_score_is_made_of(client: Client):
    paper = make_paper("A study", upvotes=41)
    make_edition(paper)

    text = client.get(paper.get_absolute_url()).content.decode()

    assert "How it came to its place" in text
    assert '<th scope="row">upvotes</th>' in text
    assert "How it came" not in client.get(make_paper().get_absolute_url()).content.decode()
