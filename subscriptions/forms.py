"""The forms people fill in: a wish, a sign-up, an address, a pause."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core import signing
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from subscriptions import wording
from subscriptions.address import Address, AddressRefused, Fault, parse_address
from subscriptions.keywords import KeywordsRefused, TypedKeyword, parse_keywords
from subscriptions.models import MAX_KEYWORD_LENGTH, MAX_KEYWORDS, Keyword, Subscriber
from subscriptions.preferences import PLAIN, Preferences
from subscriptions.zones import ZoneUnknown, find_zone

HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]
FASTEST = timedelta(seconds=2)
"""Nobody fills in a form by hand in less."""
FAST_COST = 3
"""What a form sent back faster than that takes of its network's allowance: who has a browser that fills
in for them is quick, too, so it is no reason to refuse one."""
STAMP = signing.TimestampSigner(salt="paper-round.form")
FAULTS = {
    Fault.NO_AT: _("This is not an address: it has no @. Write it like you@example.org."),
    Fault.LETTERS: _(
        "We cannot mail addresses with such letters before the @ yet. "
        "If your provider gave you one in plain letters, too, please type that."
    ),
    Fault.LOCAL: _("The part before the @ cannot be right. Write the address like you@example.org."),
    Fault.DOMAIN: _("The part after the @ cannot be right. Write the address like you@example.org."),
    Fault.OTHER: _("This is not an address we can mail. Write it like you@example.org."),
}


class FocusedForm(forms.Form):
    """Sent back, it begins at the first field that is wrong."""

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, error)
        wrong = [name for name in self.fields if name in self.errors]
        for name in wrong:
            self.fields[name].widget.attrs.pop("autofocus", None)
        for name in wrong[:1]:
            self.fields[name].widget.attrs["autofocus"] = True


class AddressForm(FocusedForm):
    """An address, told why where it is none."""

    email = forms.CharField(
        label=_("Your address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "placeholder": "you@example.org"}),
        error_messages={"required": _("Please type the address the digest should go to.")},
    )

    def clean_email(self) -> Address:
        try:
            return parse_address(self.cleaned_data["email"])
        except AddressRefused as error:
            raise forms.ValidationError(FAULTS[error.fault]) from error


class NewAddressForm(AddressForm):
    """Where somebody's digests shall go instead."""

    prefix = "new"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New address")


class WishForm(FocusedForm):
    """A standing wish. What is not sent along stays as it is in `base`."""

    keywords = forms.CharField(
        label=_("Keywords"),
        required=False,
        max_length=(MAX_KEYWORD_LENGTH + 2) * MAX_KEYWORDS,
        widget=forms.TextInput(
            attrs={"placeholder": _("retrieval, diffusion, -survey"), "autocomplete": "off"}
        ),
        help_text=_(
            "Separated by commas. A minus mutes; “exact words”, OR, author: and cat: work, too. "
            "None at all: what is trending."
        ),
    )
    cadence = forms.ChoiceField(label=_("How often"), required=False, choices=Subscriber.CadenceKind.choices)
    weekday = forms.TypedChoiceField(
        label=_("Which day, if once a week"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=Subscriber.Weekday.choices,
    )
    hour = forms.TypedChoiceField(
        label=_("Hour"), required=False, coerce=int, empty_value=None, choices=HOURS
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "zones"}),
        help_text=_("Like Europe/Berlin; a large city is enough."),
    )
    size = forms.TypedChoiceField(
        label=_("At most"), required=False, coerce=int, empty_value=None, choices=Subscriber.Size.choices
    )
    thin_day = forms.ChoiceField(
        label=_("When nothing matches"), required=False, choices=Subscriber.ThinDay.choices
    )
    language = forms.ChoiceField(label=_("Language of the mails"), required=False)
    # Filled in by the browser where it has JavaScript; a bad or missing one is no error.
    guessed_zone = forms.Field(required=False, widget=forms.HiddenInput)

    more = ("cadence", "weekday", "hour", "time_zone", "size", "thin_day", "language")
    """What most people leave as it is."""

    def __init__(self, *args: Any, base: Preferences | None = None, **kwargs: Any) -> None:
        self.base = base or default_preferences()
        kwargs.setdefault("initial", initial_of(self.base))
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = settings.LANGUAGES

    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.more]

    def more_is_wrong(self) -> bool:
        return any(name in self.errors for name in self.more)

    def clean_keywords(self) -> list[TypedKeyword]:
        try:
            return parse_keywords(self.cleaned_data["keywords"])
        except KeywordsRefused as error:
            raise forms.ValidationError(error.message, params=error.values) from error

    def clean_time_zone(self) -> ZoneInfo | None:
        typed = self.cleaned_data["time_zone"]
        guessed = str(self.data.get(self.add_prefix("guessed_zone"), ""))[:64]
        try:
            return find_zone(typed or guessed)
        except ZoneUnknown as error:
            if typed in ("", guessed):
                return None
            if error.suggestions:
                raise forms.ValidationError(
                    _("There is no time zone “%(typed)s”. Did you mean %(near)s?"),
                    params={"typed": typed, "near": ", ".join(error.suggestions)},
                ) from error
            raise forms.ValidationError(
                _("There is no time zone “%(typed)s”. Write it like Europe/Berlin."), params={"typed": typed}
            ) from error

    def preferences(self) -> Preferences:
        """The wish of a form that is valid."""
        given = {
            name: self.cleaned_data[name] for name in PLAIN if self.cleaned_data.get(name) not in (None, "")
        }
        if "keywords" in self.data:
            given["keywords"] = tuple(self.cleaned_data["keywords"])
        preferences = replace(self.base, **given)
        if preferences.cadence != Subscriber.CadenceKind.WEEKLY:
            return replace(preferences, weekday=None)
        return preferences if preferences.weekday is not None else replace(preferences, weekday=0)


