"""An import in words, for the command and for the page."""

from subscriptions.lifecycle import ImportReport, Outcome

MARKS = {
    Outcome.ACTIVE: "+",
    Outcome.PENDING: "+",
    Outcome.KNOWN: "=",
    Outcome.SUPPRESSED: "-",
    Outcome.NOT_WANTED: "-",
    Outcome.REFUSED: "-",
    Outcome.CONFLICT: "!",
    Outcome.SET_ASIDE: "!",
}
"""As in a diff: added, the same, left out, to be looked at."""
WORDS = {
    Outcome.ACTIVE: "new and active",
    Outcome.PENDING: "new and pending",
    Outcome.KNOWN: "known, left as they are",
    Outcome.SUPPRESSED: "suppressed, not imported",
    Outcome.NOT_WANTED: "not subscribed there, not imported",
    Outcome.REFUSED: "refused mail there, suppressed here from now on",
    Outcome.CONFLICT: "refused mail there but active here, left as they are",
    Outcome.SET_ASIDE: "set aside",
}


def counted(report: ImportReport) -> list[tuple[str, str, int]]:
    """Mark, words and number of each outcome there was."""
    return [(MARKS[o], WORDS[o], report.counts[o]) for o in Outcome if report.counts[o]]


def summary(report: ImportReport, *, dry_run: bool) -> str:
    """One line."""
    counts = ", ".join(f"{number} {words}" for _, words, number in counted(report)) or "nobody in it"
    lines = "1 line" if report.total == 1 else f"{report.total} lines"
    return f"{lines}: {counts}. {'Nothing was changed.' if dry_run else 'No mail is sent by this.'}"
