"""The ledger of transactional letters."""

from django.contrib import admin

from subscriptions.admin.finding import FoundByAddressAdmin
from subscriptions.admin.ledger import PeopleInline
from subscriptions.models import Notice


class NoticeInline(PeopleInline):
    model = Notice
    fields = ("created_at", "letter", "state", "reason", "settled_at")
    verbose_name_plural = "letters"


@admin.register(Notice)
class NoticeAdmin(FoundByAddressAdmin):
    list_display = ["letter", "subscriber_address", "state", "reason", "created_at", "settled_at"]
    list_filter = ["letter", "state"]
    search_fields = ["subscriber__email_key"]
    list_select_related = ["subscriber"]

    @admin.display(description="subscriber")
    def subscriber_address(self, notice: Notice) -> str:
        return notice.subscriber.email
