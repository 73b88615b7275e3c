"""Lost the mail? Have a link sent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View
from django.views.decorators.cache import never_cache

from subscriptions import lifecycle
from subscriptions.forms import AddressForm
from subscriptions.network import client_network
from subscriptions.views.pages import evenly


class ManageView(View):
    """Asks for an address and answers the same for each; the link goes there by mail."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "subscriptions/manage.html", {"form": AddressForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AddressForm(request.POST)
        if not form.is_valid():
            return render(request, "subscriptions/manage.html", {"form": form}, status=422)
        address, network = form.cleaned_data["email"], client_network(request)
        evenly(lambda: lifecycle.ask_for_link(address, network=network))
        return redirect("subscriptions:link_sent")


@never_cache
def link_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "subscriptions/link_sent.html")
