"""The outbox of the demo: every mail as HTML, as text, and with its headers."""

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin

from digest import outbox
from digest.outbox import KeptMail


@never_cache
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "site/outbox.html", {"mails": list(outbox.kept())})


@never_cache
def mail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "site/outbox_mail.html", {"mail": _find(name)})


@never_cache
@xframe_options_sameorigin
@csp_replace(  # type: ignore[arg-type]  # its types know views without arguments only
    {
        "sandbox": [
            "allow-popups",
            "allow-popups-to-escape-sandbox",
            "allow-top-navigation-by-user-activation",
        ],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "frame-ancestors": ["'self'"],
    }
)
def html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part as a mail client would show it: its own styles, no scripts, no origin."""
    return HttpResponse(_find(name).html)


def _find(name: str) -> KeptMail:
    found = outbox.find(name)
    if found is None:
        raise Http404("no such mail")
    return found
