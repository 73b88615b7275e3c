"""Where a redirect may lead: to where everybody may go, with nothing on it that is for somebody else."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digest.models.turn import Turn
from digest.sources import http
from digest.sources.base import SourceError, Unreachable
from tests.conftest import leave_out
from tests.digest.sources.wire import Asked, Wire, answer

TOKEN = {"Authorization": "Bearer sesame-4711"}


def moved(location: str, status: int = 302) -> bytes:
    return answer(b"moved", status, Location=location)


def refusal(url: str) -> str:
    with pytest.raises(SourceError) as error:
        http.get(url, headers=TOKEN)
    return str(error.value)


# --- Following ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(wire: Wire, status: int):
    wire.says(moved("/new", status), answer(b"found"))

    found = http.get(f"{wire.url}/old")

    assert (found.body, found.url) == (b"found", f"{wire.url}/new")


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("new", "/a/new"),
        ("../new?x=1", "/new?x=1"),
        ("?page=2", "/a/b?page=2"),
        ("/new#part", "/new"),
        ("/n w/ü", "/n%20w/%C3%BC"),
        ("//{host}/other", "/other"),
        ("HTTP://{host}/other", "/other"),
    ],
)
def test_a_redirect_may_be_relative(wire: Wire, location: str, path: str):
    wire.says(moved(location.format(host=f"127.0.0.1:{wire.port}")), answer(b"found"))

    assert http.get(f"{wire.url}/a/b?old=1").body == b"found"
    assert wire.paths == ["/a/b?old=1", path]


def test_three_redirects_are_followed_and_no_more(wire: Wire, naps: list[float]):
    wire.says(moved("/1"), moved("/2"), moved("/3"), answer(b"found"))
    assert http.get(wire.url).body == b"found"

    wire.says(moved("/1"), moved("/2"), moved("/3"), moved("/4"), answer(b"too far"))
    assert refusal(wire.url) == ("127.0.0.1 redirects in a circle, or more than 3 times. Try again later.")
    assert wire.paths[4:] == ["/", "/1", "/2", "/3"]


def test_a_circle_is_left(wire: Wire, naps: list[float]):
    wire.says(moved("/"))

    assert "in a circle" in refusal(wire.url)
    assert (len(wire.asked), naps) == (4, [])


@pytest.mark.parametrize("location", [None, ""])
def test_a_redirect_to_nowhere_is_a_refusal(wire: Wire, location: str | None):
    wire.says(answer(b"", 302, **({} if location is None else {"Location": location})))

    assert refusal(wire.url) == "127.0.0.1 answered 302 instead of a list. Try again later."


def test_after_see_other_a_question_becomes_a_visit(wire: Wire):
    wire.says(moved("/result", 303), answer(b"[]"))

    http.post_json(f"{wire.url}/question", {"ids": [1]})

    assert [(asked.method, asked.body) for asked in wire.asked] == [("POST", b'{"ids": [1]}'), ("GET", b"")]


@pytest.mark.parametrize("status", [307, 308])
def test_a_question_that_has_moved_is_asked_there_in_full(wire: Wire, status: int):
    wire.says(moved("/new", status), answer(b"[]"))

    http.post_json(f"{wire.url}/question", {"ids": [1]})

    assert [(asked.method, asked.body) for asked in wire.asked] == [("POST", b'{"ids": [1]}')] * 2


def test_what_a_redirect_led_to_is_asked_for_by_its_own_tag(wire: Wire):
    def script(asked: Asked, sock: Any) -> None:
        if asked.path == "/old":
            sock.sendall(answer(b"", 302, Location="/new", ETag='"of the redirect"'))
        elif asked.headers.get("if-none-match") == '"of the list"':
            sock.sendall(answer(b"", 304))
        else:
            sock.sendall(answer(b"list", ETag='"of the list"'))

    wire.script = script

    assert [http.get(f"{wire.url}/old").unchanged for _ in range(2)] == [False, True]
    assert [asked.headers.get("if-none-match") for asked in wire.asked] == [None, None, None, '"of the list"']


# --- Not followed ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/",
        "http://127.0.0.2:{port}/",
        "http://127.1:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f000001:{port}/",
        "http://0x7f.1:{port}/",
        "http://0177.0.0.1:{port}/",
        "http://0:{port}/",
        "http://0.0.0.0:{port}/",
        "http://localhost:{port}/",
        "http://localhost.:{port}/",
        "http://LOCALHOST:{port}/",
        "http://user:password@127.0.0.1:{port}/",
        "http://[::1]:{port}/",
        "http://[::]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://[::ffff:7f00:1]:{port}/",
        "http://[64:ff9b::7f00:1]:{port}/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "https://10.0.0.1/",
        "http://inside.example/",
        "http://both.example:{port}/",
        "http://both-other-way.example:{port}/",
    ],
)
def test_nobody_is_led_into_our_network(
    wire: Wire, elsewhere: Wire, names: dict[str, list[str]], naps: list[float], location: str
):
    names["inside.example"] = ["10.1.2.3"]
    # Port 9 of a public address: nothing may ever be sent there, and nothing is.
    names["both.example"] = ["93.184.216.34", "127.0.0.1"]
    names["both-other-way.example"] = ["127.0.0.1", "93.184.216.34"]
    wire.says(moved(location.format(port=elsewhere.port)))

    message = refusal(wire.url)

    assert message.endswith("which is not a public address: not asked.")
    assert (elsewhere.connections, len(wire.asked), naps) == (0, 1, [])


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/x",
        "javascript:alert(1)",
        "data:text/plain,x",
        "unix:///var/run/docker.sock",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "http://exa mple.org/",
        "http://example.org\\@127.0.0.1/",
        "http://\x00/",
        "http://" + "a" * 50_000,
    ],
)
def test_what_is_no_web_address_is_not_followed(wire: Wire, naps: list[float], location: str):
    wire.says(moved(location))

    assert refusal(wire.url) == "127.0.0.1 redirects to something that is no web address: not followed."


def test_our_own_hosts_may_be_inside(wire: Wire, elsewhere: Wire, settings: Any):
    wire.says(moved(f"{elsewhere.url}/mirror"))
    settings.GITHUB_URL = f"{elsewhere.url}/api"

    assert http.get(wire.url).url == f"{elsewhere.url}/mirror"


@pytest.mark.parametrize("chosen", ["http://127.0.0.1:{other}", "http://localhost:{port}", "", "http://[x"])
def test_another_port_or_name_of_our_own_hosts_is_not_ours(
    wire: Wire, elsewhere: Wire, settings: Any, chosen: str
):
    settings.GITHUB_URL = chosen.format(port=elsewhere.port, other=elsewhere.port ^ 1)
    wire.says(moved(elsewhere.url))

    assert refusal(wire.url).endswith("not a public address: not asked.")
    assert elsewhere.connections == 0


def test_a_redirect_waits_for_the_turn_of_where_it_leads(wire: Wire, elsewhere: Wire, settings: Any):
    settings.REDIS_URL = ""
    settings.GITHUB_URL = elsewhere.url
    wire.says(moved(elsewhere.url))

    http.get(wire.url)

    assert set(Turn.objects.values_list("service", "held_by")) == {("huggingface", ""), ("github", "")}


# --- What goes along ------------------------------------------------------------------------


def test_a_token_goes_along_within_its_host(wire: Wire):
    wire.says(moved("/new"), answer(b"found"))

    http.get(wire.url, headers=TOKEN)

    assert [asked.headers.get("authorization") for asked in wire.asked] == ["Bearer sesame-4711"] * 2


def test_a_token_is_not_told_to_another_host_nor_when_it_sends_us_back(
    wire: Wire, elsewhere: Wire, settings: Any
):
    settings.GITHUB_URL = elsewhere.url
    wire.says(moved(elsewhere.url, 307), answer(b"back"))
    elsewhere.says(moved(f"{wire.url}/back", 307))

    found = http.post_json(wire.url, {}, headers={**TOKEN, "x-api-key": "sesame-4711"})

    assert found.body == b"back"
    told = [{*asked.headers} & {"authorization", "x-api-key"} for asked in [*wire.asked, *elsewhere.asked]]
    assert told == [{"authorization", "x-api-key"}, set(), set()]
    assert elsewhere.asked[0].headers["user-agent"].startswith("PaperRound (+")


# --- TLS ------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 with its key."""
    path = tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    options = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    try:
        subprocess.run(
            [*command, *options, "-keyout", str(path), "-out", str(tmp_path / "alone.pem")],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError):
        leave_out("No certificate can be made: install openssl.")
    with path.open("a") as file:
        file.write((tmp_path / "alone.pem").read_text())
    return path


