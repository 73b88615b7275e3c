"""Ways a letter may leave, each ended on loopback: an SMTP server, and six providers behind Anymail."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import botocore.session
from django.conf import settings
from django.test.utils import override_settings

from tests.digest.letters import handed
from tests.digest.letters.handed import Handed, Request, read_raw
from tests.subscriptions.postbox import HANG_UP, Office, Postbox

SMTP = "smtp"
LATER, NEVER, NO_ANSWER = "later", "never", "no answer"


@dataclass(frozen=True, slots=True)
class Provider:
    """What Anymail calls it, its settings but for the address, its answer, and how to read a request."""

    backend: str
    settings: dict[str, Any]
    answer: dict[str, Any]
    read: Callable[[Request], Handed]


PROVIDERS = {
    "ses": Provider("amazon_ses", {}, {"MessageId": "id"}, handed.ses),
    "postmark": Provider(
        "postmark",
        {"POSTMARK_SERVER_TOKEN": "token"},
        {"ErrorCode": 0, "Message": "OK", "MessageID": "id"},
        handed.postmark,
    ),
    "mailgun": Provider(
        "mailgun",
        {"MAILGUN_API_KEY": "key", "MAILGUN_SENDER_DOMAIN": "example.org"},
        {"id": "<id@example.org>", "message": "Queued. Thank you."},
        handed.mailgun,
    ),
    "resend": Provider("resend", {"RESEND_API_KEY": "key"}, {"id": "id"}, handed.resend),
    "brevo": Provider("brevo", {"BREVO_API_KEY": "key"}, {"messageId": "<id@example.org>"}, handed.brevo),
    "sparkpost": Provider(
        "sparkpost",
        {"SPARKPOST_API_KEY": "key"},
        {"results": {"total_accepted_recipients": 1, "total_rejected_recipients": 0, "id": "id"}},
        handed.sparkpost,
    ),
}
WAYS = (SMTP, *PROVIDERS)


# --- The other end --------------------------------------------------------------------------------


class End:
    """Where letters arrive."""

    def __init__(self) -> None:
        self._postbox = Postbox()
        self._asked: list[Handed] = []
        self._faults: list[str] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._office = Office(self._postbox)
        self._ses = botocore.session.get_session()

    def taken(self) -> list[Handed]:
        """What came since it was asked last, whatever was answered."""
        box = self._postbox
        pairs = zip(box.offered, box.recipients, strict=True)
        taken = [read_raw(raw, [recipient]) for raw, recipient in pairs]
        taken += self._asked
        box.offered, box.recipients, box.at_data = [], [], []
        self._asked[:], self._faults[:] = [], []
        return taken

    def fail_once(self, fault: str) -> None:
        """Answer the next letter with LATER, NEVER, NO_ANSWER, or an error's name at Amazon SES."""
        self._faults.append(fault)
        replies = {LATER: "451 later", NEVER: "554 never", NO_ANSWER: HANG_UP}
        self._postbox.at_data[:] = [replies[fault]] if fault in replies else []

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
                "AMAZON_SES_CLIENT_PARAMS": {
                    **settings.ANYMAIL["AMAZON_SES_CLIENT_PARAMS"],
                    **keys,
                    "endpoint_url": url,
                },
                "AMAZON_SES_SESSION_PARAMS": {"botocore_session": self._ses},  # made once: it reads much
            }
        return override_settings(
            EMAIL_BACKEND=f"anymail.backends.{provider.backend}.EmailBackend",
            ANYMAIL={**settings.ANYMAIL, **provider.settings, **own},
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        asked, faults = self._asked, self._faults

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one piece, or the other side's delayed ACK costs 40 ms

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode("ascii")
                way = self.path.split("/")[1]
                form = self.headers["Content-Type"] == "application/x-www-form-urlencoded"
                request = parse_qs(body, strict_parsing=True) if form else json.loads(body)
                letter = replace(PROVIDERS[way].read(request), everything=body)
                asked.append(letter)
                answer = json.dumps({"To": letter.to[0], **PROVIDERS[way].answer}).encode()
                fault = faults.pop() if faults else ""
                if fault == NO_ANSWER:
                    self.close_connection = True
                    return
                self.send_response(429 if fault == LATER else 400 if fault else 200)
                if fault:
                    names = {LATER: "TooManyRequestsException", NEVER: "MessageRejected"}
                    self.send_header("X-Amzn-ErrorType", names.get(fault, fault))
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler
