"""What a wish would have brought, shown beside the keywords while they are typed."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Request, Route, expect

from subscriptions.mail import link
from subscriptions.models import Subscriber
from subscriptions.tokens import Purpose
from tests.browser.conftest import Open, contrast, overflow
from tests.browser.inspection import judged, measured
from tests.factories import DAY, make_edition, make_paper, make_subscriber

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RESULT = "[data-preview-result]"
LONG = "Retrieval of what is much too long to stand on a single line of any screen that people hold in a hand"
Sent = list[Request]


@pytest.fixture(autouse=True)
def editions():
    make_edition(make_paper("Robots of yesterday"), day=DAY - timedelta(days=1))
    return make_edition(
        make_paper(LONG, upvotes=9),
        make_paper("Retrieval in short", upvotes=5),
        *(make_paper(f"Robots {n}") for n in range(4)),
    )


@pytest.fixture
def sent() -> Sent:
    return []


@pytest.fixture
def watched(open_page: Open, sent: Sent) -> Callable[..., Page]:
    """Open a page and note what it asks `/preview/` for."""

    def open_watched(path: str = "/", **options: object) -> Page:
        page = open_page(path, **options)
        page.on("request", lambda request: sent.append(request) if "/preview/" in request.url else None)
        return page

    return open_watched


def test_before_anything_is_typed_it_says_what_it_is_for_and_asks_for_nothing(
    watched: Callable[..., Page], sent: Sent
):
    page = watched()

    expect(page.locator(RESULT)).to_have_text(
        "Your keywords can be tried on the papers of the last 30 days.", use_inner_text=True
    )
    assert sent == []


def test_typing_shows_how_much_would_have_come_and_why(watched: Callable[..., Page]):
    page = watched()
    page.get_by_label("Keywords").press_sequentially("retrieval")

    result = page.locator(RESULT)
    expect(result).to_contain_text("2 papers of yours in the last 30 days.")
    expect(result).to_contain_text("On 1 day nothing came.")
    expect(result).to_contain_text("Matches “retrieval” in the title; 5 upvotes")
    expect(result).not_to_have_attribute("aria-busy", "true")
    assert result.get_attribute("aria-live") == "polite"
    assert result.get_by_role("link").count() == 2


def test_a_word_typed_in_one_go_is_asked_for_once(watched: Callable[..., Page], sent: Sent):
    page = watched()
    page.get_by_label("Keywords").press_sequentially("retrieval", delay=20)

    expect(page.locator(RESULT)).to_contain_text("2 papers of yours")
    page.wait_for_timeout(600)
    assert len(sent) == 1


def test_the_address_is_never_sent_and_neither_are_cookies(watched: Callable[..., Page], sent: Sent):
    page = watched()
    assert page.context.cookies(), "the form has set its cookie"
    page.get_by_label("Your address").fill("reader@example.org")
    page.get_by_label("Keywords").fill("retrieval")
    expect(page.locator(RESULT)).to_contain_text("2 papers of yours")

    [request] = sent
    assert parse_qs(request.post_data or "") == {
        "keywords": ["retrieval"],
        "size": ["10"],
        "thin_day": ["skip"],
    }
    headers = request.all_headers()
    assert headers["x-fragment"] == "1"
    assert "cookie" not in headers
    assert "referer" not in headers


def test_typing_an_address_asks_for_nothing(watched: Callable[..., Page], sent: Sent):
    page = watched()
    page.get_by_label("Your address").press_sequentially("reader@example.org")
    page.wait_for_timeout(700)

    assert sent == []


def test_a_look_is_called_off_for_a_newer_one_and_never_stands_over_it(
    watched: Callable[..., Page], sent: Sent
):
    page = watched()
    held: list[Route] = []
    called_off: Sent = []

    def note(request: Request) -> None:
        called_off.append(request)

    def hold_back_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.on("requestfailed", note)
    page.route("**/preview/**", hold_back_the_first)
    field = page.get_by_label("Keywords")
    field.fill("robots")
    page.wait_for_timeout(600)
    assert len(held) == 1, "the first is on its way"
    field.fill("retrieval")

    expect(page.locator(RESULT)).to_contain_text("2 papers of yours")
    held[0].continue_()
    page.wait_for_timeout(300)
    expect(page.locator(RESULT)).to_contain_text("2 papers of yours")
    expect(page.locator(RESULT)).not_to_have_attribute("aria-busy", "true")
    assert called_off == [sent[0]]


def test_the_button_shows_it_at_once_and_nobody_leaves_the_page(watched: Callable[..., Page]):
    page = watched()
    page.get_by_role("button", name="Show what I would get").click()

    expect(page.locator(RESULT)).to_contain_text("7 trending papers in the last 30 days.")
    assert page.url.endswith("/")


def test_enter_in_a_field_subscribes(watched: Callable[..., Page], queued):
    page = watched(still=True)
    page.get_by_label("Your address").fill("keys@example.org")
    page.get_by_label("Keywords").fill("retrieval")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Look into your inbox")).to_be_visible()
    assert Subscriber.objects.get().email == "keys@example.org"


def test_a_keyword_too_long_is_told_beside_its_field(watched: Callable[..., Page]):
    page = watched()
    page.get_by_label("Keywords").fill("x" * 81)

    expect(page.locator(f"{RESULT} .error")).to_contain_text("is longer than 80 characters")


def test_the_page_s_language_is_kept_though_no_cookie_is_sent(watched: Callable[..., Page]):
    page = watched("/?lang=de")
    page.locator("input[name=keywords]").fill("frobnication")

    expect(page.locator(RESULT)).to_contain_text("„frobnication“")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_field_or_button_moves_when_the_counts_come(watched: Callable[..., Page], width: int):
    page = watched(width=width)
    controls = page.locator("form.signup").locator(".field input:visible, button, summary")
    before = [control.bounding_box() for control in controls.all()]
    page.get_by_label("Keywords").fill("retrieval, robots, frob")

    expect(page.locator(RESULT)).to_contain_text("“frob”")
    assert len(before) == 5
    assert [control.bounding_box() for control in controls.all()] == before
    assert overflow(page) == 0


def test_what_follows_the_form_does_not_come_back_up(watched: Callable[..., Page]):
    page = watched()
    field, result = page.get_by_label("Keywords"), page.locator(RESULT)
    field.fill("retrieval, robots, frob")
    expect(result).to_contain_text("“frob”")
    height = page.evaluate("document.documentElement.scrollHeight")
    field.fill("nothing of the kind")

    expect(result).to_contain_text("0 papers of yours")
    assert page.evaluate("document.documentElement.scrollHeight") == height


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_reads_well_and_an_audit_finds_nothing(watched: Callable[..., Page], dark: bool):
    page = watched(width=390, dark=dark)
    page.get_by_label("Keywords").fill("retrieval, robots, frob")
    expect(page.locator(RESULT)).to_contain_text("“frob”")

    for selector in ("strong", ".sum span", ".warning", ".from", "li a", "li span"):
        assert contrast(page, f"{RESULT} {selector}") >= 4.5, selector
    assert judged(page) == []
    assert measured(page) == []


def test_the_preference_centre_shows_it_too(watched: Callable[..., Page], sent: Sent, settings, live_server):
    settings.SITE_URL = live_server.url
    subscriber = make_subscriber("reader@example.org", "retrieval")
    path = link(Purpose.PREFERENCES, subscriber).removeprefix(live_server.url)

    page = watched(path)
    page.get_by_label("At most").select_option("5")
    expect(page.locator(RESULT)).to_contain_text("2 papers of yours")
    page.get_by_label("Keywords").fill("robots")
    expect(page.locator(RESULT)).to_contain_text("5 papers of yours")

    assert [parse_qs(request.post_data or "")["size"] for request in sent] == [["5"], ["5"]]
    token = path.strip("/").rpartition("/")[2]
    for request in sent:
        assert token not in str(request.all_headers())


# --- Without a script -----------------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 1280])
def test_without_javascript_a_button_leads_to_the_counts_and_on_to_the_sign_up(
    open_page: Open, queued, width: int
):
    page = open_page("/", width=width, javascript=False)
    assert page.locator(RESULT).is_hidden()
    page.get_by_label("Your address").fill("reader@example.org")
    page.get_by_label("Keywords").fill("retrieval")
    page.get_by_role("button", name="Show what I would get").click()

    expect(page.get_by_role("heading", name="What you would have got")).to_be_visible()
    expect(page.get_by_text("2 papers of yours in the last 30 days.")).to_be_visible()
    assert overflow(page) == 0
    assert not Subscriber.objects.exists()
    page.get_by_role("button", name="Subscribe").click()

    expect(page.get_by_role("heading", name="Look into your inbox")).to_be_visible()
    subscriber = Subscriber.objects.get()
    assert subscriber.email == "reader@example.org"
    assert [str(keyword) for keyword in subscriber.keywords.all()] == ["retrieval"]


def test_without_javascript_the_preference_centre_keeps_what_was_typed(
    open_page: Open, settings, live_server
):
    settings.SITE_URL = live_server.url
    subscriber = make_subscriber("reader@example.org", "robots")
    path = link(Purpose.PREFERENCES, subscriber).removeprefix(live_server.url)

    page = open_page(path, javascript=False)
    page.get_by_label("Keywords").fill("retrieval")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Show what I would get").click()

    expect(opened.value.get_by_text("2 papers of yours in the last 30 days.")).to_be_visible()
    assert page.get_by_label("Keywords").input_value() == "retrieval"
