"""Today's edition, any day's, and one paper's page."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static

from digest import editions
from digest.models import Edition, Entry, Identifier, Paper
from digest.models.edition import day_after, day_before
from digest.site.provenance import provenance
from subscriptions.forms import SignUpForm


def home(request: HttpRequest) -> HttpResponse:
    """Today's edition under the sign-up box, open or published, or else the newest before it.

    What came too late for today's stands in tomorrow's: that is not shown before its day, unless
    there is nothing else at all.
    """
    shown = Edition.objects.with_papers()
    edition = shown.filter(date__lte=editions.today()).first() or shown.last()
    return _edition_page(request, edition, "site/home.html")


def day(request: HttpRequest, day: date) -> HttpResponse:
    edition = Edition.objects.filter(date=day).with_papers().first()
    if edition is None:
        context = {"day": day, "before": day_before(day), "after": day_after(day)}
        return render(request, "site/no_edition.html", context, status=404)
    return _edition_page(request, edition, "site/day.html")


def paper(request: HttpRequest, public_id: str) -> HttpResponse:
    found = Paper.objects.select_related("entry__edition", "same_as").filter(public_id=public_id).first()
    if found is None:
        # Known by another name: the arXiv id of a paper first seen without one, or its DOI.
        name = Identifier.objects.filter(value=public_id.lower()).select_related("paper").first()
        if name is None:
            raise Http404("no such paper")
        return redirect(name.paper, permanent=True)
    if found.same_as is not None:
        return redirect(found.same_as, permanent=True)
    entry: Entry | None = getattr(found, "entry", None)
    if entry is not None and entry.hidden:
        raise Http404("no such paper")
    context = {
        "paper": found,
        "entry": entry,
        "arxiv_id": found.identifiers.filter(scheme=Identifier.Scheme.ARXIV)
        .values_list("value", flat=True)
        .first(),
        "doi": found.identifiers.filter(scheme=Identifier.Scheme.DOI).values_list("value", flat=True).first(),
        "form": SignUpForm(),
    }
    return render(request, "site/paper.html", context)


def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("paper_round/mark.svg"), permanent=True)


def _edition_page(request: HttpRequest, edition: Edition | None, template: str) -> HttpResponse:
    context: dict[str, object] = {"edition": edition, "form": SignUpForm()}
    if edition is not None:
        context |= {
            "entries": list(edition.entries.shown().ranked().select_related("paper")),
            "before": day_before(edition.date),
            "after": day_after(edition.date),
            "provenance": provenance(edition.date),
        }
    return render(request, template, context)
