"""What goes wrong out there: each fault turns one request into what the service replies instead."""

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date
from functools import cache
from typing import Any

from tests.world.calendar import feed_day
from tests.world.exchange import Ask, Reply, Stream
from tests.world.papers import World
from tests.world.wire import github, oai

Honest = Callable[[Ask], Reply]
HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"


def _always(ask: Ask) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Fault:
    """`act` replies to a request, perhaps by way of the honest service; `meets` says to which it can."""

    name: str
    act: Callable[[Ask, Honest], Reply]
    meets: Callable[[Ask], bool] = _always


@dataclass(slots=True, eq=False)
class Planned:
    """A fault and when it strikes. `met` counts the requests that it did strike."""

    service: str
    fault: Fault
    times: int | None = None
    after: int = 0
    when: Callable[[Ask], bool] | None = None
    met: int = 0

    def takes(self, ask: Ask) -> bool:
        """Does this request meet it? Counts."""
        if not ask.service.startswith(self.service) or self.times == self.met or not self.fault.meets(ask):
            return False
        if self.when is not None and not self.when(ask):
            return False
        if self.after:
            self.after -= 1
            return False
        self.met += 1
        return True

    def lift(self) -> None:
        self.times = self.met


# --- Refusals -------------------------------------------------------------------------------


