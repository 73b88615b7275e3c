"""Pages of the live site, opened in a real browser."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.browser.visits import Visit

TIMEOUT = 10_000
"""Milliseconds after which something that does not appear is missing."""
STILL = "window.fetch = () => new Promise(() => {})"
"""Nothing is fetched while a page stands: the preview has tests of its own, and SQLite in shared memory
refuses (`database table is locked`) whom it would let wait in a file."""
Open = Callable[..., Page]
Visiting = Callable[..., Visit]


@dataclass
class Window:
    """A page that outlives a test, and what was wrong on it."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def open_page(chromium: Browser, live_server) -> Iterator[Open]:
    """Open pages of the live site in any view; in the end none may have logged an error, asked
    another host for anything, missed a file, or met a fault of ours. `still` is for tests that write.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        path: str, *, width: int = 1280, dark: bool = False, javascript: bool = True, still: bool = False
    ) -> Page:
        page = new_window(chromium, live_server.url, javascript=javascript)
        if still:
            page.add_init_script(STILL)
        contexts.append(page.context)
        watch(page, live_server.url, complaints)
        look(page, width=width, dark=dark)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def windows(chromium: Browser, live_server) -> dict[bool, Window]:
    """Two windows that stay open from test to test: with JavaScript and without. They are `STILL`."""
    opened: dict[bool, Window] = {}
    for javascript in (True, False):
        opened[javascript] = Window(new_window(chromium, live_server.url, javascript=javascript))
        opened[javascript].page.add_init_script(STILL)
        watch(opened[javascript].page, live_server.url, opened[javascript].complaints)
    return opened


@pytest.fixture
def visit(windows: dict[bool, Window], queued, settings, live_server) -> Iterator[Visiting]:
    """Begin a visit to the live site, whose letters have links to it. Complains as `open_page` does."""
    settings.SITE_URL = live_server.url

    def begin(
        *, language: str = "en", width: int = 1280, dark: bool = False, javascript: bool = True
    ) -> Visit:
        window = windows[javascript]
        look(window.page, width=width, dark=dark)
        return Visit(page=window.page, language=language)

    yield begin
    for window in windows.values():
        complaints = window.complaints.copy()
        window.page.goto("about:blank")
        window.page.context.clear_cookies()
        window.complaints.clear()
        assert complaints == []


def new_window(chromium: Browser, base: str, *, javascript: bool) -> Page:
    context = chromium.new_context(base_url=base, java_script_enabled=javascript, timezone_id="Europe/Berlin")
    context.set_default_timeout(TIMEOUT)
    return context.new_page()


def look(page: Page, *, width: int, dark: bool) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if dark else "light")


def watch(page: Page, base: str, complaints: list[str]) -> None:
    """Note what must not happen on any page."""

    def hear(message: ConsoleMessage) -> None:
        # Chromium logs every answer of 4xx as an error; `weigh` knows which of them are right.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def weigh(response: Response) -> None:
        # A form sent back and a link that does not work answer 4xx, and so does the preview of a bad keyword.
        may_refuse = response.request.resource_type in ("document", "fetch")
        if response.status >= 500 or (response.status >= 400 and not may_refuse):
            complaints.append(f"got {response.status} for {response.url}")

    def stay(request: Request) -> None:
        if not request.url.startswith((base, "data:", "about:")):
            complaints.append(f"asked {request.url}")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", stay)
    page.on("response", weigh)


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def contrast(page: Page, selector: str) -> float:
    """WCAG 2 contrast ratio of an element's text on what lies behind it."""
    return float(
        page.eval_on_selector(
            selector,
            """element => {
                const rgb = text => text.match(/[\\d.]+/g).map(Number);
                const linear = v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
                const light = ([r, g, b]) => [[r, 0.2126], [g, 0.7152], [b, 0.0722]]
                    .reduce((sum, [value, weight]) => sum + weight * linear(value / 255), 0);
                const ground = e => rgb(getComputedStyle(e).backgroundColor);
                let behind = element;
                while (behind.parentElement && ground(behind)[3] === 0) behind = behind.parentElement;
                const one = light(rgb(getComputedStyle(element).color));
                const other = light(ground(behind)[3] === 0 ? [255, 255, 255] : ground(behind));
                return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
            }""",
        )
    )
