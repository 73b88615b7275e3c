"""Django's log of what editors did. It outlives people, so no address ever stands in it."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest


def log(
    request: HttpRequest, about: Model | type[Model], message: str, *, name: str = "", flag: int = CHANGE
) -> None:
    """Note what was done to a row, or (named `name`) to something that has none."""
    assert request.user.pk is not None, "only who is signed in gets here"
    LogEntry.objects.create(
        user_id=request.user.pk,
        content_type=ContentType.objects.get_for_model(about),
        object_id=str(about.pk) if isinstance(about, Model) else None,
        object_repr=name or str(about),
        action_flag=flag,
        change_message=message,
    )
