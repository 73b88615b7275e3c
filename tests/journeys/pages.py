"""Walking pages as a browser without JavaScript does: forms, tokens, links."""

import email
import email.policy
import html
import re
from email.message import EmailMessage

import requests


def field(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name} on the page"
    return html.unescape(found[1])


def sign_up(session: requests.Session, base: str, address: str, keywords: str) -> requests.Response:
    """Fill in the form of the home page and press its button."""
    page = session.get(f"{base}/", timeout=10)
    return session.post(
        f"{base}/subscribe/",
        data={
            "csrfmiddlewaretoken": field(page.text, "csrfmiddlewaretoken"),
            "email": address,
            "keywords": keywords,
        },
        timeout=10,
    )


def press(session: requests.Session, url: str) -> requests.Response:
    """Open a page and press its one button."""
    page = session.get(url, timeout=10)
    assert page.status_code == 200
    data = {}
    if "csrfmiddlewaretoken" in page.text:
        data["csrfmiddlewaretoken"] = field(page.text, "csrfmiddlewaretoken")
    return session.post(url, data=data, timeout=10)


def parse(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body(preferencelist=(kind,))
    assert body is not None
    return str(body.get_content())


def link(mail: EmailMessage, path: str) -> str:
    """The first link of the text part whose path begins so."""
    found = re.search(rf"https?://\S+?/{path}/\S+", part(mail, "plain"))
    assert found, f"no link to /{path}/ in the letter"
    return found[0]
