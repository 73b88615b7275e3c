"""The ledger of looks: its list, a run's page, its calendar, and a new look from there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from digest import editions, tasks, words
from digest.admin.calendar import SIGNS, calendar, last_day
from digest.admin.part import Kind, cell_url, expects, kind, known, refusal, runs_url, title
from digest.agenda import Part
from digest.models import IngestRun
from subscriptions.admin import ReadOnlyAdmin
from subscriptions.admin.ledger import may
from subscriptions.admin.logbook import log
from subscriptions.enqueue import delay_on_commit

CHANGE = "digest.change_ingestrun"
RUNS = 20
"""Runs on a cell's page; the list has all."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A record that was set aside, for readers: `position` counts from 1; '' where nobody knows it."""

    position: str
    name: str
    reason: str


class CategoryFilter(admin.AllValuesFieldListFilter):
    """By category; what has none needs a word to be clicked on."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or "(none)"}


@admin.register(IngestRun)
class IngestRunAdmin(ReadOnlyAdmin):
    list_display = [
        "day", "source", "category", "proved", "settled",
        "found", "added", "changed", "passed_over", "unread", "started_at",
    ]  # fmt: skip
    list_filter = ["source", ("category", CategoryFilter), "verdict", "settled"]
    search_fields = ["error"]
    date_hierarchy = "day"
    list_per_page = 50
    fieldsets = [
        (None, {"fields": [("about", "of_day"), "proved", "why", "done"]}),
        ("Papers", {"fields": [("found", "added", "changed", "unread"), "passed_over"]}),
        ("The look", {"fields": [("began", "ended"), ("took", "read")]}),
    ]

    class Media:
        css = {"all": ["paper_round/ledger.css"]}

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "digest_ingestrun_"
        return [
            path("calendar/", view(self.calendar), name=f"{name}calendar"),
            path("calendar/<str:source>/<str:day>/", view(self.cell), name=f"{name}cell"),
            path("<int:pk>/again/", view(self.again), name=f"{name}again"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if any("\0" in value for values in request.GET.lists() for value in [values[0], *values[1]]):
            return redirect(
                f"{request.path}?e=1"
            )  # as for any filter that makes no sense; PostgreSQL has no NUL
        return super().changelist_view(request, extra_context)

    # --- what a run says ----------------------------------------------------------------

    @admin.display(description="verdict", ordering="verdict")
    def proved(self, run: IngestRun) -> SafeString:
        sign, _ = SIGNS[run.verdict]
        return format_html(
            '<span class="verdict"><span class="sign is-{}" aria-hidden="true">{}</span> {}</span>',
            run.verdict, sign, run.get_verdict_display(),
        )  # fmt: skip

    @admin.display(description="source")
    def about(self, run: IngestRun) -> str:
        part = Part(run.source, run.category)
        return f"{title(part)}{' (enricher)' if kind(part) == Kind.ENRICHER else ''}"

    @admin.display(description="day")
    def of_day(self, run: IngestRun) -> str:
        return words.weekday(run.day)

    @admin.display(description="settled")
    def done(self, run: IngestRun) -> str:
        return "Yes: asking again would bring nothing more." if run.settled else "No: there may be more."

    @admin.display(description="began")
    def began(self, run: IngestRun) -> str:
        return moment(run.started_at)

    @admin.display(description="ended")
    def ended(self, run: IngestRun) -> str:
        return moment(run.finished_at) if run.finished_at else "–"

    @admin.display(description="why")
    def why(self, run: IngestRun) -> str:
        return run.error or SIGNS[run.verdict][1]

    @admin.display(description="read")
    def read(self, run: IngestRun) -> str:
        return filesizeformat(run.bytes_read)

    @admin.display(description="took")
    def took(self, run: IngestRun) -> str:
        return duration(run.finished_at - run.started_at) if run.finished_at else "–"

    # --- pages --------------------------------------------------------------------------

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        run = context.get("original")
        if isinstance(run, IngestRun):
            part = Part(run.source, run.category)
            context |= {
                "title": f"{title(part)}, {words.day(run.day)}",
                "subtitle": None,
                "set_aside": list(asides(run)),
                "cell_url": cell_url(part, run.day),
                "runs_url": runs_url(part, run.day),
                "refusal": refusal(part, run.day) if may(request, CHANGE) else "not yours",
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def calendar(self, request: HttpRequest) -> HttpResponse:
        """The heat-map: a row for every source and category, a column for every day."""
        self._demand_view(request)
        today = editions.today()
        shown = calendar(last_day(request.GET.get("until", ""), today), today)
        return self._page(
            request,
            "calendar.html",
            "Calendar of looks",
            calendar=shown,
            legend=SIGNS,
            is_nav_sidebar_enabled=False,
        )

    def cell(self, request: HttpRequest, source: str, day: str) -> HttpResponse:
        """All looks at one source for one day; its button takes another."""
        self._demand_view(request)
        part, when = Part(source, request.GET.get("category", "")), _day(day)
        mine = IngestRun.objects.filter(source=part.source, category=part.category, day=when)
        runs = list(mine.order_by("-id")[: RUNS + 1]) if "\0" not in source + part.category else []
        there = bool(runs) or known(part)
        if request.method == "POST":
            self._look(request, part, when)
            return redirect(cell_url(part, when) if there else "admin:digest_ingestrun_calendar")
        if not there:
            raise Http404("no such part of a source")
        context = {
            "part": part,
            "day": when,
            "expected": expects(part, when),
            "runs": [(run, self.proved(run)) for run in runs[:RUNS]],
            "more": len(runs) > RUNS,
            "runs_url": runs_url(part, when),
            "may_look": may(request, CHANGE),
            "refusal": refusal(part, when),
        }
        return self._page(request, "cell.html", f"{title(part)}, {words.day(when)}", **context)

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button on a run's page."""
        self._demand_view(request)
        run = get_object_or_404(IngestRun, pk=pk)
        if request.method == "POST":
            self._look(request, Part(run.source, run.category), run.day, about=run)
        return redirect("admin:digest_ingestrun_change", run.pk)

    # --- what they share ----------------------------------------------------------------

    def _look(self, request: HttpRequest, part: Part, day: date, *, about: IngestRun | None = None) -> None:
        """Have a worker look, and say so; or say why not."""
        if not may(request, CHANGE):
            raise PermissionDenied
        name = f"{title(part)}, {words.day(day)}"
        if why := refusal(part, day):
            self.message_user(request, f"No look at {name}. {why}", messages.WARNING)
            return
        with transaction.atomic():
            log(request, about or IngestRun, f"Asked for a new look at {name}.", name="" if about else name)
            delay_on_commit(tasks.look_at, part.source, day.isoformat(), part.category)
        self.message_user(
            request,
            f"A new look at {name}, is on its way. It has a row here as soon as it begins.",
            messages.SUCCESS,
        )

    def _demand_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, heading: str, **context: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": heading, **context}
        return TemplateResponse(request, f"admin/digest/ingestrun/{template}", context)


def moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def duration(span: timedelta) -> str:
    """“0.4 s”, “2 min 5 s”, “1 h 3 min”."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def asides(run: IngestRun) -> Iterator[Aside]:
    for record in run.set_aside:
        told: Mapping[str, Any] = record if isinstance(record, Mapping) else {"reason": record}
        position = told.get("position")
        yield Aside(
            # Before 0 is what has no place in a payload.
            position=words.number(position + 1) if isinstance(position, int) and position >= 0 else "",
            name=str(told.get("name", "")),
            reason=str(told.get("reason", "")),
        )


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise Http404("no such day") from error
