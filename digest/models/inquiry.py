"""When an enricher was last asked about a paper."""

from django.db import models

from digest.models.paper import Paper


class Inquiry(models.Model):
    """One enricher's last answer or silence about one paper, so that it is not asked again too soon."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="+")
    enricher = models.CharField(max_length=32)
    asked_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "inquiries"
        constraints = [
            models.UniqueConstraint(fields=["paper", "enricher"], name="inquiry_last_of_each"),
        ]

    def __str__(self) -> str:
        return f"{self.enricher} about paper {self.paper_id}"
