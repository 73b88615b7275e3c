"""In which language a page speaks: as asked, as remembered, or as the browser prefers."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers

ASK = "lang"
"""The argument of any page's address that asks for a language."""


class LanguageMiddleware(LocaleMiddleware):
    """Django's choice by cookie and browser, and before it `?lang=de`, which the cookie then remembers.

    The admin stays in English: half of its words are Django's own, and half a language is none.
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith(reverse("admin:index")):
            _speak(request, settings.LANGUAGE_CODE)
        elif asked := _asked(request):
            _speak(request, asked)
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        super().process_response(request, response)
        # The thread goes on to other work, which is not this visitor's.
        translation.deactivate()
        patch_vary_headers(response, ["Cookie"])
        if asked := _asked(request):
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                asked,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                path=settings.LANGUAGE_COOKIE_PATH,
                domain=settings.LANGUAGE_COOKIE_DOMAIN,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
                samesite="Lax",
            )
        return response


def _asked(request: HttpRequest) -> str:
    """The language that the address asks for; '' for none, or one that we do not speak."""
    asked = request.GET.get(ASK, "")
    return asked if asked in dict(settings.LANGUAGES) else ""


def _speak(request: HttpRequest, language: str) -> None:
    translation.activate(language)
    request.LANGUAGE_CODE = language
