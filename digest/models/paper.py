"""The work itself, where and when it was seen, and the ledger of looking."""

import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone


class Readable(json.JSONEncoder):
    """JSON with its letters as they are: SQLite keeps it as text, and the admin searches that."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"ensure_ascii": False})


class Paper(models.Model):
    """The work itself: one row however many sources and versions.

    `title` and `abstract` are for reading (Unicode, one line a paragraph); `title_source` and
    `abstract_source` hold what the source said where that differs, LaTeX included.
    """

    public_id = models.CharField(
        max_length=300,
        unique=True,
        help_text="Its name in URLs: the arXiv id, else the DOI, else a digest of title and author.",
    )
    title = models.TextField()
    title_source = models.TextField(blank=True)
    authors = models.JSONField(default=list, blank=True, encoder=Readable)
    abstract = models.TextField(blank=True)
    abstract_source = models.TextField(blank=True)
    tldr = models.TextField("summary", blank=True)
    tldr_by = models.CharField("summary by", max_length=100, blank=True)
    topics = models.JSONField(default=list, blank=True, help_text="Keywords the source gives.")
    primary_category = models.CharField(max_length=40, blank=True, db_index=True)
    categories = models.JSONField(default=list, blank=True)
    organization = models.CharField(max_length=200, blank=True)
    submitter = models.CharField(
        max_length=100, blank=True, help_text="Who put it on the source's list, by account name."
    )
    comment = models.TextField(blank=True)
    licence = models.CharField(max_length=200, blank=True)
    version = models.PositiveSmallIntegerField(null=True, blank=True)
    withdrawn = models.BooleanField(default=False)

    submitted_at = models.DateTimeField(null=True, blank=True, help_text="First version.")
    announced_at = models.DateTimeField(help_text="When the first source listed it.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    url = models.URLField("page", max_length=2000, blank=True)
    pdf_url = models.URLField("PDF", max_length=2000, blank=True)
    code_url = models.URLField("code", max_length=2000, blank=True)
    code_gone = models.URLField(
        "former code", max_length=2000, blank=True, help_text="A repository that is there no more."
    )
    project_url = models.URLField("project", max_length=2000, blank=True)
    thumbnail_url = models.URLField("thumbnail", max_length=2000, blank=True)

    same_as = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="doubles",
        help_text="The paper this one turned out to be, once something named both: shown and mailed no more.",
    )

    class Meta:
        ordering = ["-announced_at", "id"]
        indexes = [
            models.Index(fields=["announced_at"], name="paper_announced"),
            models.Index(
                fields=["id"], condition=Q(withdrawn=True) | Q(same_as__isnull=False), name="paper_away"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="paper_has_title"),
            models.CheckConstraint(condition=~Q(public_id=""), name="paper_has_public_id"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("site:paper", args=[self.public_id])


class Identifier(models.Model):
    """One name by which a source knows a paper. Two papers can never share one."""

    class Scheme(models.TextChoices):
        ARXIV = "arxiv", "arXiv"
        DOI = "doi", "DOI"
        TITLE = "title", "title and first author"

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=8, choices=Scheme)
    value = models.CharField(max_length=300)

    class Meta:
        constraints = [
            # The value first: that is what they are looked up by.
            models.UniqueConstraint(fields=["value", "scheme"], name="identifier_names_one_paper"),
            models.CheckConstraint(
                condition=Q(scheme__in=["arxiv", "doi", "title"]), name="identifier_scheme_known"
            ),
            models.CheckConstraint(condition=~Q(value=""), name="identifier_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class IngestRun(models.Model):
    """One look at one source for one day, and what it proved."""

    class Verdict(models.TextChoices):
        RUNNING = "running", "running"
        COMPLETE = "complete", "complete"
        PARTIAL = "partial", "partial"
        STALE = "stale", "stale"
        HOLIDAY = "holiday", "holiday"
        EMPTY = "empty", "empty"
        FAILED = "failed", "failed"

    source = models.CharField(max_length=32)
    category = models.CharField(max_length=40, blank=True)
    day = models.DateField()
    verdict = models.CharField(max_length=16, choices=Verdict, default=Verdict.RUNNING)
    found = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    passed_over = models.PositiveIntegerField(
        default=0, help_text="New versions of papers that are not ours: nothing to enrich."
    )
    set_aside = models.JSONField(
        default=list, blank=True, help_text="Records that could not be read, each with its reason."
    )
    unread = models.PositiveIntegerField(
        "set aside", default=0, help_text="How many they are; of many, the first are kept."
    )
    error = models.TextField(blank=True, help_text="Why it is not complete, in a sentence.")
    settled = models.BooleanField(default=False, help_text="Asking again would bring nothing more.")
    sample = models.JSONField(
        default=list,
        blank=True,
        help_text="Some names of what was announced, the same ones for the same batch: by them a batch "
        "that is told again is known.",
    )
    bytes_read = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(fields=["source", "category", "day"], name="ingestrun_day"),
            models.Index(fields=["day"], name="ingestrun_calendar"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    verdict__in=[
                        "running",
                        "complete",
                        "partial",
                        "stale",
                        "holiday",
                        "empty",
                        "failed",
                    ]
                ),
                name="ingestrun_verdict_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.day}: {self.verdict}"


class Sighting(models.Model):
    """One observation of a paper at a source at a time, with its counts (null: not told).

    A look that finds the counts of the last sighting unchanged adds no row: the `IngestRun` says
    that somebody looked, the next different sighting says what had changed.
    """

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="sightings")
    run = models.ForeignKey(
        IngestRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="sightings"
    )
    source = models.CharField(max_length=32)
    seen_at = models.DateTimeField()
    upvotes = models.PositiveIntegerField(null=True, blank=True)
    comments = models.PositiveIntegerField(null=True, blank=True)
    stars = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-seen_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "source", "seen_at"], name="sighting_once_per_moment"),
        ]

    def __str__(self) -> str:
        return f"paper {self.paper_id} at {self.source}, {self.seen_at:%Y-%m-%d %H:%M}"
