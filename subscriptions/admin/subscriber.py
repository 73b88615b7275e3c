"""Subscribers: the list, one person's page, and what can be done from both."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from subscriptions.address import Address
from subscriptions.admin.acts import ACTS, CHANGE_SUBSCRIBER, Act, AskToConfirm
from subscriptions.admin.consent import ConsentInline
from subscriptions.admin.finding import FoundByAddressAdmin
from subscriptions.admin.importing import IMPORT, ImportPages
from subscriptions.admin.ledger import LOOK, PeopleInline, may
from subscriptions.admin.logbook import log
from subscriptions.admin.notice import NoticeInline
from subscriptions.holdings import holdings
from subscriptions.models import Keyword, Subscriber
from subscriptions.roster import roster
from subscriptions.suppression import reasons

EXPORT = "subscriptions.export_subscriber"
HISTORY = 30
"""Digests on a person's page; “Download everything” has all."""
ASKED_AT_ONCE = 200


class KeywordInline(PeopleInline):
    model = Keyword
    fields = ("text", "stance")


@admin.register(Subscriber)
class SubscriberAdmin(FoundByAddressAdmin):
    list_display = ["email", "status", "followed", "cadence", "hour", "time_zone", "next_digest_at"]
    list_filter = ["status", "cadence", "language"]
    search_fields = ["email_key", "keywords__text"]
    search_help_text = "A whole address in any spelling, or a part of a keyword."
    date_hierarchy = "asked_at"
    fieldsets = [
        (None, {"fields": ["email", "status", "asked_at", "confirmed_at", "left_at", "paused_until"]}),
        (
            "Wish",
            {"fields": ["cadence", "weekday", "hour", "time_zone", "size", "thin_day", "language"]},
        ),
        ("Digests", {"fields": ["next_digest_at", "caught_up_at"]}),
    ]
    readonly_fields = ["asked_at", "confirmed_at", "left_at", "next_digest_at", "caught_up_at"]
    inlines = [KeywordInline, ConsentInline, NoticeInline]
    actions = ["ask", "export_csv"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscriber]:
        return super().get_queryset(request).prefetch_related("keywords")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        pages = ImportPages(self)
        return [
            path("import/", view(pages.upload), name=self.name_of("import")),
            path("import/apply/", view(pages.settle), name=self.name_of("import_apply")),
            *(
                path(f"<int:pk>/{act.name}/", view(self.act), {"act": act}, name=self.name_of(act.name))
                for act in ACTS
            ),
            *super().get_urls(),
        ]

    @admin.display(description="keywords")
    def followed(self, subscriber: Subscriber) -> str:
        return ", ".join(str(keyword) for keyword in subscriber.keywords.all()) or "(trending)"

    def found(self, request: HttpRequest, address: Address) -> HttpResponse:
        subscriber = Subscriber.objects.filter(email_key=address.key).first()
        if subscriber is not None:
            return self.go("change", subscriber.pk)
        why = ", ".join(reason.label for reason in reasons(address.key))
        held = f" It is suppressed, though: {why}." if why else ""
        self.message_user(request, f"Nobody here has this address.{held}", messages.WARNING)
        return self.go("changelist")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(
            request, {**(extra_context or {}), "may_import": may(request, LOOK, IMPORT)}
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        subscriber = context.get("original")
        if isinstance(subscriber, Subscriber):
            context |= {
                "acts": [act for act in ACTS if may(request, act.permission) and not act.refuses(subscriber)],
                "suppressed": [reason.label for reason in reasons(subscriber.email_key)],
                "received": [one for h in holdings() for one in h.history(subscriber, limit=HISTORY)],
            }
        return super().render_change_form(request, context, *args, **kwargs)

    # --- what can be done about one person ----------------------------------------------

    def act(self, request: HttpRequest, pk: int, act: Act) -> HttpResponse:
        """A page that says what will happen; its button does it."""
        if not may(request, LOOK, act.permission):
            raise PermissionDenied
        subscriber = get_object_or_404(Subscriber, pk=pk)
        refusal = act.refuses(subscriber)
        typed = request.POST.get("typed", "").strip().casefold()
        if request.method == "POST" and not refusal and typed == act.word:
            done = act.run(request, subscriber)
            if done.file is not None:
                return done.file
            self.message_user(request, done.message, messages.SUCCESS if done.well else messages.WARNING)
            still_here = Subscriber.objects.filter(pk=pk).exists()
            return self.go("change", pk) if still_here else self.go("changelist")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": act.label,
            "act": act,
            "subscriber": subscriber,
            "refusal": refusal,
            "mistyped": request.method == "POST" and not refusal,
        }
        return TemplateResponse(request, "admin/subscriptions/subscriber/act.html", context)

    # --- what can be done about many ----------------------------------------------------

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return may(request, LOOK, CHANGE_SUBSCRIBER)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return may(request, LOOK, EXPORT)

    @admin.action(description="Ask to confirm (those who are pending)", permissions=["ask"])
    def ask(self, request: HttpRequest, chosen: QuerySet[Subscriber]) -> HttpResponse | None:
        pending = chosen.filter(status=Subscriber.Status.PENDING).order_by("asked_at", "pk")
        if "sure" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": "Ask to confirm",
                "pending": pending.count(),
                "others": chosen.count() - pending.count(),
                "at_once": ASKED_AT_ONCE,
                "posted": [(n, v) for n in POSTED_AGAIN for v in request.POST.getlist(n)],
            }
            return TemplateResponse(request, "admin/subscriptions/subscriber/ask_many.html", context)
        act, asked = AskToConfirm(), 0
        for subscriber in pending[:ASKED_AT_ONCE]:
            asked += act.run(request, subscriber).well
        self.message_user(request, f"{asked} letter{'' if asked == 1 else 's'} on the way.", messages.SUCCESS)
        return None

    @admin.action(description="Export as CSV", permissions=["export"])
    def export_csv(self, request: HttpRequest, chosen: QuerySet[Subscriber]) -> StreamingHttpResponse:
        log(request, Subscriber, f"{chosen.count()} exported as CSV.", name="subscribers")
        # The mark in front tells Excel that this is UTF-8.
        pieces = ("\ufeff" + line if first == 0 else line for first, line in enumerate(roster(chosen)))
        response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="subscribers.csv"'
        response["Cache-Control"] = "no-store"
        return response


POSTED_AGAIN = ("action", "index", "select_across", "_selected_action")
"""Of the list's form: with these, the page that asks comes back to the same people."""
