"""The gallery, hung once for all who judge it."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from mjml import mjml2html

from tests.conftest import LONG, SHARED
from tests.letters.gallery import Case, hang

collect_ignore = [] if LONG else ["test_nu.py", "test_spam.py"]


@dataclass
class Hung:
    """Every letter, and what went through our MJML engine to make them: by letter, source and HTML."""

    cases: list[Case] = field(default_factory=list)
    compiled: dict[str, tuple[str, str]] = field(default_factory=dict)


@pytest.fixture(scope="session")
def hung(django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Hung:
    """The rows are gone again when it is handed out."""
    hung = Hung()
    compiled: list[tuple[str, str]] = []

    def listening(source: str, **options: Any) -> str:
        html = mjml2html(source, **options)
        compiled.append((source, html))
        return html

    with (
        override_settings(
            EMAIL_BACKEND="digest.outbox.OutboxBackend",
            OUTBOX_DIR=tmp_path_factory.mktemp("gallery"),
            SITE_URL="https://papers.example.org",
        ),
        pytest.MonkeyPatch.context() as patched,
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        patched.setattr("subscriptions.mjml.mjml2html", listening)
        for case in hang(SHARED):
            hung.cases.append(case)
            for number, pair in enumerate(compiled, start=1):
                hung.compiled[f"{case.name}, piece {number}"] = pair
            compiled.clear()
        transaction.set_rollback(True)
    return hung


@pytest.fixture(scope="session")
def gallery(hung: Hung) -> list[Case]:
    return hung.cases


@pytest.fixture(scope="session")
def compiled(hung: Hung) -> dict[str, tuple[str, str]]:
    return hung.compiled
