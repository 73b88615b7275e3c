import gc

from django.apps import AppConfig

YOUNG = 50_000
"""Objects that are made before the collector of cycles looks at the new ones. With Python's 700 it takes a
sixth of the time in which papers come in, and finds nothing: rows and records hold no cycles.
"""


class DigestConfig(AppConfig):
    name = "digest"
    verbose_name = "Papers and digests"

    def ready(self) -> None:
        from digest import checks  # noqa: F401  (registers the system checks)
        from digest.holdings import Digests, Opinions
        from subscriptions.holdings import register

        gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
        register(Digests())
        register(Opinions())
