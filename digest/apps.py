from django.apps import AppConfig


class DigestConfig(AppConfig):
    name = "digest"
    verbose_name = "Papers and digests"

    def ready(self) -> None:
        from digest import checks  # noqa: F401  (registers the system checks)
        from digest.holdings import Digests, Opinions
        from subscriptions.holdings import register

        register(Digests())
        register(Opinions())
