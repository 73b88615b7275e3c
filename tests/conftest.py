"""What every test may rely on: a stack of real parts, and a clean outbox."""

import os
from pathlib import Path

import hypothesis
import pytest

pytest_plugins = ["tests.chromium"]

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
ON_SERVERS = os.environ.get("TEST_STACK") == "servers"
LONG = bool(os.environ.get("TEST_LONG"))
"""Whether all cases are asked for: `make test-long`."""

# Pure, about pages, letters, HTTP or the command line alone, or with processes of their own on SQLite
# whatever the stack: one stack says all there is to say.
ON_SQLITE_ALONE = """
    browser/test_api_docs.py browser/test_person_language.py browser/test_person_pages.py digest/enrichers
    digest/management/test_command_line.py digest/relevance digest/sources/arxiv
    digest/sources/test_biorxiv.py digest/sources/test_biorxiv_live.py digest/sources/test_cases.py
    digest/sources/test_fields.py digest/sources/test_file.py digest/sources/test_fuzzed.py
    digest/sources/test_http_limits.py digest/sources/test_http_redirects.py
    digest/sources/test_http_secrets.py digest/sources/test_huggingface.py
    digest/sources/test_huggingface_live.py digest/sources/test_markup.py digest/sources/test_payload.py
    digest/sources/test_public.py digest/test_letter_german.py digest/test_letter_hostile.py
    digest/test_letter_links.py digest/test_letter_providers.py digest/test_letter_standards.py
    digest/test_logging.py digest/test_masking.py digest/test_press_random.py digest/test_replay.py
    digest/test_site_language.py journeys/test_demo.py letters subscriptions/imports
    subscriptions/management/test_people_commands.py subscriptions/test_address.py
    subscriptions/test_cadence_everywhere.py subscriptions/test_letters.py
    subscriptions/views/test_answers_alike.py subscriptions/views/test_bad_links.py
    subscriptions/views/test_pages.py test_architecture.py test_languages.py world
"""
# About what only PostgreSQL and Redis can do, or long ways into a database, of which one is enough.
ON_SERVERS_ALONE = """
    digest/test_days_of_ticks.py digest/test_enrich_world.py digest/test_ingest_fuzzed.py
    digest/test_ingest_world.py subscriptions/lifecycle/test_races.py subscriptions/test_importing_race.py
    test_deploy.py
"""
collect_ignore = (ON_SQLITE_ALONE if ON_SERVERS else ON_SERVERS_ALONE).split()

# Speed is for the benchmarks: how long an example takes here is the machine's business.
_given = hypothesis.settings.get_profile("ci" if os.environ.get("CI") else "default")
hypothesis.settings.register_profile("house", parent=_given, deadline=None)
hypothesis.settings.load_profile("house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long ways through real processes come last, so that a broken unit shows first."""
    items.sort(
        key=lambda item: bool(item.get_closest_marker("journey") or item.get_closest_marker("browser"))
    )


def share_of(cases: int) -> int:
    """How many of so many cases are looked at: a tenth, or in the long form all of them."""
    return cases if LONG else cases // 10


def leave_out(reason: str) -> None:
    """Skip loudly; where nothing may be left out (`CI=true`), fail."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason} With CI=true nothing may be left out.")
    pytest.skip(reason)


@pytest.fixture
def shared_data() -> Path:
    """Recorded payloads beside the checkout. They are not ours to ship, so without them we skip."""
    if not SHARED.is_dir():
        pytest.skip(f"No recorded data at {SHARED}.")
    return SHARED


@pytest.fixture(autouse=True)
def outbox_dir(settings, tmp_path: Path) -> Path:
    """A folder of its own for every test's mails, under the backend the demo uses."""
    settings.EMAIL_BACKEND = "digest.outbox.OutboxBackend"
    settings.OUTBOX_DIR = tmp_path / "outbox"
    return tmp_path / "outbox"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that must not tell by their time what is known take a while, which no test is about."""
    from subscriptions.views import pages

    monkeypatch.setattr(pages, "ANSWER_SECONDS", 0)


@pytest.fixture(autouse=True)
def nothing_on_the_shelf() -> None:
    """Editions are kept for the life of a process, and tests use their numbers again."""
    from digest.shelf import shelf

    shelf.clear()


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[object, ...]]]:
    """What was enqueued, by task name and arguments, instead of a broker's queue.

    For tests of what a view or task enqueues; the journeys use the real broker.
    """
    from celery.app.task import Task

    calls: list[tuple[str, tuple[object, ...]]] = []
    monkeypatch.setattr(Task, "delay", lambda self, *args: calls.append((self.name, args)))
    return calls
