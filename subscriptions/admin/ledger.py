"""What all our lists have in common: they are read, by those who may."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

LOOK = "subscriptions.view_subscriber"
"""To see people in any of our lists."""


class ReadOnlyAdmin(admin.ModelAdmin):
    """A ledger: looked at, never edited by hand."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class PeopleAdmin(ReadOnlyAdmin):
    """A ledger about people: whoever may see subscribers sees all that is known of them."""

    list_per_page = 50

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return may(request, LOOK)


class PeopleInline(admin.TabularInline):
    """The same within a person's page."""

    extra = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or ()

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return may(request, LOOK)


def may(request: HttpRequest, *permissions: str) -> bool:
    """Whether this editor has all of these permissions."""
    return request.user.is_active and request.user.has_perms(permissions)
