"""The API: what the site offers, for programs."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from digest.site.preview_api import router as preview
from subscriptions.api import router as subscriptions

api = NinjaAPI(
    title="Paper Round",
    version="1",
    description="Research papers that are trending and yours, each with the reason why.",
    docs_url="/docs",
    urls_namespace="api",
)
api.add_router("", subscriptions)
api.add_router("", preview)


@api.exception_handler(ValidationError)
def refused(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """In the same shape as what a form refuses: by field, in words."""
    errors: dict[str, list[str]] = {}
    for told in error.errors:
        # ("body", name of the argument, field, ...); a number is the place in a list.
        path = [str(part) for part in told["loc"][2:]] or ["body"]
        errors.setdefault(".".join(path), []).append(str(told["msg"]))
    return api.create_response(request, {"errors": errors}, status=422)


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is no JSON."""
    return api.create_response(request, {"errors": {"body": [error.message]}}, status=error.status_code)
