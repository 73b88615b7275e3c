"""Addresses we do not mail: looked up, suppressed and lifted by typing them, since none is kept."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, DELETION
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from subscriptions.address import Address, AddressRefused, parse_address
from subscriptions.admin.finding import FoundByAddressAdmin
from subscriptions.admin.ledger import LOOK, may
from subscriptions.admin.logbook import log
from subscriptions.models import Subscriber, Suppression
from subscriptions.suppression import lift, reasons, suppress, suppression_key

SUPPRESS = "subscriptions.suppress_address"
GRAVE = {Suppression.Reason.ERASED, Suppression.Reason.COMPLAINT}
"""Somebody said themselves that they want no mail from here."""
WORD = "lift"


def without_address(note: str) -> None:
    """Notes are shown and logged, and outlive the person."""
    if "@" in note:
        raise forms.ValidationError("Please leave addresses out of the note.")


class AddressField(forms.CharField):
    """Gives an `Address`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="Address", max_length=254, **kwargs)

    def clean(self, value: Any) -> Address:
        try:
            return parse_address(super().clean(value))
        except AddressRefused as error:
            raise forms.ValidationError(f"That is not an address; the trouble is: {error.fault}.") from error


class SuppressForm(forms.Form):
    address = AddressField(widget=forms.TextInput(attrs={"size": 40, "autocomplete": "off"}))
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=200,
        validators=[without_address],
        widget=forms.TextInput(attrs={"size": 70}),
        help_text="Why, for whoever asks later; no address, please.",
    )


class LiftForm(forms.Form):
    address = AddressField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(choices=Suppression.Reason.choices, widget=forms.HiddenInput)
    note = forms.CharField(
        label="Why",
        required=False,
        max_length=200,
        validators=[without_address],
        widget=forms.TextInput(attrs={"size": 70}),
        help_text="Kept in the log of what editors did; no address, please.",
    )
    typed = forms.CharField(label=f"Type “{WORD}” to go on", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reason") in GRAVE:
            if not cleaned.get("note") and "note" not in self.errors:
                self.add_error("note", "Please say how they asked for this themselves.")
            if cleaned.get("typed", "").strip().casefold() != WORD:
                self.add_error("typed", f"Please type “{WORD}”.")
        return cleaned


@admin.register(Suppression)
class SuppressionAdmin(FoundByAddressAdmin):
    list_display = ["key", "reason", "created_at", "note"]
    list_filter = ["reason"]
    search_fields = ["key", "note"]
    search_help_text = "A whole address, or a part of the hash or note."

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("suppress/", view(self.suppress), name=self.name_of("suppress")),
            path("lift/", view(self.lift), name=self.name_of("lift")),
            *super().get_urls(),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        """No address is kept, but one that is asked for can be hashed like those that are."""
        try:
            key = suppression_key(parse_address(search_term).key)
        except AddressRefused:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(key=key), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(
            request, {**(extra_context or {}), "may_suppress": may(request, LOOK, SUPPRESS)}
        )

    def found(self, request: HttpRequest, address: Address) -> HttpResponse:
        """May this address be mailed?"""
        return self._page(
            request,
            "look_up.html",
            "May this address be mailed?",
            address=address.email,
            reasons=reasons(address.key),
            subscriber=Subscriber.objects.filter(email_key=address.key).first(),
            may_suppress=may(request, LOOK, SUPPRESS),
        )

    def suppress(self, request: HttpRequest) -> HttpResponse:
        _demand(request)
        form = SuppressForm(request.POST or None)
        if request.method == "POST" and "asked" not in request.POST and form.is_valid():
            address: Address = form.cleaned_data["address"]
            with transaction.atomic():
                row = suppress(address.key, Suppression.Reason.MANUAL, note=form.cleaned_data["note"])
                log(request, row, "Suppressed.", flag=ADDITION)
            self.message_user(request, "The address is not mailed from now on.", messages.SUCCESS)
            return self.go("changelist")
        if "asked" in request.POST:  # from the page that looked the address up
            form = SuppressForm(initial={"address": request.POST.get("address", "")})
        return self._page(request, "suppress.html", "Suppress an address", form=form)

    def lift(self, request: HttpRequest) -> HttpResponse:
        """Asks first: only what is posted with `sure` is done."""
        _demand(request)
        sure = "sure" in request.POST
        form = LiftForm(request.POST if sure else None, initial=request.POST.dict())
        try:
            reason = Suppression.Reason(request.POST.get("reason", ""))
            address = parse_address(request.POST.get("address", ""))
        except (ValueError, AddressRefused):
            return self.go("changelist")
        if sure and form.is_valid():
            with transaction.atomic():
                lifted = lift(address.key, reason)
                name = f"suppression {suppression_key(address.key)[:8]} ({reason})"
                note = form.cleaned_data["note"] or "no note"
                log(request, Suppression, f"Lifted: {note}", name=name, flag=DELETION)
            words = self._after(address, lifted=lifted)
            self.message_user(request, words, messages.SUCCESS if lifted else messages.WARNING)
            return self.go("changelist")
        return self._page(
            request,
            "lift.html",
            f"Lift: {reason.label}",
            form=form,
            address=address.email,
            reason=reason,
            grave=reason in GRAVE,
        )

    def _after(self, address: Address, *, lifted: bool) -> str:
        if not lifted:
            return "The address was not suppressed for this reason."
        others = ", ".join(reason.label for reason in reasons(address.key))
        if others:
            return f"Lifted. The address is still suppressed: {others}."
        return "Lifted. The address may be mailed again, if somebody signs up with it or still is."

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return TemplateResponse(request, f"admin/subscriptions/suppression/{template}", context)


def _demand(request: HttpRequest) -> None:
    if not may(request, LOOK, SUPPRESS):
        raise PermissionDenied
