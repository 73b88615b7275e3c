"""Editors with just some permissions, and what they may read on their pages."""

import html

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

LOOK = "view_subscriber"


def editor(*codenames: str, app: str = "subscriptions") -> Client:
    """The browser of somebody on the staff who may do this and nothing else."""
    number = User.objects.count()
    user = User.objects.create(username=f"editor {number}", is_staff=True)
    permissions = Permission.objects.filter(content_type__app_label=app, codename__in=codenames)
    assert permissions.count() == len(codenames)
    user.user_permissions.set(permissions)
    browser = Client()
    browser.force_login(user)
    return browser


def url(name: str, *args: object) -> str:
    return reverse(f"admin:subscriptions_{name}", args=args)


def words(answer) -> str:
    """What a page says, where it redirects followed by hand."""
    return " ".join(html.unescape(answer.content.decode()).split())
