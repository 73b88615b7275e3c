"""Editions and the papers in them."""

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.forms import Form, ModelForm
from django.http import HttpRequest

from digest import editions, tasks
from digest.admin.preview import MadeUpForm, PreviewedAdmin
from digest.models import Edition, Entry
from digest.shelf import PATIENCE
from digest.specimen import of_edition, specimen
from subscriptions.enqueue import delay_on_commit
from subscriptions.message import Message


class EntryInline(admin.TabularInline):
    model = Entry
    extra = 0
    can_delete = False
    fields = ["rank", "paper", "score", "pin", "hidden", "note"]
    readonly_fields = ["rank", "paper", "score"]
    ordering = ["pin", "rank"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).select_related("paper")

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Edition)
class EditionAdmin(PreviewedAdmin):
    list_display = ["date", "condition", "papers_in_it", "published_at"]
    list_filter = ["state", "partial"]
    search_fields = ["date", "intro"]
    date_hierarchy = "date"
    fields = ["date", "state", "partial", "intro", "published_at"]
    readonly_fields = ["state", "partial", "published_at"]
    inlines = [EntryInline]
    actions = ["publish"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Edition]:
        editions: QuerySet[Edition] = super().get_queryset(request)
        return editions.annotate(size=Count("entries"))

    def save_model(self, request: HttpRequest, obj: Edition, form: ModelForm, change: bool) -> None:
        # Only what was edited: the page may be older than the edition's publication.
        obj.save(update_fields=form.changed_data if change else None)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Edition | None = None) -> list[str]:
        # Its address stands in everybody's mail.
        return [*self.readonly_fields, "date"] if obj and obj.is_published else list(self.readonly_fields)

    @admin.display(description="state", ordering="state")
    def condition(self, edition: Edition) -> str:
        return f"{edition.get_state_display()}{', partial' if edition.partial else ''}"

    @admin.display(description="papers", ordering="size")
    def papers_in_it(self, edition: Edition) -> int:
        return edition.size  # type: ignore[attr-defined, no-any-return]

    def form_of(self, request: HttpRequest) -> MadeUpForm:
        return MadeUpForm.asked(request.GET)

    def letter_of(self, edition: Edition, form: Form | None) -> Message:
        assert isinstance(form, MadeUpForm)
        reader = form.reader()
        return specimen(of_edition(edition, reader, patience=PATIENCE), reader)

    @admin.action(description="Publish now", permissions=["change"])
    def publish(self, request: HttpRequest, chosen: QuerySet[Edition]) -> None:
        for edition in chosen.order_by("date"):
            try:
                editions.publish(edition, by=request.user if request.user.is_authenticated else None)
            except editions.NothingToPublish as error:
                self.message_user(request, str(error), messages.WARNING)
            else:
                self.message_user(request, f"The {edition} is published.", messages.SUCCESS)
        delay_on_commit(tasks.dispatch_due)
