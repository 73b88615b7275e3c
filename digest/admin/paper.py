"""Papers, with the names they go by and what was seen of them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, URLField
from django.http import HttpRequest

from digest.models import Identifier, Paper, Sighting


class IdentifierInline(admin.TabularInline):
    model = Identifier
    extra = 0
    can_delete = False
    fields = ("scheme", "value")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class SightingInline(admin.TabularInline):
    model = Sighting
    extra = 0
    can_delete = False
    fields = ("seen_at", "source", "upvotes", "comments", "stars")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Paper)
class PaperAdmin(admin.ModelAdmin):
    list_display = ["title", "public_id", "announced_at", "edition"]
    list_filter = ["withdrawn", "announced_at"]
    search_fields = ["title", "authors", "identifiers__value"]
    date_hierarchy = "announced_at"
    inlines = [IdentifierInline, SightingInline]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Paper]:
        return super().get_queryset(request).select_related("entry__edition")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["public_id"] if obj is not None else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Papers come through a source, which knows their names; `ingest --file` is one.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Paper | None = None) -> bool:
        # Found again, it would be new, and be mailed a second time. An entry can be hidden instead.
        return False

    @admin.display(description="edition")
    def edition(self, paper: Paper) -> str:
        entry = getattr(paper, "entry", None)
        return str(entry.edition.date) if entry else "none"
