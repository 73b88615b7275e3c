"""What an editor can do about a person: said first, done by a button, by who may, and noted."""

import json

import pytest
from django.contrib.admin.models import LogEntry

from subscriptions.models import Consent, Notice, Subscriber
from subscriptions.suppression import reasons, suppress
from tests.digest.conftest import make_delivery
from tests.factories import make_edition, make_paper, make_subscriber
from tests.subscriptions.admin.editors import LOOK, editor, url, words

pytestmark = pytest.mark.django_db

ACTS = {
    "ask": "change_subscriber",
    "unsubscribe": "change_subscriber",
    "revoke": "change_subscriber",
    "download": "export_subscriber",
    "erase": "erase_subscriber",
}
TYPED = {"erase": {"typed": "erase"}}


@pytest.fixture
def ada() -> Subscriber:
    return make_subscriber("ada@example.org", "retrieval, -survey", status="pending")


def act(browser, name: str, subscriber: Subscriber, **fields: str):
    return browser.post(
        url(f"subscriber_{name}", subscriber.pk), {**TYPED.get(name, {}), **fields}, follow=True
    )


@pytest.mark.parametrize(("name", "permission"), ACTS.items())
def test_an_act_is_open_to_just_who_may_do_it(ada, queued, name, permission):
    others = {LOOK, *ACTS.values(), "import_subscriber", "suppress_address"} - {permission}

    for browser in (editor(*others), editor(permission)):
        assert browser.get(url(f"subscriber_{name}", ada.pk)).status_code == 403
        assert act(browser, name, ada).status_code == 403
    assert Subscriber.objects.filter(status="pending", token_epoch=0).exists()
    assert not LogEntry.objects.exists()
    assert editor(LOOK, permission).get(url(f"subscriber_{name}", ada.pk)).status_code == 200


@pytest.mark.parametrize("name", ACTS)
def test_looking_at_the_page_of_an_act_does_nothing_but_say_what_it_does(ada, name):
    before = Subscriber.objects.values().get()
    browser = editor(LOOK, *set(ACTS.values()))

    text = words(browser.get(url(f"subscriber_{name}", ada.pk)))

    assert "ada@example.org" in text
    assert "<form" in text
    assert Subscriber.objects.values().get() == before
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("permission", [*set(ACTS.values())])
def test_a_persons_page_offers_what_this_editor_may_do(ada, permission):
    text = editor(LOOK, permission).get(url("subscriber_change", ada.pk)).content.decode()

    for name, needed in ACTS.items():
        assert (url(f"subscriber_{name}", ada.pk) in text) == (needed == permission)


def test_asking_owes_one_letter_and_sends_it(ada, queued, django_capture_on_commit_callbacks):
    browser = editor(LOOK, "change_subscriber")

    with django_capture_on_commit_callbacks(execute=True):
        text = words(act(browser, "ask", ada))

    notice = Notice.objects.get()
    assert (notice.letter, notice.ask.origin) == ("confirmation", "editor")  # type: ignore[union-attr]
    assert queued == [("subscriptions.tasks.send_notices", ([notice.pk],))]
    assert "The letter is on its way." in text
    assert "No letter is sent" in words(act(browser, "ask", ada)), "not twice a day"
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("status", ["active", "unsubscribed"])
def test_only_somebody_pending_is_asked(queued, status):
    mary = make_subscriber("mary@example.org", status=status)
    browser = editor(LOOK, "change_subscriber")

    assert "only somebody who is pending can be asked" in words(act(browser, "ask", mary))
    assert not Notice.objects.exists()
    assert url("subscriber_ask", mary.pk) not in words(browser.get(url("subscriber_change", mary.pk)))


def test_somebody_suppressed_is_not_asked(ada, queued):
    suppress("ada@example.org", "bounce")  # type: ignore[arg-type]

    assert "must not be mailed" in words(act(editor(LOOK, "change_subscriber"), "ask", ada))
    assert not Notice.objects.exists()


def test_unsubscribing_is_recorded_as_an_editors_and_writes_no_letter(queued):
    mary = make_subscriber("mary@example.org")

    text = words(act(editor(LOOK, "change_subscriber"), "unsubscribe", mary))

    mary.refresh_from_db()
    assert (mary.status, mary.next_digest_at) == ("unsubscribed", None)
    assert [*Consent.objects.values_list("kind", "origin")] == [("withdrawn", "editor")]
    assert "They get no more digests." in text
    assert not Notice.objects.exists()


def test_revoking_makes_old_links_worthless(ada):
    act(editor(LOOK, "change_subscriber"), "revoke", ada)

    ada.refresh_from_db()
    assert ada.token_epoch == 1


def test_a_download_is_all_that_is_held(ada):
    answer = act(editor(LOOK, "export_subscriber"), "download", ada)

    assert answer["Content-Disposition"] == f'attachment; filename="subscriber-{ada.pk}.json"'
    assert "no-store" in answer["Cache-Control"]
    told = json.loads(answer.content)
    assert told["subscriber"]["address"] == "ada@example.org"
    assert told["preferences"]["keywords"] == ["retrieval", "-survey"]


