"""Every page of the person's side, in every state: for any eye, hand, screen and language."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visiting, look
from tests.browser.inspection import hints, judged, measured
from tests.browser.scenes import SCENES
from tests.browser.scenes.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VIEWS = [(1280, False), (320, True)]
"""Width, and whether it is dark. No colour depends on the width and no width on the colours, so the two
other pairs have nothing of their own to find but time."""
MISTAKE = {"en": "Error: ", "de": "Fehler: "}

every_scene = pytest.mark.parametrize("scene", SCENES, ids=str)


@pytest.fixture(scope="module")
def headings() -> dict[str, str]:
    """The heading of every page seen so far, by title."""
    return {}


def shows_what_is_wrong(page: Page, name: str) -> None:
    """The field at fault says so, is told apart by its message, and has the focus."""
    [wrong] = page.locator("main [aria-invalid=true]").all()
    assert wrong.get_attribute("name") == name
    expect(wrong).to_be_focused()
    told = (wrong.get_attribute("aria-describedby") or "").split()
    [error] = page.locator("main .error").all()
    assert error.get_attribute("id") in told
    expect(error).to_be_visible()


@every_scene
def test_a_page_is_for_everybody(visit: Visiting, headings: dict[str, str], scene: Scene):
    here = visit()
    scene.reach(here)
    page = here.page

    assert [heading.inner_text() for heading in page.locator("h1").all()] == [scene.heading]
    assert page.title().startswith(MISTAKE["en"]) == bool(scene.refused)
    assert headings.setdefault(page.title(), scene.heading) == scene.heading, "two pages have this title"
    assert page.locator("html").get_attribute("lang") == "en"
    assert hints(page) == []
    if scene.refused:
        shows_what_is_wrong(page, scene.refused)
    for width, dark in VIEWS:
        look(page, width=width, dark=dark)
        assert measured(page) + judged(page) == [], f"{width} px, {'dark' if dark else 'light'}"


@every_scene
def test_a_page_fits_in_german(visit: Visiting, headings: dict[str, str], scene: Scene):
    here = visit(language="de", width=320, dark=True)
    scene.reach(here)
    page = here.page

    assert page.locator("html").get_attribute("lang") == "de"
    assert page.locator("h1").count() == 1
    assert page.title().startswith(MISTAKE["de"]) == bool(scene.refused)
    # The colours are those of the English page, and their part takes longest.
    assert measured(page) + judged(page, colours=False) == []
    look(page, width=1280, dark=False)
    assert measured(page) == []


@every_scene
def test_a_page_needs_no_script(visit: Visiting, scene: Scene):
    here = visit(javascript=False, width=320)
    scene.reach(here)

    assert here.heading == scene.heading
    assert measured(here.page) == []
    look(here.page, width=1280, dark=True)
    assert measured(here.page) == []
