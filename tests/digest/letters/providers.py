"""Ways a letter may leave, each ended on loopback: an SMTP server, and six providers behind Anymail.

What is handed over is read back into one shape, `Handed`, so that a requirement is written once.
"""

import base64
import email
import email.policy
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import botocore.session
from django.test.utils import override_settings

from tests.subscriptions.postbox import Office, Postbox

SMTP = "smtp"


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


def _ses(asked: Request) -> Handed:
    assert "FromEmailAddress" not in asked, "it would take the place of the header"
    raw = base64.b64decode(asked["Content"]["Raw"]["Data"]).replace(b"\n", b"\r\n")
    destination = asked["Destination"]
    assert set(destination) == {"ToAddresses"}
    handed = read_raw(raw, destination["ToAddresses"])
    [metadata] = handed.header("X-Metadata")
    return _with(handed, tags=handed.header("X-Tag"), metadata=json.loads(metadata))


def _postmark(asked: Request) -> Handed:
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


def _mailgun(asked: Request) -> Handed:
    [(subject,), (text,), (html,)] = asked["subject"], asked["text"], asked["html"]
    return _joined(
        sender=asked["from"][0],
        to=asked["to"],
        subject=subject,
        text=text,
        html=html,
        headers=[(name[2:], value) for name, [value] in asked.items() if name.startswith("h:")],
        tags=asked["o:tag"],
        metadata={name[2:]: value for name, [value] in asked.items() if name.startswith("v:")},
    )


def _resend(asked: Request) -> Handed:
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


def _brevo(asked: Request) -> Handed:
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


def _sparkpost(asked: Request) -> Handed:
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


def _with(handed: Handed, **told: Any) -> Handed:
    values = {name: getattr(handed, name) for name in Handed.__slots__} | told
    values["tags"] = tuple(values["tags"])
    return Handed(**values)


def mailbox(header: str) -> tuple[str, str]:
    """The one mailbox of an address header, as strictly as servers may read it."""
    message = EmailMessage()
    message["From"] = header
    parsed = message["From"]
    assert not parsed.defects, (header, parsed.defects)
    [one] = parsed.addresses
    return one.display_name, one.addr_spec


@dataclass(frozen=True, slots=True)
class Provider:
    """What Anymail calls it, its settings but for the address, its answer, and how to read a request."""

    backend: str
    settings: dict[str, Any]
    answer: dict[str, Any]
    read: Callable[[Request], Handed]


PROVIDERS = {
    "ses": Provider("amazon_ses", {}, {"MessageId": "id"}, _ses),
    "postmark": Provider(
        "postmark",
        {"POSTMARK_SERVER_TOKEN": "token"},
        {"ErrorCode": 0, "Message": "OK", "MessageID": "id"},
        _postmark,
    ),
    "mailgun": Provider(
        "mailgun",
        {"MAILGUN_API_KEY": "key", "MAILGUN_SENDER_DOMAIN": "example.org"},
        {"id": "<id@example.org>", "message": "Queued. Thank you."},
        _mailgun,
    ),
    "resend": Provider("resend", {"RESEND_API_KEY": "key"}, {"id": "id"}, _resend),
    "brevo": Provider("brevo", {"BREVO_API_KEY": "key"}, {"messageId": "<id@example.org>"}, _brevo),
    "sparkpost": Provider(
        "sparkpost",
        {"SPARKPOST_API_KEY": "key"},
        {"results": {"total_accepted_recipients": 1, "total_rejected_recipients": 0, "id": "id"}},
        _sparkpost,
    ),
}
WAYS = (SMTP, *PROVIDERS)


# --- The other end --------------------------------------------------------------------------------


class End:
    """Where letters arrive: `taken` empties what came since."""

    def __init__(self) -> None:
        self._postbox = Postbox()
        self._asked: list[Handed] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._office = Office(self._postbox)
        self._ses = botocore.session.get_session()

    def taken(self) -> list[Handed]:
        box = self._postbox
        pairs = zip(box.taken, box.recipients, strict=True)
        taken = [read_raw(raw, [recipient]) for raw, recipient in pairs] + self._asked
        box.taken, box.recipients, self._asked[:] = [], [], []
        return taken

    @contextmanager
    def listening(self) -> Iterator["End"]:
        serve = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        serve.start()
        try:
            with self._office:
                yield self
        finally:
            self._http.shutdown()
            self._http.server_close()
            serve.join()

    def settings(self, way: str) -> override_settings:
        """Django's, with which letters take this way."""
        if way == SMTP:
            return override_settings(
                EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
                EMAIL_HOST="127.0.0.1",
                EMAIL_PORT=self._office.port,
                EMAIL_TIMEOUT=10,
            )
        provider, url = PROVIDERS[way], f"http://127.0.0.1:{self._http.server_port}/{way}/"
        own: dict[str, Any] = {f"{provider.backend.upper()}_API_URL": url}
        if way == "ses":
            keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "eu-west-1"}
            own = {
                "AMAZON_SES_CLIENT_PARAMS": {"endpoint_url": url, **keys},
                "AMAZON_SES_SESSION_PARAMS": {"botocore_session": self._ses},  # made once: it reads much
            }
        return override_settings(
            EMAIL_BACKEND=f"anymail.backends.{provider.backend}.EmailBackend",
            ANYMAIL={"REQUESTS_TIMEOUT": (5, 5), **provider.settings, **own},
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        asked = self._asked

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one piece, or the other side's delayed ACK costs 40 ms

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode("ascii")
                way = self.path.split("/")[1]
                form = self.headers["Content-Type"] == "application/x-www-form-urlencoded"
                request = parse_qs(body, strict_parsing=True) if form else json.loads(body)
                handed = _with(PROVIDERS[way].read(request), everything=body)
                asked.append(handed)
                answer = json.dumps({"To": handed.to[0], **PROVIDERS[way].answer}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler
