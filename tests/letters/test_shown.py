"""Letters as a browser shows them: judged by axe-core, and measured, in light and dark, on a small screen,
and with all that some clients take away.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.inspection import GRAVE, SMALLEST, judged
from tests.conftest import LONG
from tests.letters.gallery import Case
from tests.letters.judging import Finding, accept

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

CHOSEN = {
    "one paper (en)",
    "20 papers (de)",
    "all an editor can do (en)",
    "nothing but titles (en)",
    "related (de)",
    "hostile: both directions (en)",
    "hostile: endless word (en)",
    "letter: welcome (de)",
}
"""Those that are looked at in short."""
WIDE, NARROW = 640, 320
SMALLEST_TEXT = 12
"""Pixels."""

# WCAG 2.2, 2.5.8: what stands in a sentence has the size of its line; else a small target is right where a
# circle around its middle meets no other.
CROWDED = """smallest => {
    const said = link => {
        let words = "";
        for (const side of ["previousSibling", "nextSibling"])
            for (let node = link[side]; node && node.nodeName !== "BR"; node = node[side])
                if (node.nodeType === Node.TEXT_NODE) words += ` ${node.data}`;
        return words.match(/\\p{L}{2,}/gu) || [];
    };
    const links = [...document.querySelectorAll("a[href]")].filter(e => e.checkVisibility());
    const boxes = links.map(e => e.getBoundingClientRect());
    const small = box => Math.min(box.width, box.height) < smallest;
    const middle = box => [box.x + box.width / 2, box.y + box.height / 2];
    const gap = ([x, y], box) => Math.hypot(
        Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
    const apart = (one, other) => Math.hypot(
        middle(one)[0] - middle(other)[0], middle(one)[1] - middle(other)[1]);
    const meets = (one, other) => gap(middle(one), other) < smallest / 2
        || small(other) && apart(one, other) < smallest;
    return links
        .filter((e, n) => small(boxes[n]) && boxes.some((box, m) => m !== n && meets(boxes[n], box)))
        .filter(e => said(e).length < 5)
        .map(e => e.innerText.slice(0, 40));
}"""

SMALL_TEXT = """smallest => {
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const small = [];
    while (words.nextNode()) {
        const holder = words.currentNode.parentElement;
        if (!words.currentNode.data.trim() || !holder.checkVisibility()) continue;
        if (parseFloat(getComputedStyle(holder).fontSize) < smallest)
            small.push(words.currentNode.data.trim().slice(0, 40));
    }
    return small;
}"""

STRUCTURE = """() => {
    const all = selector => [...document.querySelectorAll(selector)];
    const speech = e => e && [e.getAttribute("lang"), e.getAttribute("dir")];
    const page = document.documentElement;
    return {
        beyond: page.scrollWidth - page.clientWidth,
        page: speech(page),
        wrapper: speech(document.querySelector("body > div[role=article]")),
        tables: all("table:not([role=presentation]), th, caption").map(e => e.outerHTML.slice(0, 60)),
        headlines: all("h1").length,
        papers: all(":is(h2, h3) > a[href]").length,
    };
}"""

STYLES = re.compile(r"<style.*?</style>", re.DOTALL)
ATTRIBUTES = re.compile(r"<(html|body)\b[^>]*>")
OF_ONE_LETTER = re.compile(r"^\[.*?\] (?=<)| href=\S*")
"""What differs in the words of axe from letter to letter: where it stands, and its links."""


def stripped(html: str) -> str:
    """What is left where a client takes the styles, and the page for a part of its own."""
    return ATTRIBUTES.sub(r"<\1>", STYLES.sub("", html))


def faults(page: Page, case: Case, *, whole: bool) -> Iterator[tuple[str, str]]:
    """What is wrong as it is shown, by rule."""
    for told in judged(page):
        rule, _, where = told.partition(": ")
        # A page without attributes has no language; that of the wrapper is asked below.
        if rule.split()[0] in GRAVE and (whole or "html-has-lang" not in rule):
            yield rule, OF_ONE_LETTER.sub("", where)
    for words in page.evaluate(CROWDED, SMALLEST):
        yield "crowded link", words
    for words in page.evaluate(SMALL_TEXT, SMALLEST_TEXT):
        yield "small text", words
    told_structure: dict[str, Any] = page.evaluate(STRUCTURE)
    speech = [case.language, "ltr"]
    right = {
        "beyond": 0,
        "page": speech if whole else [None, None],
        "wrapper": speech,
        "tables": [],
        "headlines": 1,
        "papers": case.papers,
    }
    for rule, expected in right.items():
        if told_structure[rule] != expected:
            yield rule, f"{told_structure[rule]} instead of {expected}"


@pytest.mark.parametrize(
    ("width", "dark", "whole"),
    [(WIDE, False, True), (WIDE, True, True), (NARROW, False, True), (NARROW, False, False)],
    ids=["light", "dark", "narrow", "stripped"],
)
def test_nothing_grave_is_found_in_any_letter(
    chromium: Browser, gallery: list[Case], width: int, dark: bool, whole: bool
):
    shown = [case for case in gallery if LONG or case.name in CHOSEN]
    assert len(shown) >= len(CHOSEN)
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", offline=True
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    findings = []
    for case in shown:
        page.set_content(case.html if whole else stripped(case.html))
        for rule, message in faults(page, case, whole=whole):
            findings.append(Finding(case=case.name, rule=rule, line=0, message=message))
    context.close()

    assert asked == [], "a letter loads nothing from elsewhere"
    accept(findings)
