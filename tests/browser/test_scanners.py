"""Programs that follow every link of a mail, with a browser of their own, press nothing."""

import re

import pytest
from playwright.sync_api import Request

from subscriptions import lifecycle
from subscriptions.models import Consent
from subscriptions.tokens import Purpose
from tests.browser.conftest import Open
from tests.browser.inspection import hints
from tests.factories import make_edition, make_paper, make_subscriber
from tests.subscriptions.links import asked, asked_to_move, erase_path, path_of
from tests.subscriptions.rows import every_row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS_FOR = 2_000
"""Milliseconds that a scanner stays on a page, for whatever comes late."""


def every_link() -> list[str]:
    """All that anybody is ever mailed, for people in every state."""
    active = make_subscriber("active@example.org", "retrieval")
    gone = make_subscriber("gone@example.org")
    lifecycle.withdraw(gone, origin=Consent.Origin.PAGE)
    question = asked("new@example.org", "retrieval")
    subscribers = [active, gone, question.subscriber]
    return [
        path_of(Purpose.CONFIRM, question),
        path_of(Purpose.ADDRESS, asked_to_move(active, "other@example.org")),
        *(path_of(Purpose.UNSUBSCRIBE, one) for one in subscribers),
        *(path_of(Purpose.PREFERENCES, one) for one in subscribers),
        *(f"{path_of(Purpose.PREFERENCES, one)}export/" for one in subscribers),
        *(path_of(Purpose.EXPORT, one) for one in subscribers),
        *(erase_path(one) for one in subscribers),
    ]


def test_whoever_only_looks_changes_nothing_and_sends_nothing(open_page: Open, queued):
    make_edition(make_paper("Retrieval study", upvotes=3))
    paths = every_link()
    context = open_page("/").context
    asked_for: list[Request] = []

    def note(request: Request) -> None:
        asked_for.append(request)

    context.on("request", note)
    before = every_row()

    pages = [context.new_page() for _ in paths]
    for page, path in zip(pages, paths, strict=True):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert not {"refresh", "link", "speculation-rules"} & answer.headers.keys()
        assert hints(page) == []
    pages[-1].wait_for_timeout(LOOKS_FOR)

    assert {request.method for request in asked_for} == {"GET"}
    addresses = [request.url for request in asked_for if request.is_navigation_request()]
    assert [re.sub(r"^\w+://[^/]+", "", url) for url in addresses] == paths, "no page goes elsewhere"
    assert every_row() == before
