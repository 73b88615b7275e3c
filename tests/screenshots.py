"""Make the pictures of the documentation anew: `python -m tests.screenshots` (needs Chromium)."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.chromium import FLAGS
from tests.journeys.house import ROOT, wait_for
from tests.journeys.test_demo import Demo, demo

FOLDER = ROOT / "docs" / "screenshots"


def digest_of(running: Demo, address: str) -> str:
    """The outbox page of a person's digest, as HTML alone."""
    url = next(url for url, _, to in running.mails() if to == address)
    return f"{running.base}{url}html/"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        demo(Path(folder)) as running,
        sync_playwright() as playwright,
    ):
        wait_for("three digests", lambda: len(running.mails()) >= 3)
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        ada, grace, mary = (digest_of(running, f"{name}@example.org") for name in ("ada", "grace", "mary"))
        for name, url, width, height, dark in (
            ("home", running.base + "/", 1100, 1000, False),
            ("home-phone-dark", running.base + "/", 390, 844, True),
            ("digest", grace, 680, 1000, False),
            ("digest-dark", ada, 680, 1000, True),
            ("digest-phone", mary, 390, 844, False),
            ("digest-phone-dark", ada, 390, 844, True),
        ):
            page = chromium.new_page(
                viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
            )
            page.goto(url)
            page.screenshot(path=str(FOLDER / f"{name}.png"))
            page.close()
            print(FOLDER / f"{name}.png")
        chromium.close()


if __name__ == "__main__":
    main()
