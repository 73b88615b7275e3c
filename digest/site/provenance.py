"""What each source proved of a day, in one short line for readers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext_lazy

from digest import agenda, editions, words
from digest.models import IngestRun
from digest.sources import SOURCES
from digest.sources.base import Source

Verdict = IngestRun.Verdict
STRENGTH: tuple[Verdict, ...] = (
    Verdict.COMPLETE,
    Verdict.HOLIDAY,
    Verdict.EMPTY,
    Verdict.PARTIAL,
    Verdict.STALE,
    Verdict.FAILED,
    Verdict.RUNNING,
)
"""What several looks at one day prove together is the strongest of it; the strongest comes first."""

SAID = {
    Verdict.COMPLETE: pgettext_lazy("a source on a day", "%(source)s complete"),
    Verdict.HOLIDAY: pgettext_lazy("a source on a day", "%(source)s off that day"),
    Verdict.EMPTY: pgettext_lazy("a source on a day", "%(source)s without papers"),
    Verdict.PARTIAL: pgettext_lazy("a source on a day", "%(source)s partial"),
    Verdict.STALE: pgettext_lazy("a source on a day", "%(source)s not up to date"),
    Verdict.FAILED: pgettext_lazy("a source on a day", "%(source)s could not be read"),
    Verdict.RUNNING: pgettext_lazy("a source on a day", "%(source)s is being read"),
}
SO_FAR = gettext_lazy("%(source)s complete so far")
UNREAD = gettext_lazy("%(source)s not read")


def strongest(verdicts: Iterable[str]) -> Verdict:
    return min(map(Verdict, verdicts), key=STRENGTH.index)


def provenance(day: date) -> str:
    """“Sources: Hugging Face complete; arXiv complete (4 categories); bioRxiv partial”.

    Of the sources that are switched on; '' where none of them was looked at for this day. One query.
    """
    parts = list(agenda.parts())
    if not parts:
        return ""
    runs: dict[agenda.Part, list[IngestRun]] = {part: [] for part in parts}
    rows = IngestRun.objects.filter(day=day, source__in={part.source for part in parts}).order_by()
    for run in rows.only(*agenda.LOOKED):
        # Some categories are switched off by now.
        if (part := agenda.Part(run.source, run.category)) in runs:
            runs[part].append(run)
    if not any(runs.values()):
        return ""
    said = []
    for name in dict.fromkeys(part.source for part in parts):
        proven = [
            _Proven.by(SOURCES[name], looks, day) for part, looks in runs.items() if part.source == name
        ]
        if any(one.verdict for one in proven) or SOURCES[name].expects(day):
            said.append(_said(SOURCES[name], proven, day))
    return gettext("Sources: %(list)s") % {"list": "; ".join(said)}


@dataclass(frozen=True, slots=True)
class _Proven:
    """What all looks at one part of a source prove together; no verdict: there were none."""

    verdict: Verdict | None = None
    told_all: bool = False

    @classmethod
    def by(cls, source: Source, runs: Sequence[IngestRun], day: date) -> "_Proven":
        if not runs:
            return cls()
        told_all = agenda.is_proven(source, runs, editions.closing_time(day), agenda.tells_all)
        verdict = strongest(run.verdict for run in runs)
        # It was whole for a while, and then grew without anybody who could read it.
        return cls(Verdict.PARTIAL if verdict == Verdict.COMPLETE and not told_all else verdict, told_all)


def _said(source: Source, proven: Sequence[_Proven], day: date) -> str:
    """One source, by its categories where it has several."""
    verdicts = [one.verdict for one in proven if one.verdict is not None]
    label, parts, told_all = {"source": source.label}, len(proven), sum(one.told_all for one in proven)
    if not verdicts:
        return UNREAD % label
    verdict = strongest(verdicts)
    if told_all == parts:
        growing = verdict == Verdict.COMPLETE and source.grows and day >= editions.today()
        phrase = (SO_FAR if growing else SAID[verdict]) % label
        count = ngettext("(%(number)s category)", "(%(number)s categories)", parts)
        counted = parts > 1 and verdict == Verdict.COMPLETE
        return f"{phrase} {count % {'number': words.number(parts)}}" if counted else phrase
    if not told_all:
        return SAID[Verdict.PARTIAL if Verdict.PARTIAL in verdicts else verdict] % label
    share = gettext("(%(number)s of %(all)s categories complete)")
    share %= {"number": words.number(told_all), "all": words.number(parts)}
    return f"{SAID[Verdict.PARTIAL] % label} {share}"
