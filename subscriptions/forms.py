"""The sign-up form."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from subscriptions import wording
from subscriptions.address import Address, AddressRefused, parse_address
from subscriptions.keywords import KeywordsRefused, TypedKeyword, parse_keywords
from subscriptions.models import MAX_KEYWORD_LENGTH, MAX_KEYWORDS, Subscriber


class SignUpForm(forms.Form):
    """An address is enough; keywords make it a digest of one's own."""

    use_required_attribute = True

    email = forms.CharField(
        label="Your address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "placeholder": "you@example.org"}),
        error_messages={"required": "Please type the address the digest should go to."},
    )
    keywords = forms.CharField(
        label="Keywords",
        required=False,
        max_length=(MAX_KEYWORD_LENGTH + 2) * MAX_KEYWORDS,
        widget=forms.TextInput(attrs={"placeholder": "retrieval, diffusion, -survey", "autocomplete": "off"}),
        help_text="Separated by commas. A minus mutes. None at all: what is trending.",
    )
    # Filled in by the browser where it has JavaScript; a bad or missing one is no error.
    time_zone = forms.Field(required=False, widget=forms.HiddenInput)

    wording = wording.TEXTS[wording.SIGN_UP]

    def clean_email(self) -> Address:
        try:
            return parse_address(self.cleaned_data["email"])
        except AddressRefused as error:
            raise forms.ValidationError(str(error)) from error

    def clean_keywords(self) -> list[TypedKeyword]:
        try:
            return parse_keywords(self.cleaned_data["keywords"])
        except KeywordsRefused as error:
            raise forms.ValidationError(str(error)) from error

    def clean_time_zone(self) -> ZoneInfo | None:
        known = {str(zone): zone for zone, _ in Subscriber.time_zone.field.choices or ()}
        for name in ("localtime", "Factory"):  # whatever this machine is set to
            known.pop(name, None)
        zone: ZoneInfo | None = known.get(self.cleaned_data["time_zone"])
        return zone

    def request_values(self) -> dict[str, Any]:
        """What `lifecycle.request` takes, of a form that is valid."""
        return {
            "address": self.cleaned_data["email"],
            "keywords": self.cleaned_data["keywords"],
            "time_zone": self.cleaned_data["time_zone"],
        }
