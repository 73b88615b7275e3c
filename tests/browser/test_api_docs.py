"""The API's documentation, drawn by scripts that come from our own host."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_operations_are_shown_without_anything_from_elsewhere(open_page: Open):
    page = open_page("/api/v1/docs")

    operation = page.locator(".opblock", has_text="/api/v1/subscriptions")
    expect(operation).to_be_visible()
    expect(operation).to_contain_text("Ask for the digest")
    operation.locator("button.opblock-summary-control").click()
    expect(operation).to_contain_text("Nothing comes before the owner of the address has confirmed")
