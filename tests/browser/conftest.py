"""A real browser: the system's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import leave_out

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        leave_out("No Chromium for the browser tests: apt-get install chromium.")
    # Playwright runs an event loop, and Django then takes every thread for an asynchronous one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, live_server) -> Iterator[Open]:
    """Open pages of the live site in any view; in the end none may have logged an error, asked
    another host for anything, or been wider than its screen.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(path: str, *, width: int = 1280, dark: bool = False, javascript: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            timezone_id="Europe/Berlin",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda r: (
                None if r.url.startswith((live_server.url, "data:")) else complaints.append(f"asked {r.url}")
            ),
        )
        page.goto(live_server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    # Chromium logs every answer of 4xx: the favicon it asks for by itself, a form sent back.
    assert [text for text in complaints if "404" not in text and "422" not in text] == []


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
