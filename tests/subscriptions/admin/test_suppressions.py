"""Suppressing and lifting by hand: by address, by who may, noted, and never too easy."""

import pytest
from django.contrib.admin.models import LogEntry

from subscriptions.models import Suppression
from subscriptions.suppression import reasons, suppress
from tests.factories import make_subscriber
from tests.subscriptions.admin.editors import LOOK, editor, url, words

pytestmark = pytest.mark.django_db

ADA = "ada@example.org"
MAY = (LOOK, "suppress_address")


@pytest.mark.parametrize("view", ["suppress", "lift"])
def test_it_is_open_to_just_who_may_do_it(view):
    suppress(ADA, Suppression.Reason.BOUNCE)
    post = {"address": ADA, "reason": "bounce", "sure": "1"}

    for browser in (editor(LOOK, "change_subscriber", "erase_subscriber"), editor("suppress_address")):
        assert browser.get(url(f"suppression_{view}")).status_code == 403
        assert browser.post(url(f"suppression_{view}"), post).status_code == 403
    assert reasons(ADA) == ["bounce"]
    assert editor(*MAY).get(url(f"suppression_{view}"), follow=True).status_code == 200


def test_an_address_is_suppressed_as_any_spelling_of_it_and_a_subscriber_stays():
    make_subscriber(ADA)
    browser = editor(*MAY)

    post = {"address": " ADA@Example.org ", "note": "asked on the phone"}
    text = words(browser.post(url("suppression_suppress"), post, follow=True))

    assert "not mailed from now on" in text
    row = Suppression.objects.get()
    assert (reasons(ADA), row.note) == (["manual"], "asked on the phone")
    [entry] = LogEntry.objects.all()
    assert entry.object_repr == str(row)
    assert "ada" not in entry.object_repr + entry.change_message
    assert "suppressed and gets no mail" in words(
        browser.post(url("subscriber_find"), {"q": ADA}, follow=True)
    )


@pytest.mark.parametrize(
    ("post", "told"),
    [
        ({"address": "ada"}, "the trouble is: no @"),
        ({"address": ""}, "This field is required."),
        ({"address": ADA, "note": "wrote from eve@example.org"}, "leave addresses out of the note"),
    ],
)
def test_what_is_typed_wrongly_is_told_and_nothing_done(post, told):
    text = words(editor(*MAY).post(url("suppression_suppress"), post))

    assert told in text
    assert not Suppression.objects.exists()


def test_an_address_looked_up_can_be_taken_over_into_the_form():
    browser = editor(*MAY)

    assert 'name="asked"' in words(browser.post(url("suppression_find"), {"q": ADA}))
    text = words(browser.post(url("suppression_suppress"), {"asked": "1", "address": ADA}))

    assert f'value="{ADA}"' in text
    assert not Suppression.objects.exists()


def test_who_may_only_look_is_offered_nothing_to_do():
    suppress(ADA, Suppression.Reason.BOUNCE)

    for address in (ADA, "eve@example.org"):
        text = words(editor(LOOK).post(url("suppression_find"), {"q": address}))
        assert "Lift" not in text
        assert "Suppress …" not in text


def test_lifting_asks_first_and_leaves_other_reasons():
    suppress(ADA, Suppression.Reason.BOUNCE)
    suppress(ADA, Suppression.Reason.MANUAL)
    browser = editor(*MAY)
    post = {"address": ADA, "reason": "bounce"}

    assert "may be mailed again, unless" in words(browser.post(url("suppression_lift"), post))
    assert reasons(ADA) == ["bounce", "manual"]
    text = words(
        browser.post(url("suppression_lift"), {**post, "sure": "1", "note": "works again"}, follow=True)
    )

    assert "Lifted. The address is still suppressed: by an editor." in text
    assert reasons(ADA) == ["manual"]
    [entry] = LogEntry.objects.all()
    assert entry.change_message == "Lifted: works again"
    assert entry.object_repr.endswith("(bounce)")
    assert "ada" not in entry.object_repr


@pytest.mark.parametrize("reason", ["erased", "complaint"])
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "Please type “lift”."),
        ({"typed": "lift"}, "Please say how they asked for this themselves."),
        ({"note": "they wrote a letter"}, "Please type “lift”."),
        ({"note": "they wrote", "typed": "yes"}, "Please type “lift”."),
        ({"note": "from eve@example.org", "typed": "lift"}, "leave addresses out of the note"),
    ],
)
def test_what_somebody_said_themselves_is_not_lifted_lightly(reason, typed, told):
    suppress(ADA, Suppression.Reason(reason))

    post = {"address": ADA, "reason": reason, "sure": "1", **typed}
    text = words(editor(*MAY).post(url("suppression_lift"), post))

    assert told in text
    assert reasons(ADA) == [reason]
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("reason", ["erased", "complaint"])
def test_what_somebody_said_themselves_is_lifted_with_a_word_and_a_reason_that_is_kept(reason):
    suppress(ADA, Suppression.Reason(reason))

    post = {"address": ADA, "reason": reason, "sure": "1", "typed": "Lift", "note": "they wrote a letter"}
    text = words(editor(*MAY).post(url("suppression_lift"), post, follow=True))

    assert "Lifted. The address may be mailed again" in text
    assert reasons(ADA) == []
    assert LogEntry.objects.get().change_message == "Lifted: they wrote a letter"


@pytest.mark.parametrize(
    "post", [{}, {"address": ADA, "reason": "spite"}, {"address": "x", "reason": "bounce"}]
)
def test_a_form_that_was_tampered_with_does_nothing(post):
    suppress(ADA, Suppression.Reason.BOUNCE)

    answer = editor(*MAY).post(url("suppression_lift"), {**post, "sure": "1"})

    assert answer.status_code == 302
    assert reasons(ADA) == ["bounce"]


def test_lifting_what_is_not_suppressed_says_so():
    post = {"address": ADA, "reason": "bounce", "sure": "1"}

    text = words(editor(*MAY).post(url("suppression_lift"), post, follow=True))

    assert "was not suppressed for this reason" in text
