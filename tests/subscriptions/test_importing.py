"""An import adds whom nobody knows, and can raise, revive and send nothing."""

import io
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from subscriptions import lifecycle
from subscriptions.address import parse_address
from subscriptions.imports import FoundPerson, SetAside, Standing, upload
from subscriptions.keywords import parse_keywords
from subscriptions.lifecycle import ImportReport, Outcome, importing
from subscriptions.models import Consent, Keyword, Notice, Subscriber, Suppression
from subscriptions.preferences import Preferences
from subscriptions.suppression import reasons, suppress
from tests.factories import make_subscriber
from tests.subscriptions.imports.lists import audience_zip, listmonk

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 9, 26, 12, 0, tzinfo=UTC)
STATEMENT = "Double opt-in at Mailchimp since 2021"
Status = Subscriber.Status
REFUSED = [Standing.BOUNCED, Standing.COMPLAINED, Standing.BLOCKED]


def person(email: str = "ada@example.org", standing: Standing = Standing.SUBSCRIBED, **wish) -> FoundPerson:
    keywords = tuple(parse_keywords(wish.pop("keywords", "")))
    return FoundPerson(
        where="line 2",
        address=parse_address(email),
        standing=standing,
        preferences=Preferences(keywords=keywords, **wish),
        times={"opted_in": "2021-03-04 10:11:12"},
    )


def take(*found: FoundPerson | SetAside, **options) -> ImportReport:
    return lifecycle.import_people(found, **{"platform": "Mailchimp", "now": NOW, **options})


def outcomes(report: ImportReport) -> list[Outcome]:
    return [line.outcome for line in report.lines]


# --- who is new -------------------------------------------------------------------------


def test_who_is_new_waits_with_their_wish_and_one_line_of_consent():
    report = take(person("Ada@Example.org", keywords="retrieval, -survey", hour=17))

    assert outcomes(report) == [Outcome.PENDING]
    ada = Subscriber.objects.get()
    assert (ada.email, ada.email_key, ada.status) == ("Ada@example.org", "ada@example.org", Status.PENDING)
    assert (ada.hour, [str(k) for k in ada.keywords.all()]) == (17, ["retrieval", "-survey"])
    assert (ada.asked_at, ada.confirmed_at, ada.next_digest_at) == (NOW, None, None)
    line = Consent.objects.get()
    assert (line.kind, line.origin, line.wording, line.at) == ("asked", "import", "", NOW)
    assert line.detail == {
        "platform": "Mailchimp",
        "standing": "subscribed",
        "times": {"opted_in": "2021-03-04 10:11:12"},
        "wish": Preferences.of(ada).as_json() | {"time_zone": None},
    }


def test_only_a_statement_makes_them_active_from_their_next_hour_on_and_it_is_kept():
    report = take(person(hour=17), statement=f"  {STATEMENT} ")

    assert outcomes(report) == [Outcome.ACTIVE]
    ada = Subscriber.objects.get()
    assert (ada.status, ada.confirmed_at) == (Status.ACTIVE, NOW)
    assert ada.next_digest_at == datetime(2025, 9, 26, 17, 0, tzinfo=UTC), "not at once"
    asked, confirmed = Consent.objects.all()
    assert (asked.kind, confirmed.kind) == ("asked", "confirmed")
    assert (confirmed.origin, confirmed.wording) == ("import", "")
    assert confirmed.detail["statement"] == STATEMENT
    assert confirmed.detail["times"] == {"opted_in": "2021-03-04 10:11:12"}


@pytest.mark.parametrize("standing", [Standing.PENDING, Standing.UNKNOWN])
def test_a_statement_does_not_cover_whom_the_list_does_not_call_subscribed(standing):
    report = take(person(standing=standing), statement=STATEMENT)

    assert outcomes(report) == [Outcome.PENDING]
    assert "your statement does not cover them" in report.lines[0].reason
    assert Subscriber.objects.get().status == Status.PENDING
    assert not Consent.objects.filter(kind="confirmed").exists()


@pytest.mark.parametrize("statement", ["yes", "we  asked ", "x" * 9])
def test_a_statement_that_says_nothing_is_refused_before_anything_is_written(statement):
    with pytest.raises(lifecycle.StatementRefused):
        take(person(), statement=statement)
    assert not Subscriber.objects.exists()


