"""The map of all URLs."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from digest.site import health
from digest.site.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("subscriptions.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
if settings.DEBUG:
    # Every mail anybody got stands there: a demo's page, never a deployment's.
    urlpatterns.append(path("outbox/", include("digest.site.outbox_urls")))
urlpatterns.append(path("", include("digest.site.urls")))
