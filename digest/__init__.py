"""The content: papers in, editions out, digests delivered. Also the Django project itself."""

from digest.celery import app as celery_app

__all__ = ["celery_app"]
