"""The editor's desk: papers, editions and deliveries, listed and searchable."""

from django.contrib import admin

from digest.admin import delivery, edition, paper

__all__ = ["delivery", "edition", "paper"]

admin.site.site_header = "Paper Round"
admin.site.site_title = "Paper Round"
admin.site.index_title = "Editor’s desk"
