"""The demo's mail transport: every mail a file, found again by its name and by no other."""

import email
import email.policy
from importlib.util import find_spec, module_from_spec
from pathlib import Path

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection

from digest import outbox
from tests.digest.conftest import at_once

with_pages = pytest.mark.urls("tests.digest.outbox_urls")


def send(subject: str = "Hello", *, text: str = "text", html: str = "", to: str = "ada@example.org") -> None:
    mail = EmailMultiAlternatives(subject, text, "us@example.org", [to])
    if html:
        mail.attach_alternative(html, "text/html")
    assert mail.send() == 1


def test_a_mail_that_is_sent_is_kept_with_all_its_parts():
    send("Grüße", text="Guten Tag,\nund auf Wiedersehen", html="<p>Guten Tag</p>")

    [mail] = outbox.kept()
    assert (mail.subject, mail.to) == ("Grüße", "ada@example.org")
    assert mail.text.splitlines() == ["Guten Tag,", "und auf Wiedersehen"]
    assert "<p>Guten Tag</p>" in mail.html
    assert ("From", "us@example.org") in mail.headers
    assert outbox.find(mail.name) == mail


def test_a_mail_of_text_alone_has_no_html():
    send()
    [mail] = outbox.kept()
    assert (mail.html, mail.text.strip()) == ("", "text")


def test_mails_are_kept_newest_first_and_only_so_many_are_shown():
    for n in range(5):
        send(f"Mail {n}")

    assert [mail.subject for mail in outbox.kept()] == [f"Mail {n}" for n in (4, 3, 2, 1, 0)]
    assert [mail.subject for mail in outbox.kept(limit=2)] == ["Mail 4", "Mail 3"]


def test_a_kept_mail_is_as_it_would_leave(outbox_dir: Path):
    send(text="one\ntwo\n", html="<p>x</p>")

    [file] = outbox_dir.glob("*.eml")
    raw = file.read_bytes()
    assert raw.replace(b"\r\n", b"").count(b"\n") == 0
    assert email.message_from_bytes(raw, policy=email.policy.default).defects == []


def test_an_outbox_nobody_wrote_to_is_empty():
    assert list(outbox.kept()) == []
    assert outbox.find("00000000000000000000-1-1") is None


def test_several_mails_of_one_connection_are_several_files():
    mails = [EmailMessage(f"Mail {n}", "x", "us@example.org", ["ada@example.org"]) for n in range(3)]

    assert get_connection().send_messages(mails) == 3
    assert len(list(outbox.kept())) == 3


def test_no_mail_is_lost_when_many_are_kept_at_once():
    def send_ten() -> None:
        for _ in range(10):
            send()

    at_once(*[send_ten] * 4)

    assert len(list(outbox.kept())) == 40


def test_no_half_written_mail_is_ever_seen(outbox_dir: Path):
    send()
    (outbox_dir / ".00000000000000000000-1-1").write_bytes(b"Subject: half")

    assert [mail.subject for mail in outbox.kept()] == ["Hello"]


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../secret", "..%2Fsecret", "/etc/passwd", "1-1-1", "\x00", "x" * 5_000]
)
def test_no_other_name_reaches_the_disk(outbox_dir: Path, name: str):
    send()
    (outbox_dir.parent / "secret.eml").write_text("secret")

    assert outbox.find(name) is None


# --- Its pages ------------------------------------------------------------------------------


@with_pages
@pytest.mark.django_db
def test_the_pages_show_a_mail_as_html_as_text_and_with_its_headers(client):
    send("Hello <you>", text="See https://example.org/x", html="<p>Good <b>day</b></p>")
    [mail] = outbox.kept()

    index = client.get("/outbox/").content.decode()
    shown = client.get(f"/outbox/{mail.name}/").content.decode()

    assert "Hello &lt;you&gt;" in index
    assert f"/outbox/{mail.name}/" in index
    assert '<a href="https://example.org/x"' in shown
    assert "us@example.org" in shown
    assert f'src="/outbox/{mail.name}/html/"' in shown


@with_pages
@pytest.mark.django_db
def test_the_html_of_a_mail_is_shown_without_any_power(client):
    send(html="<p>Good day</p><script>alert(1)</script>")
    [mail] = outbox.kept()

    response = client.get(f"/outbox/{mail.name}/html/")

    policy = response["Content-Security-Policy"]
    assert "<p>Good day</p>" in response.content.decode()
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"


@with_pages
@pytest.mark.django_db
@pytest.mark.parametrize("name", ["nothing", "00000000000000000000-1-1", "..%2f..%2fsecret"])
def test_a_mail_that_is_not_there_is_no_page(client, name: str):
    assert client.get(f"/outbox/{name}/").status_code == 404
    assert client.get(f"/outbox/{name}/html/").status_code == 404


@with_pages
@pytest.mark.django_db
def test_an_empty_outbox_has_a_page(client):
    assert "No mail yet" in client.get("/outbox/").content.decode()


@pytest.mark.parametrize("debug", [True, False])
def test_only_a_demo_has_these_pages(settings, debug: bool):
    settings.DEBUG = debug

    spec = find_spec("digest.urls")
    assert spec is not None
    assert spec.loader is not None
    fresh = module_from_spec(spec)
    spec.loader.exec_module(fresh)

    assert any(str(pattern.pattern) == "outbox/" for pattern in fresh.urlpatterns) is debug
