from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    name = "subscriptions"
    verbose_name = "Subscribers"

    def ready(self) -> None:
        from subscriptions import checks  # noqa: F401  (registers the system checks)
