"""The person's side by keyboard alone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from subscriptions.models import Consent, Subscriber
from subscriptions.tokens import Purpose
from tests.browser.conftest import Visiting
from tests.browser.keyboard import Keyboard
from tests.browser.visits import letters_to, link_to
from tests.factories import make_edition, make_paper, make_subscriber
from tests.subscriptions.links import path_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HERE, THERE = "ada@example.org", "ada@new.example"


def ada() -> Subscriber:
    return Subscriber.objects.get()


@pytest.mark.parametrize("path", ["/", "/subscribe/", "/manage/"])
def test_the_first_stop_skips_to_the_content(visit: Visiting, path: str):
    here = visit(width=320)
    here.go(path)
    keys = Keyboard(here.page)

    first = keys.tab()
    assert first is not None
    assert first["what"] == "A Skip to the content"
    keys.press("Enter")
    keys.tab()
    assert here.page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize(
    ("width", "dark"), [(320, True), (1280, False)], ids=["phone, dark", "desktop, light"]
)
def test_every_control_can_be_reached_and_seen(visit: Visiting, width: int, dark: bool):
    here = visit(width=width, dark=dark)
    here.go(path_of(Purpose.PREFERENCES, make_subscriber(HERE, "retrieval")))
    keys = Keyboard(here.page)
    controls = here.page.locator("input:not([type=hidden]), select, button, a").count()

    # A date has a stop for each of its parts.
    reached = []
    while (stop := keys.tab()) is not None:
        reached.append(stop["place"])

    assert reached == sorted(reached)
    assert len(set(reached)) == controls


def test_signing_up_with_a_wish_of_ones_own(visit: Visiting):
    make_edition(make_paper("Retrieval study", upvotes=3))
    here = visit()
    here.go("/")
    keys = Keyboard(here.page)

    keys.to("[name=email]")
    keys.type(HERE)
    keys.to("[name=keywords]")
    keys.type("retrieval, -survey")
    keys.to("summary")
    expect(here.field("cadence")).to_be_hidden()
    keys.press("Enter")
    expect(here.field("cadence")).to_be_visible()
    keys.to("[name=cadence]")
    keys.choose("once")
    keys.to("[name=weekday]")
    keys.press("ArrowDown")
    keys.to("[name=hour]")
    keys.choose("06")
    keys.to("[name=time_zone]")
    keys.rewrite("tokyo")
    keys.to("main button[type=submit]:not([formaction])")
    keys.press("Space")
    keys.arrives("Look into your inbox")

    here.go(link_to(HERE, "confirm"))
    keys.to("main button")
    keys.press("Enter")
    keys.arrives("Welcome to Paper Round")
    wanted = ada()
    assert wanted.status == Subscriber.Status.ACTIVE
    assert (wanted.cadence, wanted.weekday, wanted.hour, str(wanted.time_zone)) == (
        "weekly",
        Subscriber.Weekday.TUESDAY,
        6,
        "Asia/Tokyo",
    )
    assert [str(keyword) for keyword in wanted.keywords.all()] == ["retrieval", "-survey"]


def test_changing_pausing_moving_and_leaving(visit: Visiting):
    here = visit()
    here.go(path_of(Purpose.PREFERENCES, make_subscriber(HERE, "retrieval", time_zone="UTC")))
    keys = Keyboard(here.page)

    keys.to("[name=keywords]")
    keys.rewrite("diffusion")
    keys.to("[name=hour]")
    keys.press("ArrowDown")
    keys.to("[value=wish]")
    keys.press("Enter")
    expect(here.page.get_by_role("status")).to_have_text("Saved.")
    assert ([str(keyword) for keyword in ada().keywords.all()], ada().hour) == (["diffusion"], 9)

    day = timezone.now() + timedelta(days=30)
    keys.to("[name=until]")
    keys.type(f"{day:%m%d%Y}")
    keys.to("[value=pause]")
    keys.press("Space")
    expect(here.page.get_by_role("status")).to_have_text("Paused.")
    assert ada().paused_until == day.replace(hour=0, minute=0, second=0, microsecond=0)

    keys.to("[value=resume]")
    keys.press("Enter")
    expect(here.page.get_by_role("status")).to_have_text("Your digests go on.")

    keys.to("[name=new-email]")
    keys.type(THERE)
    keys.press("Enter")
    expect(here.page.get_by_role("status")).to_contain_text("Look into the inbox of the new address")
    assert [mail.to for mail in letters_to(THERE)] == [THERE]

    keys.to("#leave + ul a")
    keys.press("Enter")
    keys.arrives("Unsubscribe?")
    keys.to("[name=reason]")
    keys.choose("No time")
    keys.to("[value=leave]")
    keys.press("Space")
    keys.arrives("You are unsubscribed")
    assert Consent.objects.get(kind=Consent.Kind.WITHDRAWN).detail["reason"] == "no_time"
    keys.to("[value=undo]")
    keys.press("Enter")
    keys.arrives("Welcome back")
    assert ada().status == Subscriber.Status.ACTIVE


def test_the_page_that_follows_a_mistake_begins_at_the_field(visit: Visiting):
    here = visit()
    here.go("/subscribe/")
    keys = Keyboard(here.page)

    keys.to("[name=email]")
    keys.type("ada at example.org")
    keys.press("Enter")
    expect(here.field("email")).to_be_focused()
    keys.rewrite(HERE)
    keys.to("summary")
    keys.press("Space")
    keys.to("[name=time_zone]")
    keys.rewrite("Mars/Olympus")
    keys.press("Enter")
    expect(here.field("time_zone")).to_be_visible()
    expect(here.field("time_zone")).to_be_focused()
    keys.rewrite("berlin")
    keys.press("Enter")
    keys.arrives("Look into your inbox")
