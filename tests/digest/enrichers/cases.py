"""What every enricher has to survive. Its tests inherit these and say what its service answers."""

from typing import Any

import pytest

from digest.enrichers.base import Enricher, Enrichment, Known
from digest.sources import http
from digest.sources.base import SetAside, SourceError
from tests.digest.enrichers.conftest import Desk
from tests.digest.loopback import Answer

JUNK: list[Any] = [
    None, True, 0, -1, 2**80, 1.5, float("nan"), float("inf"), "", "x", "\ud800", "NA",
    [], [None], [[]], {}, {"x": None}, {"": [0]}, "z" * 200_000,
]  # fmt: skip
"""Values of every kind where another one is due."""


class EnricherCases:
    """Give the attributes and the first five methods."""

    enricher: Enricher
    per_request: int
    """Papers one request asks about."""
    fields: tuple[str, ...]
    """Of a record: all that are read."""
    no_answer: str = "is not JSON"
    """What is told of an answer in another language, or half of one."""

    def known(self, number: int) -> Known:
        """A paper the service can be asked about, of this id."""
        raise NotImplementedError

    def record(self, number: int) -> dict[str, Any]:
        """What the service holds on that paper."""
        raise NotImplementedError

    def reply(self, desk: Desk, records: dict[int, Any]) -> Answer:
        """Its answer to the desk's latest request; a paper that is not in `records` is unknown there."""
        raise NotImplementedError

    def told(self, number: int) -> Enrichment:
        """What comes of the record."""
        raise NotImplementedError

    def told_of_bare(self, number: int) -> Enrichment:
        """What comes of a record whose `fields` say nothing."""
        return Enrichment(id=number)

    def told_of_unknown(self, number: int) -> list[Enrichment | SetAside]:
        return []

    # --- Helpers ------------------------------------------------------------------------------

    def serve(self, desk: Desk, records: dict[int, Any]) -> None:
        desk.answer = lambda _: self.reply(desk, records)

    def ask(self, *numbers: int) -> list[Enrichment | SetAside]:
        return list(self.enricher.ask([self.known(number) for number in numbers]))

    def assert_told(self, told: list[Enrichment | SetAside], *expected: Enrichment | SetAside) -> None:
        assert told == [*expected]

    def assert_refused(self, match: str = r"\S") -> None:
        with pytest.raises(SourceError, match=match) as told:
            self.ask(1)
        message = str(told.value)
        assert "\n" not in message
        assert message.endswith((".", ")"))
        assert len(message) < 500

    # --- The cases ----------------------------------------------------------------------------

    def test_each_paper_gets_what_is_told_of_it(self, desk: Desk):
        self.serve(desk, {n: self.record(n) for n in (1, 2, 3)})

        self.assert_told(self.ask(3, 1, 2), self.told(3), self.told(1), self.told(2))

    def test_a_paper_that_is_unknown_there_costs_the_others_nothing(self, desk: Desk):
        self.serve(desk, {1: self.record(1), 3: self.record(3)})

        self.assert_told(self.ask(1, 2, 3), self.told(1), *self.told_of_unknown(2), self.told(3))

    def test_only_unknown_papers_are_no_trouble(self, desk: Desk):
        self.serve(desk, {})

        self.assert_told(self.ask(1), *self.told_of_unknown(1))

    def test_nobody_is_asked_about_nothing(self, desk: Desk):
        assert self.ask() == []
        assert desk.paths == []

    def test_a_paper_it_cannot_know_is_not_asked_about(self, desk: Desk):
        nameless = Known(id=9, title="A paper by its title alone")

        assert not self.enricher.wants(nameless)
        assert list(self.enricher.ask([nameless])) == []
        assert desk.paths == []

    def test_null_in_every_field_tells_nothing_and_breaks_nothing(self, desk: Desk):
        empty = self.record(1) | dict.fromkeys(self.fields)
        self.serve(desk, {1: empty, 2: self.record(2)})

        told = self.ask(1, 2)

        assert told[-1] == self.told(2)
        assert told[:-1] in ([], [self.told_of_bare(1)]) or isinstance(told[0], SetAside)

    def test_absent_fields_are_as_good_as_null(self, desk: Desk):
        bare = {name: value for name, value in self.record(1).items() if name not in self.fields}
        self.serve(desk, {1: bare, 2: self.record(2)})

        assert self.ask(1, 2)[-1] == self.told(2)

    @pytest.mark.parametrize("junk", JUNK, ids=lambda value: repr(value)[:20])
    def test_values_of_the_wrong_kind_break_nothing(self, desk: Desk, junk: Any):
        for field in self.fields:
            self.serve(desk, {1: self.record(1) | {field: junk}, 2: self.record(2)})

            told = self.ask(1, 2)

            assert told[-1] == self.told(2)
            assert all(isinstance(one, Enrichment | SetAside) for one in told)
            assert all(len(one.abstract + one.tldr + one.organization) < 150_000 for one in told[:-1]
                       if isinstance(one, Enrichment))  # fmt: skip

    @pytest.mark.parametrize("document", [None, 7, "Rate limited", {}, {"error": "no"}, {"x": []}], ids=repr)
    def test_a_document_of_another_shape_is_told(self, desk: Desk, document: Any):
        desk.in_turn(Answer.of(document))

        try:
            told = self.ask(1)
        except SourceError:
            self.assert_refused()
        else:
            assert [type(one) for one in told] == [SetAside]

    def test_trouble_that_passes_costs_only_time(self, desk: Desk):
        left = [Answer(b"oops", status=500)] * 2
        desk.answer = lambda _: left.pop() if left else self.reply(desk, {1: self.record(1)})

        assert self.ask(1) == [self.told(1)]
        assert len(desk.paths) == 3

    def test_trouble_that_stays_is_told(self, desk: Desk):
        desk.in_turn(Answer(b"oops", status=500))

        self.assert_refused("answered 500")
        assert len(desk.paths) == http.TRIES

    def test_whoever_is_asked_too_often_says_so_and_is_left(self, desk: Desk):
        desk.in_turn(Answer(b'{"message": "Too Many Requests"}', status=429))

        self.assert_refused()
        assert len(desk.paths) <= http.TRIES

    def test_a_page_for_people_is_no_answer(self, desk: Desk):
        desk.in_turn(Answer(b"<!doctype html><title>Welcome</title>", headers={"Content-Type": "text/html"}))

        self.assert_refused(self.no_answer)

    def test_a_body_that_is_cut_off_is_no_answer(self, desk: Desk):
        self.serve(desk, {1: self.record(1)})
        desk.answer = lambda _: Answer(self.reply(desk, {1: self.record(1)}).body[:-5])

        self.assert_refused(self.no_answer)

    def test_nobody_at_home_is_told(self, desk: Desk):
        desk.close()

        self.assert_refused("cannot be reached")

    def test_what_was_told_before_a_request_failed_is_kept(self, desk: Desk):
        numbers = range(1, self.per_request + 2)
        records = {n: self.record(n) for n in numbers}
        desk.answer = lambda _: (
            self.reply(desk, records) if len(desk.paths) == 1 else Answer(b"oops", status=500)
        )
        kept: list[Enrichment | SetAside] = []

        with pytest.raises(SourceError, match="answered 500"):
            kept.extend(self.enricher.ask([self.known(n) for n in numbers]))

        assert kept == [self.told(n) for n in numbers][: self.per_request]


class KeyedCases(EnricherCases):
    """Of an enricher that has a key, or may have one."""

    key: str
    """The setting that holds it."""
    needs_key: bool

    @pytest.fixture(autouse=True)
    def _with_key(self, desk: Desk, settings: Any) -> None:
        setattr(settings, self.key, "a-key")

    def test_the_key_is_shown_only_where_there_is_one(self, desk: Desk, settings: Any):
        self.serve(desk, {1: self.record(1)})
        self.ask(1)
        assert "a-key" in f"{desk.headers[-1]} {desk.asked[-1]}"

        setattr(settings, self.key, "")

        assert self.enricher.on() is not self.needs_key

    def test_it_is_on_with_a_key(self):
        assert self.enricher.on()
