"""Pages whose address is a secret: not stored, not indexed, not told to other sites."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from subscriptions.tokens import Purpose

SECRET = tuple(f"/{purpose}/" for purpose in Purpose)


class PrivacyMiddleware:
    """By the path, not by the view: an error page or a redirect of such an address is as private."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith(SECRET):
            response["Cache-Control"] = "no-store"
            response["Referrer-Policy"] = "no-referrer"
            response["X-Robots-Tag"] = "noindex"
        return response