@pytest.fixture
def safe_wire(certificate: Path, settings: Any, fresh_client: None) -> Iterator[Wire]:
    """A source behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Wire(tls=context) as server:
        settings.HUGGINGFACE_URL = server.url
        yield server


def test_whoever_cannot_prove_their_name_is_not_asked(safe_wire: Wire, naps: list[float]):
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 cannot be reached \(SSL"):
        http.get(safe_wire.url, headers=TOKEN)

    assert safe_wire.asked == []


def test_no_redirect_leads_from_where_nobody_listens_to_where_everybody_can(
    safe_wire: Wire, certificate: Path, wire: Wire, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.HUGGINGFACE_URL, settings.GITHUB_URL = safe_wire.url, wire.url
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    safe_wire.says(answer(b"safe"), moved(wire.url))

    assert http.get(safe_wire.url).body == b"safe"
    assert refusal(safe_wire.url) == "127.0.0.1 redirects from https to http: not followed."
    assert (safe_wire.connections, wire.connections) == (1, 0)


def test_an_answer_behind_tls_has_its_time_too(
    safe_wire: Wire, certificate: Path, monkeypatch: pytest.MonkeyPatch, one_try: None
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr(http, "TOTAL", 0.6)
    safe_wire.drips(b"HTTP/1.0 200 OK\r\n\r\n", b"x")

    assert refusal(safe_wire.url) == "127.0.0.1 had not ended its answer after 1 seconds. Try again later."
