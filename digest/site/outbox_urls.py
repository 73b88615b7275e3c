from django.urls import path

from digest.site import outbox

app_name = "outbox"
urlpatterns = [
    path("", outbox.index, name="index"),
    path("<str:name>/", outbox.mail, name="mail"),
    path("<str:name>/html/", outbox.html, name="html"),
]
