"""What the tests of the mail side share: a mail server, and letters made up for a test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.subscriptions.postbox import Office, Postbox


@pytest.fixture
def postbox(settings) -> Iterator[Postbox]:
    """A mail server on loopback, and Django told to send there."""
    box = Postbox()
    with Office(box) as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        settings.EMAIL_TIMEOUT = 5
        yield box


@pytest.fixture
def made_up(settings, tmp_path: Path) -> Callable[..., str]:
    """Makes the folder of a letter from the words of its three parts; returns its name."""

    def make(*, subject: str = "Hello", text: str = "Hello", mjml: str = "<mj-text>Hello</mj-text>") -> str:
        folder = tmp_path / "templates" / "emails" / "made_up"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "subject.txt").write_text(subject, encoding="utf-8")
        (folder / "body.txt").write_text(text, encoding="utf-8")
        (folder / "body.mjml").write_text(
            f"<mjml><mj-body><mj-section><mj-column>{mjml}</mj-column></mj-section></mj-body></mjml>",
            encoding="utf-8",
        )
        engine = settings.TEMPLATES[0]
        settings.TEMPLATES = [{**engine, "DIRS": [tmp_path / "templates", *engine["DIRS"]]}]
        return "made_up"

    return make
