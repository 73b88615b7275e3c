"""Somebody at their browser, with an inbox beside it."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from digest import outbox
from subscriptions import notices

BUTTON = "main button[type=submit]:not([formaction])"


@dataclass
class Visit:
    """One person's way through the pages. Controls go by their names, which no language changes."""

    page: Page
    language: str = "en"

    def go(self, path: str) -> None:
        mark = "&" if "?" in path else "?"
        self.page.goto(path if self.language == "en" else f"{path}{mark}lang={self.language}")

    def field(self, name: str) -> Locator:
        return self.page.locator(f"main [name='{name}']")

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            self.field(name.replace("__", "-")).fill(text)

    def choose(self, **fields: str) -> None:
        for name, value in fields.items():
            self.field(name).select_option(value)

    def press(self, do: str = "") -> None:
        """The button that does this; without a name the only one, or the first. It leads to a page."""
        with self.page.expect_navigation():
            self.page.locator(f"main button[name=do][value={do}]" if do else BUTTON).first.click()

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()


def letters_to(address: str) -> list[outbox.KeptMail]:
    """What came into this inbox once all that is owed was sent, newest first."""
    notices.send_notices(notices.open_notices())
    return [mail for mail in outbox.kept() if mail.to == address]


def link_to(address: str, path: str) -> str:
    """The first link with such a path in the newest letter of an inbox, as somebody copies it."""
    newest = letters_to(address)[0]
    found = re.search(rf"https?://\S+?/{path}/\S+", newest.text)
    assert found, f"no link to /{path}/ in “{newest.subject}”"
    return found[0]
