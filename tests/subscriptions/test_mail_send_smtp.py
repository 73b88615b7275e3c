"""What becomes of a letter, told by a real SMTP conversation."""

import pytest

from subscriptions.mail import Line
from subscriptions.message import Message
from subscriptions.pieces import Body, Piece
from subscriptions.smtp import Outcome, Result
from tests.servers import free_port
from tests.subscriptions.postbox import HANG_UP, Postbox


def letter(to: str = "ada@example.org") -> Message:
    return Message(
        to, "Papers", Body([Piece.of("Papers of today")]), Body([Piece.of("<p>Papers of today</p>")]), {}
    )


def sent(*messages: Message) -> list[Result]:
    """The results of sending these over one line, as the workers do."""
    line, results = Line(), []
    try:
        for message in messages:
            line.ready()
            results.append(line.send(message))
    finally:
        line.close()
    return results


def test_what_the_server_took_is_accepted(postbox: Postbox):
    assert sent(letter()) == [Result(Outcome.ACCEPTED)]

    assert postbox.recipients == ["ada@example.org"]
    assert postbox.to() == ["ada@example.org"]


def test_many_letters_go_over_one_connection(postbox: Postbox):
    results = sent(*[letter(f"reader{n}@example.org") for n in range(5)])

    assert [result.outcome for result in results] == [Outcome.ACCEPTED] * 5
    assert postbox.connections == 1


@pytest.mark.parametrize("command", ["at_rcpt", "at_data"])
@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("451 4.7.1 greylisted, try again", Outcome.RETRY),
        ("452 4.2.2 mailbox full", Outcome.RETRY),
        ("550 5.1.1 no such user", Outcome.FAILED),
        ("554 5.7.1 refused", Outcome.FAILED),
    ],
)
def test_four_hundreds_are_this_moment_and_five_hundreds_for_good(postbox: Postbox, command, reply, outcome):
    setattr(postbox, command, [reply])

    [result] = sent(letter())

    assert result.outcome is outcome
    assert reply[:3] in result.reason
    assert not postbox.taken


def test_a_sender_the_server_cannot_take_now_is_tried_again(postbox: Postbox):
    postbox.at_mail = ["451 4.3.0 try again"]

    [result] = sent(letter())

    assert result.outcome is Outcome.RETRY


@pytest.mark.parametrize(
    "reply",
    [
        "530 5.7.0 authentication required",
        "550 5.7.1 sender not allowed",
        "554 5.7.0 quota of the day used up",
    ],
)
def test_a_refused_sender_is_no_readers_fault(postbox: Postbox, reply):
    """MAIL FROM names nobody but us: whatever is wrong with it is wrong for every reader."""
    postbox.at_mail = [reply]

    [result] = sent(letter())

    assert result.outcome is not Outcome.FAILED


def test_a_connection_that_breaks_in_mid_conversation_is_uncertain(postbox: Postbox):
    postbox.at_data = [HANG_UP]

    [result] = sent(letter())

    assert result.outcome is Outcome.UNCERTAIN
    assert postbox.offered, "the server had all of it: nobody knows whether it kept it"


def test_after_a_refusal_the_next_letter_goes_on(postbox: Postbox):
    postbox.at_rcpt = ["550 5.1.1 no such user", "250 OK"]

    first, second = sent(letter("nobody@example.org"), letter())

    assert (first.outcome, second.outcome) == (Outcome.FAILED, Outcome.ACCEPTED)


def test_after_a_broken_connection_the_next_letter_is_not_given_up(postbox: Postbox):
    """Nothing of it was ever offered, so it is surely not sent: accepted or tried again."""
    postbox.at_data = [HANG_UP]

    first, second = sent(letter(), letter("grace@example.org"))

    assert first.outcome is Outcome.UNCERTAIN
    assert second.outcome in (Outcome.ACCEPTED, Outcome.RETRY)
    assert (second.outcome is Outcome.ACCEPTED) == (postbox.to() == ["grace@example.org"])


@pytest.mark.parametrize("command", ["at_mail", "at_rcpt", "at_data"])
def test_a_server_that_closes_with_421_costs_the_next_letters_nothing(postbox: Postbox, command):
    """Many servers take so many letters a connection, then say 421 and close (RFC 5321, 3.8)."""
    setattr(postbox, command, ["250 OK", "421 4.7.0 too many letters, come again"])

    results = sent(letter(), letter("grace@example.org"), letter("mary@example.org"))

    assert [result.outcome for result in results[:2]] == [Outcome.ACCEPTED, Outcome.RETRY]
    assert results[2].outcome in (Outcome.ACCEPTED, Outcome.RETRY)


def test_a_server_that_is_not_there_is_met_before_anything_is_handed_over(postbox: Postbox, settings):
    settings.EMAIL_PORT = free_port()
    line = Line()

    with pytest.raises(OSError, match="refused"):
        line.ready()

    line.close()


def test_a_server_that_hung_up_between_two_letters_is_called_again(postbox: Postbox):
    """Idle connections are closed; the next letter must not be lost to that."""
    line = Line()
    line.ready()
    first = line.send(letter())
    postbox.hang_up()
    line.ready()
    second = line.send(letter("grace@example.org"))
    line.close()

    assert (first.outcome, second.outcome) == (Outcome.ACCEPTED, Outcome.ACCEPTED)
    assert postbox.connections == 2


def test_no_reason_holds_an_address(postbox: Postbox):
    postbox.at_rcpt = ["550 5.1.1 <ada@example.org>: no such user"]
    postbox.at_data = ["554 5.7.1 ada@example.org does not want this", HANG_UP]

    for result in sent(letter(), letter(), letter()):
        assert result.reason
        assert "@" not in result.reason