def test_erasing_wants_its_word_and_then_leaves_only_the_suppression(ada):
    browser = editor(LOOK, "erase_subscriber")

    text = words(browser.post(url("subscriber_erase", ada.pk), {"typed": "yes"}))
    assert "Nothing was done. Please type “erase”." in text
    assert Subscriber.objects.exists()
    text = words(browser.post(url("subscriber_erase", ada.pk), {"typed": " Erase "}, follow=True))

    assert "They are erased" in text
    assert not Subscriber.objects.exists()
    assert reasons("ada@example.org") == ["erased"]
    assert browser.get(url("subscriber_erase", ada.pk)).status_code == 404


@pytest.mark.parametrize("name", ACTS)
def test_every_act_is_noted_without_the_address(ada, queued, name):
    act(editor(LOOK, ACTS[name]), name, ada)

    [entry] = LogEntry.objects.all()
    assert entry.object_repr == f"subscriber {ada.pk}"
    assert entry.change_message
    assert "ada" not in entry.object_repr + entry.change_message


def test_a_persons_page_shows_their_digests_letters_and_consent(ada):
    Consent.objects.create(subscriber=ada, kind="asked", origin="import", detail={"platform": "listmonk"})
    Notice.objects.create(subscriber=ada, letter="confirmation", state="failed", reason="recipient refused")
    make_delivery(ada, make_edition(make_paper("Attention")))

    text = words(editor(LOOK).get(url("subscriber_change", ada.pk)))

    for shown in ("/papers/2025-09-26/", "on its way", "listmonk", "recipient refused", "retrieval"):
        assert shown in text


# --- many at once -----------------------------------------------------------------------


def choose(browser, action: str, *chosen: Subscriber, **fields: str):
    data = {"action": action, "_selected_action": [row.pk for row in chosen], **fields}
    return browser.post(url("subscriber_changelist"), data, follow=True)


def test_those_who_are_pending_are_asked_together_after_saying_how_many(
    ada, queued, django_capture_on_commit_callbacks
):
    mary = make_subscriber("mary@example.org")
    browser = editor(LOOK, "change_subscriber")

    text = words(choose(browser, "ask", ada, mary))
    assert "1 person is pending and gets one letter" in text
    assert "1 of those you chose is not pending" in text
    assert f'name="_selected_action" value="{ada.pk}"' in text
    assert not Notice.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        assert "1 letter on the way." in words(choose(browser, "ask", ada, mary, sure="1"))
    assert [notice.subscriber for notice in Notice.objects.all()] == [ada]
    assert len(queued) == 1


def test_all_of_a_long_list_can_be_asked_though_a_page_shows_some(ada, queued, monkeypatch):
    for number in range(60):
        make_subscriber(f"r{number}@example.org", status="pending")
    browser = editor(LOOK, "change_subscriber")

    text = words(choose(browser, "ask", ada, select_across="1"))
    assert "61 people are pending" in text
    assert 'name="select_across" value="1"' in text
    monkeypatch.setattr("subscriptions.admin.subscriber.ASKED_AT_ONCE", 50)
    assert "the 50 who have waited longest" in words(choose(browser, "ask", ada, select_across="1"))
    choose(browser, "ask", ada, select_across="1", sure="1")

    assert Notice.objects.count() == 50


def test_nobody_pending_is_nobody_to_ask():
    mary = make_subscriber("mary@example.org")

    assert "nobody to ask" in words(choose(editor(LOOK, "change_subscriber"), "ask", mary))


@pytest.mark.parametrize(
    ("action", "permission"), [("ask", "change_subscriber"), ("export_csv", "export_subscriber")]
)
def test_an_act_on_many_is_there_for_just_who_may_do_it(ada, queued, action, permission):
    without = editor(LOOK, *({*ACTS.values()} - {permission}))

    assert f'value="{action}"' not in words(without.get(url("subscriber_changelist")))
    answer = choose(without, action, ada, sure="1")

    assert answer["Content-Type"].startswith("text/html")
    assert not Notice.objects.exists()
    assert not LogEntry.objects.exists()
    assert f'value="{action}"' in words(editor(LOOK, permission).get(url("subscriber_changelist")))


def test_a_table_of_those_chosen_can_be_taken_out_and_is_safe_and_noted(ada):
    make_subscriber("mary@example.org")
    make_subscriber("=cmd@example.org", "-survey")
    browser = editor(LOOK, "export_subscriber")

    answer = choose(browser, "export_csv", *Subscriber.objects.exclude(email_key="mary@example.org"))

    text = answer.getvalue().decode()
    assert text.startswith("\ufeffemail,keywords,")
    assert len(text.splitlines()) == 3
    assert "'=cmd@example.org,'-survey," in text
    assert "mary" not in text
    [entry] = LogEntry.objects.all()
    assert (entry.object_repr, entry.change_message) == ("subscribers", "2 exported as CSV.")
