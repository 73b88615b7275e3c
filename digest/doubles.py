"""Two rows that turn out to be one paper, because a record names both."""

from collections.abc import Sequence

from django.db.models import F

from digest.models import Edition, Entry, Identifier, Paper, Sighting, Vote

ONE_EACH = ([Vote.Kind.UPVOTE], [Vote.Kind.MORE, Vote.Kind.LESS])
"""Kinds of votes of which everybody has one for a paper."""


def first_of(paper_ids: Sequence[int]) -> int:
    """Which of these stays: that which was published first, else that of the earliest edition, so that
    nobody gets it once more.
    """
    published = F("edition__published_at").asc(nulls_last=True)
    entries = Entry.objects.filter(paper__in=paper_ids).order_by(published, "edition__date", "paper_id")
    first = entries.values_list("paper_id", flat=True).first()
    return first if first is not None else min(paper_ids)


def fold(double: Paper, into: Paper) -> None:
    """Make one paper of two, in the caller's transaction: names, sightings and votes go over.

    The row stays, with its place in its edition, because editions and deliveries point to it; it is no
    longer shown, and its page leads to the other's. Doing it again changes nothing.
    """
    Identifier.objects.filter(paper=double).update(paper=into)
    seen = Sighting.objects.filter(paper=into).values_list("source", "seen_at")
    at_once = set(seen)
    clashing = [
        pk
        for pk, source, seen_at in Sighting.objects.filter(paper=double).values_list(
            "pk", "source", "seen_at"
        )
        if (source, seen_at) in at_once
    ]
    Sighting.objects.filter(pk__in=clashing).delete()
    Sighting.objects.filter(paper=double).update(paper=into)
    for kinds in ONE_EACH:
        voters = list(Vote.objects.filter(paper=into, kind__in=kinds).values_list("subscriber", flat=True))
        Vote.objects.filter(paper=double, kind__in=kinds, subscriber__in=voters).delete()
    Vote.objects.filter(paper=double).update(paper=into)
    Paper.objects.filter(same_as=double).update(same_as=into)
    Paper.objects.filter(pk=double.pk).update(same_as=into)
    curated = Entry.objects.filter(paper=double).values("note", "pin", "hidden").first()
    if curated:
        untouched = Entry.objects.filter(paper=into, note="", pin=None, hidden=False)
        untouched.filter(edition__state=Edition.State.OPEN).update(**curated)
