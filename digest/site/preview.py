"""What would I have got? Answers while somebody fills in a form, before anything is kept of it."""

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt

from digest.preview import preview
from subscriptions.forms import SignUpForm, WishForm
from subscriptions.network import client_network
from subscriptions.rates import Rate
from subscriptions.throttling import spend

ASKED = ("keywords", "size", "thin_day")
"""What of a form is looked at; an address that a browser sends along is not."""
PER_NETWORK = Rate(count=60, seconds=60)


# A page elsewhere that posts here changes nothing and may not read the answer; and the pages behind a
# token, which send no referrer, could not pass that protection.
@csrf_exempt
@cache_control(no_store=True)
def show(request: HttpRequest) -> HttpResponse:
    """The counts alone for a script that sends `X-Fragment: 1`, or else a page around them."""
    if request.method != "POST":
        response = _answer(request, {"form": SignUpForm()}, status=405)
        response["Allow"] = "POST"
        return response
    if not spend("preview", client_network(request), PER_NETWORK):
        response = _answer(request, {"too_often": True, "form": _typed(request.POST)}, status=429)
        response["Retry-After"] = str(PER_NETWORK.seconds)
        return response
    wish = WishForm({name: request.POST[name] for name in ASKED if name in request.POST})
    if not wish.is_valid():
        errors = [error for name in ASKED for error in wish.errors.get(name, ())]
        return _answer(request, {"errors": errors, "form": _typed(request.POST, wish)}, status=422)
    return _answer(request, {"preview": preview(wish.preferences()), "form": _typed(request.POST)})


def _answer(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    template = "site/_preview.html" if request.headers.get("X-Fragment") == "1" else "site/preview.html"
    return render(request, template, context, status=status)


def _typed(data: QueryDict, wish: Form | None = None) -> SignUpForm | None:
    """The sign-up form as it was sent, to go on with; none for the preference centre's, which has no
    address. Only what was looked at is told to be wrong.
    """
    if "email" not in data:
        return None
    form = SignUpForm(data)
    for name in form.errors.keys() - (wish.errors.keys() if wish else ()):
        del form.errors[name]
        form.fields[name].widget.attrs.pop("autofocus", None)
    return form
