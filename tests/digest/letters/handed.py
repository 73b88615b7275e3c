"""What is handed over on any way, read back into one shape, so that a requirement is written once."""

import base64
import email
import email.policy
import json
from dataclasses import dataclass, field, replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any


@dataclass(frozen=True, slots=True)
class Handed:
    """One letter as it was handed over. `headers` are all but From, To and Subject; `raw` are the bytes of a
    message, where the way carries such; `recipients` are those of the envelope.
    """

    sender: tuple[str, str]
    to: tuple[str, ...]
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]
    raw: bytes = b""
    tags: tuple[str, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    everything: str = ""

    def header(self, name: str) -> list[str]:
        return [value for own, value in self.headers if own.lower() == name.lower()]


def read_raw(raw: bytes, recipients: list[str]) -> Handed:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    _, address = mailbox(mail["From"])
    text, html = (_part(mail, subtype) for subtype in ("plain", "html"))
    return Handed(
        sender=(_name(raw), address),
        to=tuple(address.addr_spec for address in mail["To"].addresses),
        recipients=tuple(recipients),
        subject=str(mail["Subject"]),
        text=text,
        html=html,
        headers=tuple(
            (name, str(value)) for name, value in mail.items() if name not in {"From", "To", "Subject"}
        ),
        raw=raw,
        everything=raw.decode("ascii"),
    )


def _name(raw: bytes) -> str:
    """Of the sender. Read by hand: Python's registry of headers puts blanks between the encoded words of a
    name, against RFC 2047, 6.2.
    """
    name, _ = parseaddr(email.message_from_bytes(raw)["From"])
    return str(make_header(decode_header(name)))


def _part(mail: EmailMessage, subtype: str) -> str:
    part = mail.get_body(preferencelist=(subtype,))
    assert part is not None
    return part.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")  # type: ignore[union-attr]


# --- What each provider's API calls things ------------------------------------------------------

Request = dict[str, Any]


def ses(asked: Request) -> Handed:
    assert "FromEmailAddress" not in asked, "it would take the place of the header"
    raw = base64.b64decode(asked["Content"]["Raw"]["Data"]).replace(b"\n", b"\r\n")
    destination = asked["Destination"]
    assert set(destination) == {"ToAddresses"}
    handed = read_raw(raw, destination["ToAddresses"])
    [metadata] = handed.header("X-Metadata")
    return replace(handed, tags=tuple(handed.header("X-Tag")), metadata=json.loads(metadata))


def postmark(asked: Request) -> Handed:
    return _joined(
        sender=asked["From"],
        to=asked["To"].split(","),
        subject=asked["Subject"],
        text=asked["TextBody"],
        html=asked["HtmlBody"],
        headers=[(one["Name"], one["Value"]) for one in asked["Headers"]],
        tags=[asked["Tag"]],
        metadata=asked["Metadata"],
    )


def mailgun(asked: Request) -> Handed:
    [(subject,), (text,), (html,)] = asked["subject"], asked["text"], asked["html"]
    return _joined(
        sender=asked["from"][0],
        to=asked["to"],
        subject=subject,
        text=text,
        html=html,
        headers=[(name[2:], values[0]) for name, values in asked.items() if name.startswith("h:")],
        tags=asked["o:tag"],
        metadata={name[2:]: values[0] for name, values in asked.items() if name.startswith("v:")},
    )


def resend(asked: Request) -> Handed:
    headers = dict(asked["headers"])
    return _joined(
        sender=asked["from"],
        to=asked["to"],
        subject=asked["subject"],
        text=asked["text"],
        html=asked["html"],
        tags=json.loads(headers.pop("X-Tags")),
        metadata=json.loads(headers.pop("X-Metadata")),
        headers=list(headers.items()),
    )


def brevo(asked: Request) -> Handed:
    headers = dict(asked["headers"])
    sender = asked["sender"]
    name = str(make_header(decode_header(sender.get("name", ""))))
    return _joined(
        sender=(name, sender["email"]),
        to=[one["email"] for one in asked["to"]],
        subject=asked["subject"],
        text=asked["textContent"],
        html=asked["htmlContent"],
        tags=asked["tags"],
        metadata=json.loads(headers.pop("X-Mailin-custom")),
        headers=list(headers.items()),
    )


def sparkpost(asked: Request) -> Handed:
    content = asked["content"]
    addresses = [one["address"] for one in asked["recipients"]]
    handed = _joined(
        sender=content["from"],
        to=[one["header_to"] for one in addresses],
        subject=content["subject"],
        text=content["text"],
        html=content["html"],
        headers=list(content["headers"].items()),
        tags=[asked["campaign_id"]],
        metadata=asked["metadata"],
    )
    assert [one["email"] for one in addresses] == list(handed.to)
    return handed


def _joined(
    *,
    sender: str | tuple[str, str],
    to: list[str],
    headers: list[tuple[str, str]],
    tags: list[str],
    **told: Any,
) -> Handed:
    if isinstance(sender, str):
        sender = mailbox(sender)
    recipients = tuple(address for one in to for _, address in [mailbox(one)])
    return Handed(
        sender=sender, to=recipients, recipients=recipients, headers=tuple(headers), tags=tuple(tags), **told
    )


def mailbox(header: str) -> tuple[str, str]:
    """The one mailbox of an address header, as strictly as servers may read it."""
    message = EmailMessage()
    message["From"] = header
    parsed = message["From"]
    assert not parsed.defects, (header, parsed.defects)
    [one] = parsed.addresses
    return one.display_name, one.addr_spec
