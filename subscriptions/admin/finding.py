"""Search by address. The address is posted: what stands in an address bar stands in logs and histories."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from subscriptions.address import Address, AddressRefused, parse_address
from subscriptions.admin.ledger import PeopleAdmin
from subscriptions.models import Subscriber


class FoundByAddressAdmin(PeopleAdmin):
    """The search form of these lists (`search_form.html`) posts to `find`."""

    search_help_text = "A whole address, in any spelling."

    def get_urls(self) -> list[URLPattern]:
        find = path("find/", self.admin_site.admin_view(self.find), name=self.name_of("find"))
        return [find, *super().get_urls()]

    def name_of(self, view: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{view}"

    def go(self, view: str, *args: Any, **query: str) -> HttpResponse:
        address = reverse(f"admin:{self.name_of(view)}", args=args)
        return HttpResponseRedirect(f"{address}?{urlencode(query)}" if query else address)

    def find(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        typed = request.POST.get("q", "").strip()
        if "@" not in typed:
            return self.go("changelist", **({"q": typed} if typed else {}))
        try:
            return self.found(request, parse_address(typed))
        except AddressRefused as error:
            self.message_user(
                request, f"That is not an address; the trouble is: {error.fault}.", messages.WARNING
            )
            return self.go("changelist")

    def found(self, request: HttpRequest, address: Address) -> HttpResponse:
        """Where to go with an address: by default to the rows of the list that are about them."""
        subscriber = Subscriber.objects.filter(email_key=address.key).first()
        if subscriber is None:
            self.message_user(request, "Nobody here has this address.", messages.WARNING)
            return self.go("changelist")
        return self.go("changelist", subscriber__id__exact=str(subscriber.pk))
