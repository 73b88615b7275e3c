"""The pages of an import: first what would happen, then, by another button, exactly that."""

import io
import secrets
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from subscriptions import lifecycle
from subscriptions.admin.ledger import LOOK, may
from subscriptions.admin.logbook import log
from subscriptions.imports import FORMATS, FileRefused, upload
from subscriptions.lifecycle import ImportReport
from subscriptions.lifecycle.importing import SHORTEST_STATEMENT
from subscriptions.models import Subscriber
from subscriptions.reported import MARKS, counted, summary

IMPORT = "subscriptions.import_subscriber"
KEPT_SECONDS = 60 * 60
MAX_BYTES = 10 * 1024 * 1024
MAX_LINES = 5_000
"""What can be done while somebody waits for a page. The command takes more."""
LINES_SHOWN = 200
IN_SESSION = "subscriptions.import"


class ImportForm(forms.Form):
    file = forms.FileField(
        label="File", help_text="A CSV file, or the zip archive that Mailchimp makes, just as it is named."
    )
    form = forms.ChoiceField(
        label="Format",
        choices=[("auto", "told by its first line"), *((name, one.LABEL) for name, one in FORMATS.items())],
    )
    statement = forms.CharField(
        label="How they agreed",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"size": 70, "placeholder": "Double opt-in at Mailchimp since 2021"}),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(
                f"This page takes up to {MAX_BYTES // 1024 // 1024} MB. "
                "For more there is the command: manage.py import_subscribers"
            )
        return file

    def clean_statement(self) -> str:
        statement = " ".join(self.cleaned_data["statement"].split())
        if statement and len(statement) < SHORTEST_STATEMENT:
            raise forms.ValidationError("That says too little of how these people agreed.")
        return statement


@dataclass(frozen=True, slots=True)
class Kept:
    """An upload between the two steps."""

    user_id: int
    name: str
    content: bytes
    form: str
    statement: str

    def run(self, *, dry_run: bool) -> tuple[ImportReport, str]:
        """Raises FileRefused."""
        with upload(io.BytesIO(self.content), self.name, self.form) as found:
            if found.lines > MAX_LINES:
                raise FileRefused(
                    f"This page takes up to {MAX_LINES:,} lines. "
                    "For more there is the command: manage.py import_subscribers"
                )
            report = lifecycle.import_people(
                found, platform=found.platform, statement=self.statement, dry_run=dry_run
            )
            return report, found.platform


class ImportPages:
    """Two views of the subscribers' list."""

    def __init__(self, admin: ModelAdmin) -> None:
        self.admin = admin

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Take a file and show what would become of whom."""
        _demand(request)
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            kept = Kept(
                user_id=request.user.pk or 0,
                name=file.name or "",
                content=file.read(),
                form=form.cleaned_data["form"],
                statement=form.cleaned_data["statement"],
            )
            try:
                report, platform = kept.run(dry_run=True)
            except FileRefused as error:
                form.add_error("file", str(error))
            else:
                return self._plan(request, kept, report, platform)
        return self._page(request, "import.html", "Import people", form=form)

    def settle(self, request: HttpRequest) -> HttpResponse:
        """Apply just what was shown, or drop it."""
        _demand(request)
        token = request.POST.get("token", "")
        mine = bool(token) and token == request.session.get(IN_SESSION)
        kept: Kept | None = cache.get(_key(token)) if mine else None
        if mine:
            request.session.pop(IN_SESSION)
        # Whoever deletes it has it: a second click finds nothing.
        if kept is None or not cache.delete(_key(token)) or kept.user_id != request.user.pk:
            self.admin.message_user(
                request, "That upload is not kept any more. Please upload the file again.", messages.WARNING
            )
            return _go("import")
        if "apply" not in request.POST:
            self.admin.message_user(request, "The upload is forgotten; nobody was imported.", messages.INFO)
            return _go("changelist")
        report, platform = kept.run(dry_run=False)
        words = summary(report, dry_run=False)
        log(request, Subscriber, f"Imported from {platform}. {words}", name="import")
        self.admin.message_user(request, f"Imported from {platform}. {words}", messages.SUCCESS)
        return _go("changelist")

    def _plan(self, request: HttpRequest, kept: Kept, report: ImportReport, platform: str) -> HttpResponse:
        if before := request.session.get(IN_SESSION):
            cache.delete(_key(before))
        token = secrets.token_urlsafe(32)
        request.session[IN_SESSION] = token
        cache.set(_key(token), kept, KEPT_SECONDS)
        shown = report.lines[:LINES_SHOWN]
        return self._page(
            request,
            "import_plan.html",
            "What this import would do",
            token=token,
            platform=platform,
            statement=kept.statement,
            total=report.total,
            counted=counted(report),
            lines=[(MARKS[line.outcome], line) for line in shown],
            more=report.total - len(shown),
        )

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        site = self.admin.admin_site.each_context(request)
        context = {**site, "opts": self.admin.opts, "title": title, **context}
        return TemplateResponse(request, f"admin/subscriptions/subscriber/{template}", context)


def _demand(request: HttpRequest) -> None:
    if not may(request, LOOK, IMPORT):
        raise PermissionDenied


def _key(token: str) -> str:
    return f"subscriptions.import.{token}"


def _go(view: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(f"admin:subscriptions_subscriber_{view}"))
