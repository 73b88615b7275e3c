"""The whole way of a reader: asking, saying yes, changing, leaving, coming back, being forgotten."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from django.utils import timezone
from playwright.sync_api import expect

from digest import delivery, dispatch
from subscriptions.models import Consent, Subscriber, Suppression
from tests.browser.conftest import Visiting
from tests.browser.inspection import measured
from tests.browser.visits import Visit, letters_to, link_to
from tests.factories import make_edition, make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HERE, THERE = "ada@example.org", "ada@new.example"

views = pytest.mark.parametrize(
    ("width", "dark", "javascript"),
    [(320, False, True), (320, True, False), (1280, False, False), (1280, True, True)],
    ids=["phone, light", "phone, dark, no script", "desktop, light, no script", "desktop, dark"],
)


def ada() -> Subscriber:
    return Subscriber.objects.get()


def arrive(visit: Visit, heading: str) -> None:
    expect(visit.page.locator("h1")).to_have_text(heading)
    assert measured(visit.page) == []


def done(visit: Visit, words: str) -> None:
    expect(visit.page.get_by_role("status")).to_have_text(words)
    assert measured(visit.page) == []


def sign_up(visit: Visit, keywords: str) -> None:
    visit.go("/subscribe/")
    visit.fill(email=HERE, keywords=keywords)
    visit.press()
    arrive(visit, "Look into your inbox")


def say_yes(visit: Visit) -> None:
    visit.go(link_to(HERE, "confirm"))
    arrive(visit, "One press and you are in")
    visit.press()
    arrive(visit, "Welcome to Paper Round")
    assert ada().status == Subscriber.Status.ACTIVE


def to_preferences(visit: Visit, address: str) -> None:
    """By a link that is mailed on request."""
    visit.go("/manage/")
    visit.fill(email=address)
    visit.press()
    arrive(visit, "Look into your inbox")
    visit.go(link_to(address, "preferences"))
    arrive(visit, "Your preferences")


@views
def test_a_reader_signs_up_changes_everything_and_takes_the_data_along(
    visit: Visiting, width: int, dark: bool, javascript: bool
):
    make_edition(make_paper("Retrieval study", upvotes=3))
    here = visit(width=width, dark=dark, javascript=javascript)
    sign_up(here, "retrieval, -survey")
    say_yes(here)
    assert str(ada().time_zone) == ("Europe/Berlin" if javascript else "UTC")
    delivery.deliver(dispatch.plan([ada().pk]))

    here.go(link_to(HERE, "preferences"))
    arrive(here, "Your preferences")
    changes_the_wish(here)
    pauses_and_goes_on(here)
    reads_the_history_and_takes_a_copy(here)
    moves(here)
    revokes_the_links(here)


def changes_the_wish(here: Visit) -> None:
    here.fill(keywords="diffusion, robots, -survey", time_zone="tokyo")
    here.choose(cadence="weekly", weekday="2", hour="17", size="5", thin_day="fill", language="de")
    here.press("wish")
    expect(here.page.get_by_role("status")).to_have_text("Gespeichert.")
    assert here.page.locator("html").get_attribute("lang") == "de"
    changed = ada()
    assert [str(keyword) for keyword in changed.keywords.all()] == ["diffusion", "robots", "-survey"]
    assert (changed.cadence, changed.weekday, changed.hour, changed.size, changed.thin_day) == (
        "weekly",
        2,
        17,
        5,
        "fill",
    )
    assert str(changed.time_zone) == "Asia/Tokyo"
    here.choose(language="en")
    here.press("wish")
    done(here, "Saved.")
    expect(here.field("keywords")).to_have_value("diffusion, robots, -survey")


def pauses_and_goes_on(here: Visit) -> None:
    day = timezone.now() + timedelta(days=30)
    here.fill(until=f"{day:%Y-%m-%d}")
    here.press("pause")
    done(here, "Paused.")
    paused = ada()
    assert paused.paused_until
    assert paused.next_digest_at
    assert paused.next_digest_at >= paused.paused_until > timezone.now() + timedelta(days=27)
    here.press("resume")
    done(here, "Your digests go on.")
    assert ada().paused_until is None


def reads_the_history_and_takes_a_copy(here: Visit) -> None:
    [entry] = here.page.locator(".history a").all()
    address = here.page.url
    entry.click()
    arrive(here, "Friday, 26 September 2025")
    here.go(address)
    with here.page.expect_download() as started:
        here.page.locator("form[action$='/export/'] button").click()
    told = json.loads(Path(started.value.path()).read_text(encoding="utf-8"))
    assert started.value.suggested_filename == "paper-round.json"
    assert told["subscriber"]["address"] == HERE
    assert told["preferences"]["keywords"] == ["diffusion", "robots", "-survey"]
    assert [paper["title"] for digest in told["digests"] for paper in digest["papers"]] == ["Retrieval study"]


def moves(here: Visit) -> None:
    before = here.page.url
    here.fill(new__email=THERE)
    here.press("address")
    done(
        here,
        "Look into the inbox of the new address: the button behind the link there makes the change.",
    )
    assert ada().email == HERE, "nothing changes before the new address has said yes"
    here.go(link_to(THERE, "address"))
    arrive(here, "Digests at this address?")
    here.press()
    arrive(here, "Your digests come here from now on")
    assert ada().email == THERE
    assert letters_to(HERE)[0].subject == "Your digests now go to another address"
    here.go(before)
    arrive(here, "This link does not work")


def revokes_the_links(here: Visit) -> None:
    to_preferences(here, THERE)
    before = here.page.url
    here.press("links")
    arrive(here, "All older links are worthless now")
    here.go(before)
    arrive(here, "This link does not work")
    to_preferences(here, THERE)


def test_nobody_takes_the_digests_of_another_away_for_good(visit: Visiting):
    """Somebody reads Ada's mails, moves her digests away, and revokes every link."""
    here = visit(javascript=False)
    sign_up(here, "retrieval")
    say_yes(here)
    to_preferences(here, HERE)
    here.fill(new__email=THERE)
    here.press("address")
    question = link_to(THERE, "address")
    here.go(question)
    here.press()
    arrive(here, "Your digests come here from now on")
    here.go(question)
    expect(here.page.get_by_text("That is done already.")).to_be_visible()
    to_preferences(here, THERE)
    here.press("links")

    way_back = link_to(HERE, "address")
    here.go(way_back)
    arrive(here, "Bring the digests back here?")
    here.press()
    arrive(here, "Your digests come here from now on")
    assert (ada().email, ada().status) == (HERE, Subscriber.Status.ACTIVE)
    here.go(question)
    arrive(here, "This link does not work")
    here.go(way_back)
    expect(here.page.get_by_text("That is done already.")).to_be_visible()


