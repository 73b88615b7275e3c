"""The site with the pages of the outbox, which a site without DEBUG, as in tests, does not have."""

from django.urls import include, path

urlpatterns = [path("outbox/", include("digest.site.outbox_urls")), path("", include("digest.urls"))]
