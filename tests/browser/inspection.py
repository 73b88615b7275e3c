"""What every page must be, in whatever view: measured in the page, and judged by axe-core."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"serious", "critical"}
SMALLEST = 24
"""Pixels a control must measure both ways (WCAG 2.2, 2.5.8)."""

SMALL_CONTROLS = """smallest => {
    const name = e => `${e.tagName} ${e.name || e.innerText || e.className}`.slice(0, 60);
    const controls = document.querySelectorAll(
        "input:not([type=hidden]), select, button, summary, .button, header a, footer a, nav a, .facts a");
    // What stands in a sentence has the size of its line.
    const inline = e => e.closest("p") && !e.classList.contains("button");
    return [...controls]
        .filter(e => e.checkVisibility() && !e.closest("[aria-hidden=true]") && !inline(e))
        .map(e => [name(e), e.getBoundingClientRect()])
        .filter(([, { width, height }]) => Math.min(width, height) < smallest - 0.01)
        .map(([what, { width, height }]) => `${what}: ${width.toFixed(1)} x ${height.toFixed(1)}`);
}"""

# axe takes an example in the field for its name; it goes as soon as somebody types.
UNNAMED = """() => [...document.querySelectorAll("input:not([type=hidden]), select")]
    .filter(e => !e.labels.length || !e.labels[0].textContent.trim()).map(e => e.outerHTML.slice(0, 80))"""

BEYOND_THE_SCREEN = """() => {
    const page = document.documentElement;
    if (page.scrollWidth <= page.clientWidth) return [];
    const wide = [...document.querySelectorAll("main *, header *, footer *")]
        .filter(e => e.getBoundingClientRect().right > page.clientWidth + 0.5);
    return wide.slice(0, 3).map(e => `${e.tagName}.${e.className} “${e.innerText.slice(0, 40)}”`);
}"""

HINTS = """() => [
    ...document.querySelectorAll(
        "link:is([rel~=prefetch], [rel~=prerender], [rel~=preconnect], [rel~=dns-prefetch]), "
        + "meta[http-equiv=refresh i], script[type=speculationrules], iframe, [ping]"),
].map(e => e.outerHTML)"""

# axe itself turns this one on only when it is named.
RUN = """([standards, colours]) => axe.run({
    resultTypes: ["violations"],
    runOnly: standards,
    rules: {"target-size": {enabled: true}, "color-contrast": {enabled: colours}},
}).then(({violations}) => violations)"""


def measured(page: Page) -> list[str]:
    """What is too small to hit, too wide for the screen, or without a name, in words."""
    page.wait_for_load_state()
    return [
        *(f"too small: {one}" for one in page.evaluate(SMALL_CONTROLS, SMALLEST)),
        *(f"too wide: {one}" for one in page.evaluate(BEYOND_THE_SCREEN)),
        *(f"no label: {one}" for one in page.evaluate(UNNAMED)),
    ]


def judged(page: Page, *, colours: bool = True) -> list[str]:
    """What axe-core finds, in words; all of it where any of it is grave, for whoever mends it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    violations: list[dict[str, Any]] = page.evaluate(RUN, [STANDARDS, colours])
    if not any(one["impact"] in GRAVE for one in violations):
        return []
    return [
        f"{one['impact']} {one['id']}: {node['target']} {node['html'][:120]} {node['failureSummary'][:200]}"
        for one in violations
        for node in one["nodes"]
    ]


def hints(page: Page) -> list[str]:
    """What would make a browser load or leave something by itself."""
    found: list[str] = page.evaluate(HINTS)
    return found