def test_a_statement_of_blanks_is_none():
    take(person(), statement="            ")

    assert Subscriber.objects.get().status == Status.PENDING


@pytest.mark.parametrize("statement", ["", STATEMENT])
def test_nothing_is_sent_nor_owed_nor_queued(
    queued, outbox_dir, statement, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        take(*[person(f"r{n}@example.org", one) for n, one in enumerate(Standing)], statement=statement)

    assert (callbacks, queued) == ([], [])
    assert not Notice.objects.exists()
    assert not outbox_dir.exists()


def test_who_was_imported_can_be_asked_and_gets_what_the_list_told():
    take(person(keywords="retrieval", hour=17))
    ada = Subscriber.objects.get()

    lifecycle.ask_to_confirm(ada, origin=Consent.Origin.EDITOR, now=NOW)
    lifecycle.confirm(ada, ask=Notice.objects.get().ask, now=NOW)

    ada.refresh_from_db()
    assert (ada.status, ada.hour) == (Status.ACTIVE, 17)
    assert [str(keyword) for keyword in ada.keywords.all()] == ["retrieval"]


# --- who is known, or not to be mailed --------------------------------------------------


@pytest.mark.parametrize(("status", "standing", "statement"), [*product(Status, Standing, ["", STATEMENT])])
def test_who_is_known_stays_as_they_are_whatever_a_list_says(status, standing, statement):
    ada = make_subscriber("ada@example.org", "robots", status=status, hour=6)
    before = Subscriber.objects.values().get()

    report = take(person("ADA@example.org", standing, keywords="retrieval", hour=17), statement=statement)

    assert Subscriber.objects.values().get() == before
    assert [str(keyword) for keyword in ada.keywords.all()] == ["robots"]
    assert not Consent.objects.exists()
    if standing in REFUSED:
        active = status == Status.ACTIVE
        assert outcomes(report) == [Outcome.CONFLICT if active else Outcome.REFUSED]
        assert bool(reasons("ada@example.org")) != active
    else:
        assert outcomes(report) == [Outcome.KNOWN]
        assert reasons("ada@example.org") == []


@pytest.mark.parametrize(("reason", "standing"), [*product(Suppression.Reason, Standing)])
def test_who_is_suppressed_is_not_imported_and_stays_suppressed_as_they_are(reason, standing):
    suppress("ada@example.org", reason)

    report = take(person(standing=standing), statement=STATEMENT)

    assert outcomes(report) == [Outcome.SUPPRESSED]
    assert not Subscriber.objects.exists()
    assert reasons("ada@example.org") == [reason]


@pytest.mark.parametrize("standing", [Standing.UNSUBSCRIBED, Standing.NEVER])
def test_of_who_did_not_want_mail_there_nothing_is_stored(standing):
    report = take(person(standing=standing), statement=STATEMENT)

    assert outcomes(report) == [Outcome.NOT_WANTED]
    assert not Subscriber.objects.exists()
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    ("standing", "reason"),
    [(Standing.BOUNCED, "bounce"), (Standing.COMPLAINED, "manual"), (Standing.BLOCKED, "manual")],
)
def test_who_must_not_be_mailed_there_must_not_be_mailed_here(standing, reason):
    report = take(person(standing=standing), statement=STATEMENT)

    assert outcomes(report) == [Outcome.REFUSED]
    assert not Subscriber.objects.exists()
    row = Suppression.objects.get()
    assert (row.reason, row.note) == (reason, f"{standing} at Mailchimp (import)")


def test_what_was_set_aside_is_told_in_its_place():
    report = take(
        person("ada@example.org"),
        SetAside(where="line 3", reason="bad address: no @"),
        person("grace@example.org"),
    )

    assert outcomes(report) == [Outcome.PENDING, Outcome.SET_ASIDE, Outcome.PENDING]
    assert report.lines[1].reason == "bad address: no @"


# --- dry run, repetition, size ----------------------------------------------------------

EVERYBODY = [
    ("new@example.org", None, None),
    ("known@example.org", Status.ACTIVE, None),
    ("left@example.org", Status.UNSUBSCRIBED, None),
    ("bounced@example.org", None, Suppression.Reason.BOUNCE),
    ("erased@example.org", None, Suppression.Reason.ERASED),
]


