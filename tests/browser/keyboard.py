"""A page by keyboard alone: where the focus is, that one sees it, and the way from one stop to the next."""

from dataclasses import dataclass
from typing import TypedDict

from playwright.sync_api import Page, expect

ENOUGH = 80
"""Stops after which a control counts as out of reach."""
THICK = 2.0
"""Pixels of an outline that nobody overlooks (WCAG 2.2, 2.4.13)."""

STOP = """() => {
    const here = document.activeElement;
    if (!here || here === document.body) return null;
    const style = getComputedStyle(here);
    const box = here.getBoundingClientRect();
    // A link may go over two lines; its first is looked at.
    const line = here.getClientRects()[0] || box;
    const at = document.elementFromPoint(line.x + Math.min(line.width, 20) / 2, line.y + line.height / 2);
    return {
        what: `${here.tagName} ${here.name || here.innerText || here.id}`.trim().slice(0, 50),
        place: [...document.querySelectorAll("*")].indexOf(here),
        outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
        faint: style.outlineColor === getComputedStyle(document.body).backgroundColor,
        seen: box.width > 0 && box.left >= 0 && box.top >= 0 && box.right <= innerWidth + 1
            && box.bottom <= innerHeight + 1 && Boolean(at) && (here === at || here.contains(at)),
        hidden: Boolean(here.closest("[aria-hidden=true]")),
    };
}"""


class Stop(TypedDict):
    what: str
    place: int
    outline: float
    faint: bool
    seen: bool
    hidden: bool


@dataclass
class Keyboard:
    """Somebody without a mouse. Every stop on their way is looked at."""

    page: Page

    def tab(self) -> Stop | None:
        """To the next stop; None at the end of the page."""
        self.page.wait_for_load_state()
        self.page.keyboard.press("Tab")
        stop: Stop | None = self.page.evaluate(STOP)
        if stop is not None:
            assert stop["outline"] >= THICK, f"no outline at {stop['what']}"
            assert not stop["faint"], f"the outline at {stop['what']} has the colour of the page"
            assert stop["seen"], f"{stop['what']} has the focus, but cannot be seen"
            assert not stop["hidden"], f"{stop['what']} has the focus, but is not there for a screen reader"
        return stop

    def to(self, selector: str) -> None:
        """On to this control, no stop further up in the page than the one before; a date has several."""
        passed: list[Stop] = []
        for _ in range(ENOUGH):
            stop = self.tab()
            assert stop is not None, f"{selector} is out of reach after {[one['what'] for one in passed]}"
            assert not passed or stop["place"] >= passed[-1]["place"], f"{stop['what']} comes out of order"
            passed.append(stop)
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is out of reach")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def rewrite(self, text: str) -> None:
        """Type something else into this field."""
        self.press("Control+a")
        self.type(text)

    def choose(self, text: str) -> None:
        """An entry of a list, by its first letters, as the keyboard does it."""
        self.type(text)

    def arrives(self, heading: str) -> None:
        expect(self.page.locator("h1")).to_have_text(heading)
