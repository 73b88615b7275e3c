"""The ledger of consent."""

from django.contrib import admin

from subscriptions.admin.finding import FoundByAddressAdmin
from subscriptions.admin.ledger import PeopleInline
from subscriptions.models import Consent


class ConsentInline(PeopleInline):
    model = Consent
    fields = ("at", "kind", "origin", "wording", "network", "detail")
    verbose_name_plural = "consent"


@admin.register(Consent)
class ConsentAdmin(FoundByAddressAdmin):
    list_display = ["at", "kind", "origin", "wording", "address"]
    list_filter = ["kind", "origin", "at"]
    search_fields = ["subscriber__email_key"]
    date_hierarchy = "at"
    ordering = ["-at"]
    list_select_related = ["subscriber"]

    @admin.display(description="subscriber")
    def address(self, consent: Consent) -> str:
        return consent.subscriber.email
