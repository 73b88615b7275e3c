"""The letter behind a row of the admin, as its reader's mail program would show it."""

from typing import Any, Self

from csp.decorators import csp
from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.clickjacking import xframe_options_sameorigin

from digest.sandbox import sandbox
from digest.specimen import NothingToShow, html_of, in_scheme, made_up
from subscriptions.keywords import KeywordsRefused, TypedKeyword, parse_keywords
from subscriptions.message import Message
from subscriptions.models import MAX_KEYWORD_LENGTH, MAX_KEYWORDS, Subscriber

VIEWS = {"desktop": "Desktop", "phone": "Phone", "dark": "Dark", "text": "Text", "headers": "Headers"}
FRAMED = ("desktop", "phone", "dark")


class MadeUpForm(forms.Form):
    """Who the reader of an edition is thought to be."""

    keywords = forms.CharField(
        required=False,
        max_length=(MAX_KEYWORD_LENGTH + 2) * MAX_KEYWORDS,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text="Made up, separated by commas; a minus mutes. None at all: what is trending.",
    )
    size = forms.TypedChoiceField(
        label="At most", coerce=int, choices=[(size, f"{size} papers") for size in Subscriber.Size.values]
    )
    language = forms.ChoiceField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]

    @classmethod
    def asked(cls, query: QueryDict) -> Self:
        """As an address asks for it; what it leaves out is as for somebody who just signed up."""
        usual = {"keywords": "", "size": str(Subscriber.Size.TEN.value), "language": settings.LANGUAGE_CODE}
        return cls(usual | {name: query[name] for name in usual if name in query})

    def clean_keywords(self) -> list[TypedKeyword]:
        try:
            return parse_keywords(self.cleaned_data["keywords"])
        except KeywordsRefused as error:
            raise forms.ValidationError(str(error)) from error

    def reader(self) -> Subscriber:
        """Only of a valid form."""
        wish = self.cleaned_data
        return made_up(wish["keywords"], size=wish["size"], language=wish["language"])


class PreviewedAdmin(admin.ModelAdmin):
    """A noun that a letter is made of: a page shows it in several views, some of them as a frame, whose
    letter has an address of its own. For whoever may see the row.
    """

    change_form_template = "admin/digest/previewed.html"

    def form_of(self, request: HttpRequest) -> forms.Form | None:
        """What can be asked for, if anything."""
        return None

    def letter_of(self, row: Any, form: forms.Form | None) -> Message:
        """The letter of a row, with links that do nothing; `form` is valid.

        Raises:
            NothingToShow: there is none.
        """
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, self._name_of
        return [
            path("<int:pk>/preview/", view(self.preview), name=name("preview")),
            path("<int:pk>/preview/letter/", view(self.letter), name=name("letter")),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        row, form = self._row(request, pk), self.form_of(request)
        chosen = request.GET.get("view", "")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Preview",
            "original": row,
            "form": form,
            "view": chosen if chosen in VIEWS else "desktop",
            "views": [(name, label, f"?{_query(form, view=name)}") for name, label in VIEWS.items()],
        }
        if form is None or form.is_valid():
            try:
                context |= self._shown(row, form, context["view"])
            except NothingToShow as why:
                context["nothing"] = str(why)
        return TemplateResponse(request, "admin/digest/preview.html", context)

    def _shown(self, row: Model, form: forms.Form | None, view: str) -> dict[str, object]:
        message = self.letter_of(row, form)
        address = reverse(f"admin:{self._name_of('letter')}", args=[row.pk])
        return {
            "subject": message.subject,
            "frame": f"{address}?{_query(form, view=view)}" if view in FRAMED else "",
            "text": message.body,
            "headers": message.wire().partition(b"\r\n\r\n")[0].decode("ascii"),
        }

    @method_decorator([xframe_options_sameorigin, csp(sandbox(framed_by="self"))])
    def letter(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The HTML alone, for a frame. Its links open pages of their own: ours let nobody frame them."""
        row, form = self._row(request, pk), self.form_of(request)
        if form is not None and not form.is_valid():
            raise Http404("no such reader can be made up")
        try:
            html = html_of(self.letter_of(row, form))
        except NothingToShow as why:
            raise Http404(str(why)) from why
        html = in_scheme(html, dark=request.GET.get("view") == "dark")
        return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))

    def _row(self, request: HttpRequest, pk: int) -> Model:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row: Model = get_object_or_404(self.get_queryset(request), pk=pk)
        return row

    def _name_of(self, view: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{view}"


def _query(form: forms.Form | None, **more: str) -> str:
    """What was asked for, as it was asked, for another view of the same."""
    query = QueryDict(mutable=True)
    query.update({**(form.data if form else {}), **more})
    return query.urlencode()
