"""Subscribers in the admin: listed and searchable; consent and suppression are read only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from subscriptions.address import AddressRefused, parse_address
from subscriptions.models import Consent, Keyword, Notice, Subscriber, Suppression
from subscriptions.suppression import suppression_key


class ReadOnlyAdmin(admin.ModelAdmin):
    """A ledger: looked at, never edited by hand."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class KeywordInline(admin.TabularInline):
    model = Keyword
    extra = 0
    fields = ("text", "stance")
    readonly_fields = ("text", "stance")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class ConsentInline(admin.TabularInline):
    model = Consent
    extra = 0
    fields = ("at", "kind", "origin", "wording")
    readonly_fields = fields
    can_delete = False
    verbose_name_plural = "consent"

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Subscriber)
class SubscriberAdmin(ReadOnlyAdmin):
    list_display = ["email", "status", "followed", "cadence", "hour", "time_zone", "next_digest_at"]
    list_filter = ["status", "cadence", "language"]
    search_fields = ["email", "email_key", "keywords__text"]
    date_hierarchy = "asked_at"
    inlines = [KeywordInline, ConsentInline]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscriber]:
        return super().get_queryset(request).prefetch_related("keywords")

    @admin.display(description="keywords")
    def followed(self, subscriber: Subscriber) -> str:
        return ", ".join(str(keyword) for keyword in subscriber.keywords.all()) or "(trending)"


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    list_display = ["key", "reason", "created_at", "note"]
    list_filter = ["reason"]
    search_fields = ["key", "note"]
    search_help_text = "A whole address, or a part of the hash or note."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        """No address is kept, but one that is asked for can be hashed like those that are."""
        try:
            key = suppression_key(parse_address(search_term).key)
        except AddressRefused:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(key=key), False


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["letter", "subscriber_address", "state", "reason", "created_at", "settled_at"]
    list_filter = ["letter", "state"]
    search_fields = ["subscriber__email", "subscriber__email_key"]
    list_select_related = ["subscriber"]

    @admin.display(description="subscriber")
    def subscriber_address(self, notice: Notice) -> str:
        return notice.subscriber.email
