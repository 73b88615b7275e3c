"""gunicorn's two logs: `gunicorn --logger-class digest.access_log.Logger`.

Nobody is told by them who did what: tokens and addresses are masked, of a client only its network
is kept, and no header can be asked for but the two that are shown.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest
from gunicorn import glogging  # type: ignore[import-untyped]
from gunicorn.config import AccessLogFormat  # type: ignore[import-untyped]

from digest.masking import mask_handlers
from subscriptions.network import client_network, shortened

# Over gunicorn's own: no name from the credentials, and how long it took.
FORMAT = '%(h)s %(t)s "%(r)s" %(s)s %(b)s bytes %(L)s s "%(f)s" "%(a)s"'

# gunicorn's way to say who sent something that is no HTTP.
SENDER = re.compile(r"(?<=\bip=)[0-9A-Fa-f:.]+(?<!:)")


class Logger(glogging.Logger):  # type: ignore[misc]
    def setup(self, cfg: Any) -> None:
        if cfg.access_log_format == AccessLogFormat.default:
            cfg.set("access_log_format", FORMAT)
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            mask_handlers(log)

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        super().warning(SENDER.sub(_network, msg), *args, **kwargs)

    def atoms(
        self, resp: Any, req: Any, environ: Mapping[str, Any], request_time: timedelta
    ) -> dict[str, Any]:
        request = HttpRequest()
        request.META = dict(environ)
        found = super().atoms(resp, req, environ, request_time)
        # What is left out: all headers by name, cookies and credentials among them.
        plain = {name: value for name, value in found.items() if not name.startswith("{")}
        return plain | {"h": client_network(request), "u": "-"}


def _network(found: re.Match[str]) -> str:
    try:
        return shortened(ip_address(found[0]))
    except ValueError:
        return "unknown"