@views
def test_a_reader_leaves_comes_back_and_is_forgotten(
    visit: Visiting, width: int, dark: bool, javascript: bool
):
    make_edition(make_paper("Retrieval study", upvotes=3))
    here = visit(width=width, dark=dark, javascript=javascript)
    sign_up(here, "retrieval")
    say_yes(here)
    letters_to(HERE)
    delivery.deliver(dispatch.plan([ada().pk]))
    way_out = str(letters_to(HERE)[0].parsed["List-Unsubscribe"]).strip(" <>")

    here.go(way_out)
    arrive(here, "Unsubscribe?")
    here.choose(reason="no_time")
    here.press("leave")
    arrive(here, "You are unsubscribed")
    assert ada().status == Subscriber.Status.UNSUBSCRIBED
    withdrawn = Consent.objects.get(kind=Consent.Kind.WITHDRAWN)
    assert (withdrawn.detail["reason"], withdrawn.origin) == ("no_time", Consent.Origin.PAGE)
    assert letters_to(HERE)[0].subject == "You are unsubscribed from Paper Round"

    here.press("undo")
    arrive(here, "Welcome back")
    assert ada().status == Subscriber.Status.ACTIVE

    here.go(way_out)
    here.press("fewer")
    arrive(here, "Fewer mails from now on")
    assert (ada().cadence, ada().weekday, ada().size) == ("weekly", 0, 5)

    one_click(way_out)
    here.go(way_out)
    arrive(here, "You are unsubscribed already")

    sign_up(here, "robots, -survey")
    assert ada().status == Subscriber.Status.UNSUBSCRIBED, "until their yes they stay as they are"
    assert [str(keyword) for keyword in ada().keywords.all()] == ["retrieval"]
    say_yes(here)
    assert [str(keyword) for keyword in ada().keywords.all()] == ["robots", "-survey"]

    is_forgotten(here, way_out)


def one_click(way_out: str) -> None:
    """As a mail program presses: no cookie, no page, no redirect (RFC 8058)."""
    answer = requests.post(way_out, data={"List-Unsubscribe": "One-Click"}, timeout=10, allow_redirects=False)
    assert answer.status_code == 200
    assert ada().status == Subscriber.Status.UNSUBSCRIBED
    assert Consent.objects.last().origin == Consent.Origin.ONE_CLICK  # type: ignore[union-attr]


def is_forgotten(here: Visit, way_out: str) -> None:
    to_preferences(here, HERE)
    here.page.locator("#leave + ul a").last.click()
    arrive(here, "Erase everything?")
    here.press()
    arrive(here, "Everything is erased")
    assert not Subscriber.objects.exists()
    assert Suppression.objects.get().reason == Suppression.Reason.ERASED

    here.go(way_out)
    arrive(here, "You are not subscribed")
    came = len(letters_to(HERE))
    sign_up(here, "retrieval")
    assert len(letters_to(HERE)) == came, "an erased address gets nothing"
    assert not Subscriber.objects.exists()
