"""Stars, moved and vanished repositories, and an allowance that is used up."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from digest.enrichers import ENRICHERS
from digest.enrichers.base import Enrichment, Known
from digest.enrichers.github import repository
from digest.sources.base import AskedToWait, SetAside, SourceError
from tests.digest.enrichers.cases import KeyedCases
from tests.digest.enrichers.conftest import Desk
from tests.digest.loopback import Answer

GITHUB = ENRICHERS["github"]
NOT_FOUND = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}


def paper(number: int, code_url: str) -> Known:
    return Known(id=number, code_url=code_url)


def failed(status: int, document: object, **headers: str) -> Answer:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(Answer.of(document).body, status=status, headers=told)


class TestGithub(KeyedCases):
    enricher = GITHUB
    per_request = 1
    key = "GITHUB_TOKEN"
    needs_key = False
    fields = ("stargazers_count", "full_name")

    def known(self, number: int) -> Known:
        return paper(number, f"https://github.com/lab/model-{number}")

    def record(self, number: int) -> dict[str, Any]:
        name = f"lab/model-{number}"
        return {
            "id": number,
            "full_name": name,
            "html_url": f"https://github.com/{name}",
            "stargazers_count": 10 * number,
            "archived": False,
            "license": None,
        }

    def reply(self, desk: Desk, records: dict[int, Any]) -> Answer:
        number = int(desk.paths[-1].rpartition("-")[2])
        return Answer.of(records[number]) if number in records else failed(404, NOT_FOUND)

    def told(self, number: int) -> Enrichment:
        return Enrichment(id=number, stars=10 * number)

    def told_of_unknown(self, number: int) -> list[Enrichment | SetAside]:
        return [Enrichment(id=number, code_url="")]


# --- Which repository -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/Lab/Model",
        "http://github.com/lab/model/",
        "https://www.github.com/lab/model.git",
        "https://github.com/lab/model/tree/main/demo",
        "https://github.com/lab/model/blob/main/README.md#install",
        "https://github.com/lab/model?tab=readme-ov-file",
        "https://github.com//lab/model#top",
        "github.com/lab/model",
        "git@github.com:lab/model.git",
        "  https://GitHub.com/lab/model  ",
        "https://github.com:443/lab/model",
    ],
)
def test_one_repository_has_many_addresses(url: str):
    assert repository(url) == "lab/model"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://github.com",
        "https://github.com/lab",
        "https://github.com/orgs/lab",
        "https://github.com/orgs/lab/repositories",
        "https://github.com/topics/diffusion",
        "https://github.com/sponsors/somebody",
        "https://github.com/marketplace/actions",
        "https://gist.github.com/somebody/0123456789abcdef",
        "https://github.com/gist/0123456789abcdef",
        "https://lab.github.io/model",
        "https://raw.githubusercontent.com/lab/model/main/x",
        "https://gitlab.com/lab/model",
        "https://github.com.example.org/lab/model",
        "https://example.org/github.com/lab/model",
        "https://github.com/../model",
        "https://github.com/lab/..",
        "https://github.com/lab/.git",
        "https://github.com/lab/%2e%2e",
        "https://github.com/la%0Ab/model",
        "https://github.com/lab/mo del",
        "http://[",
        "ftp://github.com/lab/model",
        "\ud800",
        "/" * 10_000,
    ],
)
def test_what_is_no_repository_is_not_asked_about(url: str):
    assert repository(url) == ""
    assert not GITHUB.wants(paper(1, url))


# --- Asking -----------------------------------------------------------------------------------


def test_a_repository_that_several_papers_name_is_asked_about_once(desk: Desk):
    desk.in_turn(Answer.of({"full_name": "lab/model", "stargazers_count": 7}))

    told = list(GITHUB.ask([
        paper(1, "https://github.com/lab/model"),
        paper(2, "https://github.com/other-page"),
        paper(3, "https://github.com/Lab/Model/tree/main"),
    ]))  # fmt: skip

    assert told == [Enrichment(id=1, stars=7), Enrichment(id=3, stars=7)]
    assert desk.paths == ["/github/repos/lab/model"]


def test_the_question_is_put_as_github_wants_it(desk: Desk, settings: Any):
    settings.GITHUB_TOKEN = "t0ken"
    desk.in_turn(Answer.of({"full_name": "lab/model", "stargazers_count": 7}))

    list(GITHUB.ask([paper(1, "https://github.com/lab/model")]))

    assert desk.headers[0]["Accept"] == "application/vnd.github+json"
    assert desk.headers[0]["Authorization"] == "Bearer t0ken"


def test_without_a_token_fewer_are_asked_about_and_nothing_is_shown(desk: Desk, settings: Any):
    desk.in_turn(Answer.of({"full_name": "lab/model", "stargazers_count": 7}))
    list(GITHUB.ask([paper(1, "https://github.com/lab/model")]))
    without = GITHUB.at_once
    settings.GITHUB_TOKEN = "t0ken"

    assert "Authorization" not in desk.headers[0]
    assert GITHUB.at_once > without
    assert without <= 60


def test_what_has_not_changed_is_not_sent_again(desk: Desk):
    known = [paper(1, "https://github.com/lab/model")]
    body = Answer.of({"full_name": "lab/model", "stargazers_count": 7}).body
    desk.in_turn(Answer(body, headers={"ETag": '"abc"'}), Answer(b"", status=304))

    assert list(GITHUB.ask(known)) == list(GITHUB.ask(known)) == [Enrichment(id=1, stars=7)]
    assert desk.headers[1]["If-None-Match"] == '"abc"'


def test_a_repository_that_moved_is_followed_and_its_new_address_told(desk: Desk):
    desk.answer = lambda _: (
        Answer(b"{}", status=301, headers={"Location": f"{desk.url}/github/repositories/42"})
        if desk.paths[-1].endswith("/repos/lab/model")
        else Answer.of({"full_name": "New-Lab/Better.Model", "stargazers_count": 8})
    )

    [told] = GITHUB.ask([paper(1, "https://github.com/lab/model/tree/main")])

    assert told == Enrichment(id=1, stars=8, code_url="https://github.com/New-Lab/Better.Model")


@pytest.mark.parametrize("full_name", ["..", "a/b/c", "evil.example/x y", "orgs/x", "javascript:alert(1)/x"])
def test_a_new_address_that_is_no_repository_is_not_believed(desk: Desk, full_name: str):
    desk.in_turn(Answer.of({"full_name": full_name, "stargazers_count": 8}))

    assert list(GITHUB.ask([paper(1, "https://github.com/lab/model")])) == [Enrichment(id=1, stars=8)]


@pytest.mark.parametrize("status", [404, 410, 451])
def test_a_repository_that_is_gone_takes_its_link_along(desk: Desk, status: int):
    desk.in_turn(failed(status, {"message": "Repository access blocked"}))

    assert list(GITHUB.ask([paper(1, "https://github.com/lab/model")])) == [Enrichment(id=1, code_url="")]


@pytest.mark.parametrize("body", [b"{}", b'{"error": "nope"}', b"<html>404</html>", b"[]", b""])
def test_a_server_that_is_not_github_does_not_take_links(desk: Desk, body: bytes):
    desk.in_turn(Answer(body, status=404))

    with pytest.raises(SourceError):
        list(GITHUB.ask([paper(1, "https://github.com/lab/model")]))


def test_one_repository_that_is_blocked_does_not_keep_the_others_from_being_asked(desk: Desk):
    desk.in_turn(
        failed(403, {"message": "Repository access blocked"}, x_ratelimit_remaining="4000"),
        Answer.of({"full_name": "lab/b", "stargazers_count": 3}),
    )

    told = list(GITHUB.ask([paper(1, "https://github.com/lab/a"), paper(2, "https://github.com/lab/b")]))

    assert told == [
        SetAside(0, "lab/a", "GitHub refuses: Repository access blocked"),
        Enrichment(id=2, stars=3),
    ]


def test_a_repository_that_makes_trouble_does_not_hold_up_the_others(desk: Desk):
    desk.answer = lambda _: (
        Answer(b"oops", status=500)
        if desk.paths[-1].endswith("/bad")
        else Answer.of({"full_name": "lab/good", "stargazers_count": 3})
    )

    told = list(GITHUB.ask([paper(1, "https://github.com/lab/bad"), paper(2, "https://github.com/lab/good")]))

    [aside, good] = told
    assert isinstance(aside, SetAside)
    assert (aside.position, aside.name) == (0, "lab/bad")
    assert "answered 500" in aside.reason
    assert good == Enrichment(id=2, stars=3)


def test_when_github_itself_is_in_trouble_not_every_repository_is_tried(desk: Desk):
    desk.in_turn(Answer(b"<html>", status=200))
    kept: list[Any] = []

    with pytest.raises(SourceError, match="is not JSON"):
        kept.extend(GITHUB.ask([paper(n, f"https://github.com/lab/m{n}") for n in range(9)]))

    assert kept == []
    assert len(desk.paths) == 3


def test_a_token_that_is_no_good_is_told_by_its_name(desk: Desk, settings: Any):
    settings.GITHUB_TOKEN = "expired"
    desk.in_turn(failed(401, {"message": "Bad credentials"}))

    with pytest.raises(SourceError, match="GITHUB_TOKEN: make a new one, or unset it"):
        list(GITHUB.ask([paper(1, "https://github.com/lab/a"), paper(2, "https://github.com/lab/b")]))
    assert len(desk.paths) == 1


# --- The allowance ----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 429])
def test_when_the_allowance_is_used_up_the_rest_waits_until_it_is_there_again(desk: Desk, status: int):
    reset = timezone.now() + timedelta(minutes=37)
    limited = failed(
        status,
        {"message": "API rate limit exceeded"},
        x_ratelimit_remaining="0",
        x_ratelimit_reset=str(int(reset.timestamp())),
    )
    desk.in_turn(Answer.of({"full_name": "lab/a", "stargazers_count": 3}), limited)
    kept: list[Any] = []

    with pytest.raises(AskedToWait, match=f"before {reset:%H:%M} UTC on {reset:%Y-%m-%d}") as told:
        kept.extend(GITHUB.ask([paper(n, f"https://github.com/lab/{'abc'[n]}") for n in range(3)]))

    assert kept == [Enrichment(id=0, stars=3)]
    assert len(desk.paths) == 2  # asking on would only make it worse
    assert "GITHUB_TOKEN" in str(told.value)
    # Nor does whoever comes next, a tick later or in another worker.
    with pytest.raises(AskedToWait, match=f"wants no request before {reset:%H:%M}"):
        list(GITHUB.ask([paper(3, "https://github.com/lab/d")]))
    assert len(desk.paths) == 2


@pytest.mark.parametrize("reset", ["", "soon", "0", "99999999999", "9" * 5_000, "-5", "١٢٣"])
def test_a_reset_that_makes_no_sense_is_not_waited_for(desk: Desk, reset: str):
    desk.in_turn(
        Answer(b"{}", status=403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": _latin(reset)})
    )

    with pytest.raises(AskedToWait, match=f"UTC on {timezone.now() + timedelta(minutes=1):%Y-%m-%d}"):
        list(GITHUB.ask([paper(1, "https://github.com/lab/model")]))


def _latin(value: str) -> str:
    return value.encode().decode("latin-1")


def test_a_wish_to_come_back_later_is_told_with_its_time(desk: Desk):
    later = timezone.now() + timedelta(seconds=120)
    desk.in_turn(failed(403, {"message": "You have exceeded a secondary rate limit"}, retry_after="120"))

    with pytest.raises(
        AskedToWait, match=rf"before ({later:%H:%M}|{later + timedelta(minutes=1):%H:%M}) UTC"
    ):
        list(GITHUB.ask([paper(1, "https://github.com/lab/model")]))
    with pytest.raises(AskedToWait):
        list(GITHUB.ask([paper(2, "https://github.com/lab/other")]))
    assert len(desk.paths) == 1


def test_a_refusal_that_is_no_limit_closes_the_door_to_nobody(desk: Desk):
    blocked = failed(403, {"message": "Repository access blocked"}, x_ratelimit_remaining="4000")
    desk.in_turn(blocked, Answer.of({"full_name": "lab/b", "stargazers_count": 3}))

    told = list(GITHUB.ask([paper(n, f"https://github.com/lab/{'ab'[n]}") for n in range(2)]))

    assert told[-1] == Enrichment(id=1, stars=3)


def test_a_wish_of_a_server_in_trouble_is_kept_as_well(desk: Desk):
    desk.in_turn(failed(503, {"message": "Down"}, retry_after="1800"))

    for _ in range(2):
        with pytest.raises(AskedToWait):
            list(GITHUB.ask([paper(1, "https://github.com/lab/model")]))
    assert len(desk.paths) == 1
