"""What every source has to survive. Its tests inherit these and say what its service answers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from digest import ingest
from digest.models import IngestRun
from digest.sources import SOURCES, http
from digest.sources.base import FoundPaper, Look, Proof, SetAside, Source, SourceError
from tests.digest.loopback import Answer, Hub

JUNK = [
    b"",
    b"null",
    b"7",
    b'"x"',
    b"[",
    b"{}",
    b"<",
    b"<html><body>Back soon</body></html>",
    b"\xff\xfe\x00",
]
"""Bodies that hold no list of papers."""


class ReadingCases:
    """Of a source that reads recorded payloads, as all do. Give the attributes and the two methods; `day`
    is a day of the past that the source tells papers of.
    """

    source: Source
    day: date
    numbers: tuple[int, ...] = (1, 2, 3)

    def page(self, *numbers: int, broken: bool = False) -> bytes:
        """The service's answer for `day`: a paper for each number, and with `broken` one more record
        that nobody can read. Without numbers: nothing to tell.
        """
        raise NotImplementedError

    def names(self, *numbers: int) -> set[str]:
        """The arXiv ids or DOIs of these papers."""
        raise NotImplementedError

    # --- Helpers ------------------------------------------------------------------------------

    def read(self, payload: bytes) -> list[Look]:
        return list(self.source.read(payload, name="a file", day=self.day, today=self.day))

    @staticmethod
    def found(*looks: Look) -> list[FoundPaper]:
        return [record for look in looks for record in look.records if isinstance(record, FoundPaper)]

    def named(self, *looks: Look) -> set[str]:
        return {paper.arxiv_id or paper.doi for paper in self.found(*looks)}

    def unread(self, *looks: Look) -> list[SetAside]:
        return [record for look in looks for record in look.records if isinstance(record, SetAside)]

    # --- Cases --------------------------------------------------------------------------------

    def test_a_recording_comes_in_whole(self):
        looks = self.read(self.page(*self.numbers))

        assert self.named(*looks) == self.names(*self.numbers)
        assert {(look.source, look.day) for look in looks} == {(self.source.name, self.day)}
        assert sum(look.bytes_read for look in looks) == len(self.page(*self.numbers))
        for paper in self.found(*looks):
            assert paper.title
            assert paper.announced_at.tzinfo is not None

    def test_a_recording_with_a_record_nobody_can_read_gives_the_others(self):
        looks = self.read(self.page(*self.numbers, broken=True))

        assert self.named(*looks) == self.names(*self.numbers)
        [aside] = self.unread(*looks)
        assert aside.reason
        assert "\n" not in aside.reason

    @pytest.mark.parametrize("body", JUNK, ids=repr)
    def test_junk_gives_no_paper(self, body: bytes):
        told, looks = "", []
        try:
            looks = self.read(body)
        except SourceError as error:
            told = str(error)
        assert told == " ".join(told.split())
        assert told.endswith(".") or looks
        assert self.found(*looks) == []
        assert all(look.proof not in (Proof.COMPLETE, Proof.HOLIDAY) for look in looks)


@pytest.mark.django_db
class SourceCases(ReadingCases):
    """Of a source that fetches."""

    category: str = ""
    setting: str
    """The setting that holds its address."""

    # --- Helpers ------------------------------------------------------------------------------

    @pytest.fixture
    def service(self, settings: Any, naps: list[float]) -> Iterator[Hub]:
        with Hub() as hub:
            setattr(settings, self.setting, hub.url)
            yield hub
            http._pool().clear()

    def serve(self, service: Hub, *first: Answer, numbers: tuple[int, ...] | None = None) -> None:
        """These answers first, then the day's list, then pages with nothing more."""
        told = self.page(*(self.numbers if numbers is None else numbers))
        service.in_turn(*first, Answer(told), Answer(self.page()))

    def fetch(self) -> Look:
        return self.source.fetch(self.day, self.category)

    # --- Cases --------------------------------------------------------------------------------

    def test_it_says_who_it_is(self):
        assert self.source.name == self.source.name.lower().strip() != ""
        assert self.source.label
        assert len(self.source.name) <= 32
        assert self.source.live
        assert self.source.expects(self.day)
        assert all(len(name) <= 40 for name in self.source.categories())

    def test_a_day_comes_in_whole(self, service: Hub):
        self.serve(service)

        look = self.fetch()

        assert self.named(look) == self.names(*self.numbers)
        assert (look.source, look.day, look.category) == (self.source.name, self.day, self.category)
        assert look.proof in (None, Proof.COMPLETE)
        for paper in self.found(look):
            assert paper.title
            assert (paper.day or look.day) == self.day
            assert paper.announced_at.tzinfo is not None

    def test_the_same_answer_recorded_reads_the_same(self, service: Hub):
        self.serve(service)

        assert {repr(one) for one in self.found(self.fetch())} == {
            repr(one) for one in self.found(*self.read(self.page(*self.numbers)))
        }

    def test_looking_again_tells_the_same(self, service: Hub):
        looks = []
        for _ in range(2):
            self.serve(service)
            looks.append(self.found(self.fetch()))

        assert looks[0] == looks[1]

    def test_a_record_nobody_can_read_does_not_stop_the_others(self, service: Hub):
        page = self.page(*self.numbers, broken=True)
        service.in_turn(Answer(page), Answer(self.page()))

        look = self.fetch()

        assert self.named(look) == self.names(*self.numbers)
        [aside] = self.unread(look)
        assert aside.reason
        assert "\n" not in aside.reason

    def test_a_day_without_papers_is_never_called_complete(self, service: Hub):
        self.serve(service, numbers=())

        look = self.fetch()

        assert self.found(look) == []
        assert look.proof != Proof.COMPLETE

    def test_a_batch_that_is_told_a_second_time_is_stale(self, service: Hub, monkeypatch: pytest.MonkeyPatch):
        """As when yesterday's list comes under today's date: only the names can tell."""
        monkeypatch.setitem(SOURCES, self.source.name, self.source)
        self.serve(service)
        look = self.fetch()
        assert len(look.announced) == len(self.numbers)
        earlier = replace(look, day=look.day - timedelta(days=1), records=tuple(look.records))

        first, second = ingest.take_in(earlier), ingest.take_in(look)

        assert first.verdict == IngestRun.Verdict.COMPLETE
        assert (second.verdict, second.added) == (IngestRun.Verdict.STALE, 0)

    @pytest.mark.parametrize("body", JUNK, ids=repr)
    def test_what_is_no_list_is_told_in_a_sentence(self, service: Hub, body: bytes):
        service.in_turn(Answer(body))

        for deed in (self.fetch, lambda: self.read(body)):
            told = ""
            looks: list[Look] = []
            try:
                found = deed()
                looks = found if isinstance(found, list) else [found]
            except SourceError as error:
                told = str(error)
            assert told == " ".join(told.split())
            # Some bytes do mean "nothing" somewhere; then nothing is proved by them.
            assert self.found(*looks) == []
            assert all(look.proof not in (Proof.COMPLETE, Proof.HOLIDAY) for look in looks)
            assert told.endswith(".") or looks

    @pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
    def test_an_answer_that_ends_too_early_is_not_taken_for_the_whole(self, service: Hub, share: float):
        page = self.page(*self.numbers)
        service.in_turn(Answer(page[: int(len(page) * share)]))

        try:
            look = self.fetch()
        except SourceError:
            return
        assert look.proof == Proof.PARTIAL
        assert self.named(look) <= self.names(*self.numbers)

    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_trouble_that_passes_leaves_no_trace(self, service: Hub, status: int):
        self.serve(service, Answer(b"wait", status=status), Answer(b"wait", status=status))

        assert self.named(self.fetch()) == self.names(*self.numbers)

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 500, 503])
    def test_a_service_that_refuses_is_told_of(self, service: Hub, status: int):
        service.in_turn(Answer(b"no", status=status))

        with pytest.raises(SourceError, match=str(status)):
            self.fetch()

    def test_a_service_that_is_not_there_is_told_of(self, service: Hub):
        service.close()

        with pytest.raises(SourceError, match="cannot be reached"):
            self.fetch()