@pytest.mark.parametrize("statement", ["", STATEMENT])
def test_a_dry_run_says_exactly_what_the_run_then_does_and_changes_nothing(statement):
    found = []
    for email, status, reason in EVERYBODY:
        for standing in Standing:
            own = f"{standing.name.lower()}.{email}"
            if status:
                make_subscriber(own, status=status)
            if reason:
                suppress(own, reason)
            found.append(person(own, standing))
    before = Subscriber.objects.count(), Suppression.objects.count(), Consent.objects.count()

    foretold = take(*found, statement=statement, dry_run=True)

    assert (Subscriber.objects.count(), Suppression.objects.count(), Consent.objects.count()) == before
    done = take(*found, statement=statement)
    assert (foretold.lines, foretold.counts) == (done.lines, done.counts)
    assert done.counts[Outcome.CONFLICT] == len(REFUSED)


def test_a_second_run_of_the_same_list_finds_all_known_and_changes_nothing():
    archive = audience_zip(
        subscribed=["ada@example.org"], unsubscribed=["grace@example.org"], cleaned=["mary@example.org"]
    )

    def run() -> ImportReport:
        with upload(io.BytesIO(archive), "export.zip") as found:
            return take(*found, platform=found.platform, statement=STATEMENT)

    first = run()
    before = [*Subscriber.objects.values()], [*Consent.objects.values()], [*Suppression.objects.values()]
    second = run()

    assert outcomes(first) == [Outcome.REFUSED, Outcome.NOT_WANTED, Outcome.ACTIVE]
    assert outcomes(second) == [Outcome.SUPPRESSED, Outcome.NOT_WANTED, Outcome.KNOWN]
    after = [*Subscriber.objects.values()], [*Consent.objects.values()], [*Suppression.objects.values()]
    assert after == before


def test_a_list_twice_as_long_takes_as_many_queries_a_chunk(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(importing, "CHUNK", 50)
    with django_assert_max_num_queries(2 * 12):
        take(*[person(f"r{n}@example.org", keywords="a, b, c") for n in range(100)])

    assert (Subscriber.objects.count(), Keyword.objects.count()) == (100, 300)


def test_a_report_keeps_some_lines_and_counts_all(monkeypatch):
    monkeypatch.setattr(importing, "LINES_KEPT", 3)
    heard: list[str] = []

    report = take(
        *[person(f"r{n}@example.org") for n in range(10)], tell=lambda line: heard.append(line.where)
    )

    assert (len(report.lines), report.total, len(heard)) == (3, 10, 10)


def test_no_line_of_a_report_shows_an_address():
    found = [person(f"{standing.name.lower()}@example.org", standing) for standing in Standing]

    report = take(*found, SetAside(where="line 9", reason="bad address: no @"))

    assert not [line for line in report.lines if "example" in line.reason + line.where]


def test_listmonks_list_goes_all_the_way():
    content = listmonk(
        ("ada@example.org", "enabled"), ("grace@example.org", "disabled"), ("mary@example.org", "blocklisted")
    )
    with upload(io.BytesIO(content), "subscribers.csv") as found:
        report = take(*found, platform=found.platform, statement=STATEMENT)

    assert outcomes(report) == [Outcome.ACTIVE, Outcome.NOT_WANTED, Outcome.REFUSED]
    assert Suppression.objects.get().note == "blocked at listmonk (import)"
    assert Consent.objects.filter(detail__platform="listmonk").count() == 2


class TestAnyList(TestCase):
    """Whatever the lists, in whatever order."""

    @settings(max_examples=30, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 5), st.sampled_from(Standing), st.sampled_from(["", STATEMENT])),
            max_size=12,
        )
    )
    def test_nobody_is_ever_raised_revived_or_written_to(self, lines):
        for number, status in enumerate(Status):
            make_subscriber(f"r{number}@example.org", status=status)
        suppress("r3@example.org", Suppression.Reason.COMPLAINT)
        before = [*Subscriber.objects.order_by("pk").values()]

        for number, standing, statement in lines:
            take(person(f"r{number}@example.org", standing), statement=statement)

        assert [*Subscriber.objects.order_by("pk").values()][:3] == before
        assert not Subscriber.objects.filter(email_key="r3@example.org").exists()
        assert not Notice.objects.exists()
        for row in Subscriber.objects.filter(status=Status.ACTIVE).exclude(pk=before[1]["id"]):
            assert row.consents.filter(kind="confirmed", detail__statement=STATEMENT).count() == 1
