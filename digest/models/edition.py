"""One day's list of papers, shared by all."""

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from digest.models.paper import Paper


class EditionQuerySet(models.QuerySet["Edition"]):
    def published(self) -> "EditionQuerySet":
        return self.filter(state=Edition.State.PUBLISHED)

    def open(self) -> "EditionQuerySet":
        return self.filter(state=Edition.State.OPEN)

    def since(self, moment: datetime | None) -> "EditionQuerySet":
        """Published later than `moment`; all published ones for None."""
        published = self.published()
        return published if moment is None else published.filter(published_at__gt=moment)

    def with_papers(self) -> "EditionQuerySet":
        """Those that have at least one paper to show."""
        shown = Entry.objects.shown().filter(edition=models.OuterRef("pk"))
        return self.filter(models.Exists(shown))


class Edition(models.Model):
    """One day's ranked, curated list of papers: open while papers arrive, then frozen."""

    class State(models.TextChoices):
        OPEN = "open", "open"
        PUBLISHED = "published", "published"

    date = models.DateField(unique=True)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    partial = models.BooleanField(default=False, help_text="Published before all its sources were complete.")
    intro = models.TextField(blank=True, help_text="A few words above the papers, on site and in mail.")
    published_at = models.DateTimeField(null=True, blank=True, db_index=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    papers = models.ManyToManyField(Paper, through="Entry", related_name="+")

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", published_at__isnull=True)
                | Q(state="published", published_at__isnull=False),
                name="edition_published_iff_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"edition of {self.date}"

    def get_absolute_url(self) -> str:
        return reverse("site:day", args=[self.date])

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED


class EntryQuerySet(models.QuerySet["Entry"]):
    def shown(self) -> "EntryQuerySet":
        """Neither hidden by an editor, nor withdrawn by its authors, nor the double of another."""
        return self.filter(hidden=False, paper__withdrawn=False, paper__same_as=None)

    def ranked(self) -> "EntryQuerySet":
        """Editors' pins first, in their order, then by rank; unranked last by arrival."""
        return self.order_by(
            models.F("pin").asc(nulls_last=True), models.F("rank").asc(nulls_last=True), "id"
        )


class Entry(models.Model):
    """A paper's place in an edition. A paper has one in all: it belongs to its first edition."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="entries")
    paper = models.OneToOneField(Paper, on_delete=models.CASCADE, related_name="entry")
    rank = models.PositiveIntegerField(null=True, blank=True, help_text="1 is first; set on ranking.")
    score = models.FloatField(default=0.0, help_text="Trending score.")
    breakdown = models.JSONField(default=dict, blank=True, help_text="What the score is made of.")
    pin = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Editor's pick: pinned papers come first, 1 before 2."
    )
    hidden = models.BooleanField(default=False, help_text="Never shown on the site or in a mail.")
    note = models.TextField("editor's note", blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["edition", "rank", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=0), name="entry_score_not_negative"),
        ]
        indexes = [
            models.Index(fields=["edition", "rank"], name="entry_ranking"),
            # Few rows: what editors did to lists, asked for whenever anybody looks at a frozen one.
            models.Index(
                fields=["edition"],
                condition=Q(hidden=True) | Q(pin__isnull=False),
                name="entry_curated",
            ),
        ]

    def __str__(self) -> str:
        return f"paper {self.paper_id} in edition {self.edition_id}"


def day_before(day: date) -> Edition | None:
    """The published edition before `day`, for paging."""
    return Edition.objects.published().filter(date__lt=day).with_papers().first()


def day_after(day: date) -> Edition | None:
    """The edition after `day`, open or published, for paging."""
    return Edition.objects.filter(date__gt=day).with_papers().order_by("date").first()