class SignUpForm(WishForm, AddressForm):
    """An address is enough; keywords make it a digest of one's own."""

    # Nobody sees this field; what fills in everything fills in this one.
    homepage = forms.Field(
        required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})
    )
    shown = forms.Field(required=False, widget=forms.HiddenInput)

    wording = wording.TEXTS[wording.SIGN_UP]
    field_order = ["email", "keywords"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["shown"] = STAMP.sign("form")

    @property
    def trapped(self) -> bool:
        return bool(self.cleaned_data.get("homepage"))

    @property
    def cost(self) -> int:
        """What this sign-up takes of its network's allowance."""
        shown = str(self.cleaned_data.get("shown") or "")
        try:
            STAMP.unsign(shown, max_age=24 * 3_600)
        except signing.BadSignature:
            return FAST_COST
        try:
            STAMP.unsign(shown, max_age=FASTEST)
        except signing.SignatureExpired:
            return 1
        return FAST_COST


class PauseForm(FocusedForm):
    OUT_OF_RANGE = _("Choose a day after today and within the next year.")

    until = forms.DateField(
        label=_("Send nothing before"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Please choose a day."),
            "invalid": _("Write the day like 2025-09-26."),
        },
    )


class LeaveForm(forms.Form):
    """Why they leave, if they care to say."""

    REASONS = [
        ("", _("No reason given")),
        ("too_many", _("Too many mails")),
        ("not_relevant", _("The papers are not relevant to me")),
        ("no_time", _("No time to read")),
        ("not_asked", _("I never signed up")),
        ("other", _("Something else")),
    ]
    reason = forms.ChoiceField(label=_("Why? (optional)"), required=False, choices=REASONS)


def default_preferences() -> Preferences:
    """What somebody gets who only gives an address."""
    known = dict(settings.LANGUAGES)
    active = get_language() or settings.LANGUAGE_CODE
    return Preferences(
        language=active if active in known else settings.LANGUAGE_CODE, weekday=Subscriber.Weekday.MONDAY
    )


def initial_of(preferences: Preferences) -> dict[str, Any]:
    """How a form shows a wish."""
    return {
        **{name: getattr(preferences, name) for name in PLAIN},
        "time_zone": str(preferences.time_zone or ""),
        "weekday": Subscriber.Weekday.MONDAY if preferences.weekday is None else preferences.weekday,
        "keywords": ", ".join(
            f"-{k.text}" if k.stance == Keyword.Stance.MUTE else k.text for k in preferences.keywords
        ),
    }
