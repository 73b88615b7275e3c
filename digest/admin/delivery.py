"""The ledger of digests."""

from django.contrib import admin
from django.forms import Form

from digest.admin.preview import PreviewedAdmin
from digest.models import Delivery, DeliveryEvent, Vote
from digest.specimen import NothingToShow, specimen
from subscriptions.admin import ReadOnlyAdmin
from subscriptions.message import Message


@admin.register(Delivery)
class DeliveryAdmin(PreviewedAdmin, ReadOnlyAdmin):
    list_display = ["edition_date", "address", "state", "reason", "papers", "planned_at", "settled_at"]
    list_filter = ["state", "planned_at"]
    search_fields = ["subscriber__email", "subscriber__email_key", "esp_message_id", "reason"]
    date_hierarchy = "planned_at"
    list_select_related = ["edition", "subscriber"]
    list_per_page = 50

    @admin.display(description="edition", ordering="edition__date")
    def edition_date(self, delivery: Delivery) -> str:
        return str(delivery.edition.date)

    @admin.display(description="subscriber")
    def address(self, delivery: Delivery) -> str:
        return delivery.subscriber.email if delivery.subscriber else "(erased)"

    @admin.display(description="papers")
    def papers(self, delivery: Delivery) -> int:
        return len(delivery.picks)

    def letter_of(self, delivery: Delivery, form: Form | None) -> Message:
        if delivery.subscriber is None:
            raise NothingToShow("The reader was erased, and with them what they were sent.")
        return specimen(delivery, delivery.subscriber)


@admin.register(DeliveryEvent)
class DeliveryEventAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "esp", "kind", "delivery", "detail"]
    list_filter = ["esp", "kind"]
    search_fields = ["event_id", "detail"]
    list_select_related = ["delivery"]


@admin.register(Vote)
class VoteAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "paper"]
    list_filter = ["kind"]
    search_fields = ["paper__title"]
    list_select_related = ["paper"]
