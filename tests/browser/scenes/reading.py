"""Pages about papers, as far as somebody meets them who signs up."""

from datetime import date

from digest import feedback
from digest.models import Vote
from subscriptions.tokens import Purpose
from tests.browser.scenes.scene import LONG_WORD, Scene
from tests.browser.visits import Visit
from tests.factories import DAY, make_edition, make_paper, make_subscriber
from tests.subscriptions.links import path_of


def home(visit: Visit) -> None:
    make_edition(make_paper("Retrieval study", upvotes=3, code_url="https://code.example/a"))
    visit.go("/")


def day(visit: Visit) -> None:
    make_edition(make_paper("An older study", upvotes=1), day=date(2025, 9, 25))
    make_edition(make_paper("Retrieval study", upvotes=3), make_paper(LONG_WORD * 4, upvotes=1))
    visit.go(f"/papers/{DAY}/")


def paper(visit: Visit) -> None:
    one = make_paper(
        f"Retrieval study of {LONG_WORD * 3}",
        upvotes=3,
        pdf_url="https://papers.example/a.pdf",
        tldr="It works.",
        primary_category="cs.IR",
    )
    make_edition(one)
    visit.go(one.get_absolute_url())


def paper_and_its_place(visit: Visit) -> None:
    one = make_paper("Retrieval study", upvotes=3, primary_category="cs.IR")
    make_edition(one)
    visit.go(one.get_absolute_url())
    visit.page.locator(".made-of summary").click()


def opinions(visit: Visit) -> None:
    """Behind a link in a letter, after some others were used."""
    reader = make_subscriber("ada@example.org", "retrieval")
    asked = make_paper(f"Retrieval study of {LONG_WORD * 3}")
    feedback.say(reader, make_paper("Another study"), Vote.Kind.MORE)
    feedback.say(reader, make_paper(LONG_WORD * 4), Vote.Kind.LESS)
    visit.go(f"{path_of(Purpose.FEEDBACK, reader)}?paper={asked.public_id}&say=less")


SCENES = [
    Scene("paper, and how it came to its place", "Retrieval study", paper_and_its_place),
    Scene("more or less like this", "More or less like this", opinions),
    Scene("home", "The papers that are trending and yours, in your inbox", home),
    Scene(
        "home without papers",
        "The papers that are trending and yours, in your inbox",
        lambda visit: visit.go("/"),
    ),
    Scene("day", "Friday, 26 September 2025", day),
    Scene(
        "day without papers", "No edition of 3 February 2024", lambda visit: visit.go("/papers/2024-02-03/")
    ),
    Scene("paper", f"Retrieval study of {LONG_WORD * 3}", paper),
    Scene("not found", "There is no such page", lambda visit: visit.go("/nowhere/")),
]
