"""What a subscriber said of a paper."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from digest.models.paper import Paper
from subscriptions.models import Subscriber


class Vote(models.Model):
    """An upvote (public, counted), or "more like this" / "less like this" (private, theirs)."""

    class Kind(models.TextChoices):
        UPVOTE = "upvote", "upvote"
        MORE = "more", "more like this"
        LESS = "less", "less like this"

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="votes")
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="votes")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber", "paper"],
                condition=Q(kind="upvote"),
                name="vote_one_upvote_each",
            ),
            models.UniqueConstraint(
                fields=["subscriber", "paper"],
                condition=Q(kind__in=["more", "less"]),
                name="vote_one_opinion_each",
            ),
            models.CheckConstraint(condition=Q(kind__in=["upvote", "more", "less"]), name="vote_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for paper {self.paper_id}"
