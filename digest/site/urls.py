from django.urls import path, register_converter

from digest.site import converters, digest, feedback, preview, views

register_converter(converters.DateConverter, "date")
register_converter(converters.PaperConverter, "paper")

app_name = "site"
urlpatterns = [
    path("", views.home, name="home"),
    # Browsers ask for this address whatever the page names as its icon.
    path("favicon.ico", views.favicon),
    path("papers/<date:day>/", views.day, name="day"),
    path("paper/<paper:public_id>/", views.paper, name="paper"),
    path("digest/<str:token>/", digest.DigestView.as_view(), name="digest"),
    path("feedback/<str:token>/", feedback.FeedbackView.as_view(), name="feedback"),
    path("preview/", preview.show, name="preview"),
]
