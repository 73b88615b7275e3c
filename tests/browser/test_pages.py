"""The pages as people see them: phone and desktop, light and dark, by keyboard, without JavaScript."""

import pytest
from playwright.sync_api import expect

from subscriptions.models import Subscriber
from tests.browser.conftest import Open, contrast, overflow
from tests.factories import make_edition, make_paper, make_subscriber

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 4


@pytest.fixture
def edition():
    papers = [
        make_paper(f"Retrieval study {n}", upvotes=n, code_url="https://github.com/a/b") for n in range(3)
    ]
    return make_edition(*papers, make_paper(LONG, upvotes=1), make_paper("<b>AT&T</b> {{ x }} %s"))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_home_page_fits_and_reads_well(open_page: Open, edition, width: int, dark: bool):
    page = open_page("/", width=width, dark=dark)

    assert overflow(page) == 0
    assert page.locator("ol.papers > li").count() == 5
    expect(page.get_by_text("<b>AT&T</b> {{ x }} %s")).to_be_visible()
    for selector in ("h1", ".papers h3 a", ".papers .authors", ".facts a", ".fine", "button"):
        assert contrast(page, selector) >= 4.5, selector


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
@pytest.mark.parametrize("width", [320, 1280])
def test_signing_up_takes_one_form(open_page: Open, edition, queued, width: int, javascript: bool):
    page = open_page("/", width=width, javascript=javascript, still=True)
    page.get_by_label("Your address").fill("reader@example.org")
    page.get_by_label("Keywords").fill("retrieval, -survey")
    page.get_by_role("button", name="Subscribe").click()

    expect(page.get_by_role("heading", name="Look into your inbox")).to_be_visible()
    subscriber = Subscriber.objects.get()
    assert subscriber.status == Subscriber.Status.PENDING
    assert [str(keyword) for keyword in subscriber.keywords.all()] == ["retrieval", "-survey"]
    assert str(subscriber.time_zone) == ("Europe/Berlin" if javascript else "UTC")
    assert [name for name, _ in queued] == ["subscriptions.tasks.send_notices"]


def test_signing_up_by_keyboard_alone(open_page: Open, edition, queued):
    page = open_page("/", still=True)
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "email":
            break
    page.keyboard.type("keys@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type("retrieval")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Look into your inbox")).to_be_visible()
    assert Subscriber.objects.get().email == "keys@example.org"


def test_a_bad_address_is_told_at_the_field_and_nothing_typed_is_lost(open_page: Open, queued):
    page = open_page("/subscribe/", width=320, still=True)
    page.get_by_label("Your address").fill("not an address")
    page.get_by_label("Keywords").fill("retrieval")
    page.get_by_role("button", name="Subscribe").click()

    field = page.get_by_label("Your address")
    expect(field).to_have_value("not an address")
    assert field.get_attribute("aria-invalid") == "true"
    assert page.get_by_label("Keywords").input_value() == "retrieval"
    described_by = (field.get_attribute("aria-describedby") or "").split()
    assert any(page.locator(f"#{name}").is_visible() for name in described_by)
    assert queued == []
    assert overflow(page) == 0


def test_the_newest_digest_is_readable_on_a_phone(open_page: Open, chromium, edition, tmp_path):
    from digest import delivery, dispatch, outbox

    subscriber = make_subscriber(keywords="retrieval", thin_day="fill")
    delivery.deliver(dispatch.plan([subscriber.pk]))
    [mail] = outbox.kept()
    file = tmp_path / "mail.html"
    file.write_text(mail.html, encoding="utf-8")
    for width in (320, 600):
        for dark in (False, True):
            context = chromium.new_context(
                viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
            )
            page = context.new_page()
            asked: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(file.as_uri())
            assert overflow(page) == 0
            assert asked == [file.as_uri()], "a letter loads nothing from elsewhere"
            for selector in ("h1", "h2 a", ".reason", ".soft div"):
                assert contrast(page, selector) >= 4.5, (selector, width, dark)
            context.close()
