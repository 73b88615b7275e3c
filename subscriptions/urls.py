from django.urls import path, re_path

from subscriptions.tokens import Purpose
from subscriptions.views import leaving, manage, moving, preferences, signing_up

app_name = "subscriptions"
urlpatterns = [
    path("subscribe/", signing_up.SubscribeView.as_view(), name="subscribe"),
    path("subscribe/asked/", signing_up.asked, name="asked"),
    path("confirm/<str:token>/", signing_up.ConfirmView.as_view(), name="confirm"),
    path("manage/", manage.ManageView.as_view(), name="manage"),
    path("manage/sent/", manage.link_sent, name="link_sent"),
    path("preferences/<str:token>/", preferences.PreferencesView.as_view(), name="preferences"),
    path("preferences/<str:token>/erase/", preferences.EraseView.as_view(), name="erase"),
    path(
        "preferences/<str:token>/export/",
        preferences.ExportView.as_view(purpose=Purpose.PREFERENCES),
        name="preferences_export",
    ),
    path("export/<str:token>/", preferences.ExportView.as_view(), name="export"),
    path("address/<str:token>/", moving.AddressView.as_view(), name="address"),
    path("unsubscribe/<str:token>/", leaving.UnsubscribeView.as_view(), name="unsubscribe"),
    # Cut off by one character: a redirect would lose the POST, and who wants to leave is let go.
    re_path(r"^unsubscribe/(?P<token>[^/]+)$", leaving.UnsubscribeView.as_view()),
]