def status(code: int, *, retry_after: str | None = None) -> Fault:
    """An error by its status. `retry_after` as it is sent: seconds, a date, or nonsense."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Fault(f"status {code}", lambda ask, honest: _refusal(ask, code, headers))  # noqa: ARG005


def quota_spent() -> Fault:
    """No more requests in this window, each service in its way."""

    def act(ask: Ask, honest: Honest) -> Reply:
        if ask.service == "github":
            text = "API rate limit exceeded for 203.0.113.7. (But here's the good news: a token gives more.)"
            body = json.dumps({"message": text, "documentation_url": github.DOCS}).encode()
            return Reply(403, {**github.quota(ask, 0), "Content-Type": JSON}, body)
        left = 300 - int(ask.now.timestamp()) % 300
        told = {"RateLimit": f'"api";r=0;t={left}'} if ask.service == "huggingface" else {}
        return _refusal(ask, 429, told)

    return Fault("quota spent", act)


def _refusal(ask: Ask, code: int, headers: Mapping[str, str]) -> Reply:
    if ask.service in ("huggingface", "github"):
        key = "error" if ask.service == "huggingface" else "message"
        text = "You have exceeded your rate limit" if code == 429 else "Internal Error - We're working on it"
        return Reply(code, {"Content-Type": JSON, **headers}, json.dumps({key: text}).encode())
    if code == 429 and ask.service.startswith("arxiv"):
        return Reply(code, {"Content-Type": "text/plain", **headers}, b"Rate exceeded.")
    body = f"<html><head><title>{code}</title></head><body><h1>Error {code}</h1></body></html>"
    return Reply(code, {"Content-Type": HTML, **headers}, body.encode())


def oai_error(code: str) -> Fault:
    """An error of OAI-PMH, with status 200."""
    return Fault(f"OAI {code}", lambda ask, honest: oai.refusal(ask, code))  # noqa: ARG005


def bad_resumption_token() -> Fault:
    """The first page comes, and the second one is refused."""
    return replace(oai_error("badResumptionToken"), meets=lambda ask: "resumptionToken" in ask.query)


# --- The connection -------------------------------------------------------------------------


def drip(seconds: float, *, piece: int = 1) -> Fault:
    """So many bytes at a time, with that long between."""
    return Fault("drip", lambda ask, honest: replace(honest(_afresh(ask)), pace=seconds, piece=piece))


def truncated(*, clean: bool = False) -> Fault:
    """Half of the answer. The whole is promised, and then the connection closed; or, `clean`, half is
    promised, so that only the content can tell.
    """

    def act(ask: Ask, honest: Honest) -> Reply:
        found = honest(_afresh(ask))
        half = len(found.body) // 2
        return replace(found, body=found.body[:half]) if clean else replace(found, sent=half)

    return Fault("truncated", act)


def reset() -> Fault:
    """The connection is reset instead of an answer."""
    return Fault("reset", lambda ask, honest: Reply(reset=True))  # noqa: ARG005


def redirect_to(url: str, *, code: int = 302) -> Fault:
    return Fault("redirect", lambda ask, honest: Reply(code, {"Location": url}))  # noqa: ARG005


def redirect_loop() -> Fault:
    """Sent on to where one is, for ever."""
    return Fault("redirect loop", lambda ask, honest: Reply(302, {"Location": f"{ask.base}{ask.path}"}))  # noqa: ARG005


# --- The document ---------------------------------------------------------------------------


def wrong_charset(declared: str = "utf-8") -> Fault:
    """Says `declared`, and sends Latin-1; for any other name than utf-8, sends UTF-8."""

    def act(ask: Ask, honest: Honest) -> Reply:
        found = honest(_afresh(ask))
        text = found.body.decode()
        kind = found.headers["Content-Type"].partition(";")[0]
        if kind == "application/json":
            text = json.dumps(json.loads(text), ensure_ascii=False)
        text = re.sub(r"""encoding=(['"])[^'"]+\1""", f'encoding="{declared}"', text, count=1)
        coding = "latin-1" if declared.lower() == "utf-8" else "utf-8"
        headers = {**found.headers, "Content-Type": f"{kind}; charset={declared}"}
        return replace(found, headers=headers, body=text.encode(coding, "replace"))

    return Fault("wrong charset", act)


def html_instead(text: str = "We will be back soon") -> Fault:
    """A page for people, with status 200."""
    body = f"<!DOCTYPE html><html><head><title>{text}</title></head><body><p>{text}<br></body></html>"
    return Fault("HTML", lambda ask, honest: Reply(200, {"Content-Type": HTML}, body.encode()))  # noqa: ARG005


def plain_text(text: str = "Error : (2002) Connection refused") -> Fault:
    """A line of text with status 200, as bioRxiv does when its database is down."""
    return Fault("text", lambda ask, honest: Reply(200, {"Content-Type": HTML}, text.encode()))  # noqa: ARG005


def wrong_type(document: Any = None) -> Fault:
    """JSON of another shape: an object, a string, a number, `None` for null."""
    body = json.dumps(document).encode()
    return Fault("wrong type", lambda ask, honest: Reply(200, {"Content-Type": JSON}, body))  # noqa: ARG005


def bomb(size: int = 1 << 30) -> Fault:
    """A small packed body that unpacks to this many blanks (a multiple of 1 MiB)."""

    def act(ask: Ask, honest: Honest) -> Reply:
        headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
        return Reply(200, headers, stream=_Blanks(size >> 20))

    return Fault("bomb", act)


_MEBIBYTE = b" " * (1 << 20)


class _Blanks(Stream):
    """A gzip member of so many MiB of blanks. One MiB is packed once: a full flush lets go of what came
    before, so its bytes can stand any number of times.
    """

    def __init__(self, mebibytes: int) -> None:
        self.mebibytes = mebibytes
        packer = zlib.compressobj(9, wbits=-15)
        self.block = packer.compress(_MEBIBYTE) + packer.flush(zlib.Z_FULL_FLUSH)

    def __len__(self) -> int:
        return 10 + len(self.block) * self.mebibytes + 2 + 8

    def __iter__(self) -> Iterator[bytes]:
        yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
        for _ in range(self.mebibytes):
            yield self.block
        size = (self.mebibytes << 20) & 0xFFFFFFFF
        yield b"\x03\x00" + _check(self.mebibytes).to_bytes(4, "little") + size.to_bytes(4, "little")


@cache
def _check(mebibytes: int) -> int:
    found = 0
    for _ in range(mebibytes):
        found = zlib.crc32(_MEBIBYTE, found)
    return found


def entity_bomb(kind: str = "laughs") -> Fault:
    """XML whose first title is an entity: `laughs`, a billion of them, or `file`, /etc/passwd."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'<!ENTITY l0 "lol">{levels}<!ENTITY x "&l9;">'
    entities = laughs if kind == "laughs" else '<!ENTITY x SYSTEM "file:///etc/passwd">'

    def act(ask: Ask, honest: Honest) -> Reply:
        found = honest(_afresh(ask))
        text = found.body.decode()
        if not text.startswith("<?xml"):
            text = "<?xml version='1.0' encoding='UTF-8'?><rss><channel><title></title></channel></rss>"
        root = re.search(r"<([A-Za-z-]+)[\s>]", text)
        head, _, rest = text.partition("?>")
        text = f"{head}?>\n<!DOCTYPE {root[1] if root else 'rss'} [{entities}]>{rest}"
        text = re.sub(r"<title>[^<]*</title>", "<title>&x;</title>", text, count=1)
        if "&x;</title>" not in text:
            text = re.sub(r">[^<]*</responseDate>", ">&x;</responseDate>", text, count=1)
        return replace(found, status=200, headers={"Content-Type": "application/xml"}, body=text.encode())

    return Fault("entities", act)


# --- The content ----------------------------------------------------------------------------


def yesterday_again(*, redated: bool = True) -> Fault:
    """The last batch before the day asked for, under that day's date, or (`redated=False`) its own."""

    def act(ask: Ask, honest: Honest) -> Reply:
        told: Mapping[date, Any] = {}
        if ask.service == "huggingface":
            told = ask.world.daily
        elif ask.service == "arxiv_feed":
            told = ask.world.announcements
        elif ask.service == "biorxiv":
            told = ask.world.preprints
        batch = ask.world.day_before(_day_asked(ask), told)
        return honest(replace(_afresh(ask), batch=batch, redated=redated))

    return Fault("yesterday again", act)


def _day_asked(ask: Ask) -> date:
    if ask.service == "arxiv_feed":
        return feed_day(ask.now)
    found = re.search(r"\d{4}-\d{2}-\d{2}", ask.query.get("date", ask.path))
    return date.fromisoformat(found[0]) if found else ask.now.astimezone(UTC).date()


def empty_day() -> Fault:
    """A whole and valid answer that tells nothing."""
    return Fault("empty", lambda ask, honest: honest(replace(_afresh(ask), world=World())))


def api_empty() -> Fault:
    """Status 200, totalResults 0: what the API of arXiv says when it has failed, too."""
    return replace(empty_day(), name="API empty")


def tenfold_page() -> Fault:
    """Pages with ten times the entries asked for: the day's own, over and over."""
    return Fault("tenfold", lambda ask, honest: honest(replace(_afresh(ask), swollen=10)))


def _afresh(ask: Ask) -> Ask:
    """The same, from somebody who remembers nothing: a fault in a body needs a body."""
    told = {name: value for name, value in ask.headers.items() if not name.startswith("if-")}
    return replace(ask, headers=told)
