"""The editor's desk: papers, editions, deliveries and the ledger of looks, listed and searchable."""

from django.contrib import admin

from digest.admin import delivery, edition, ledger, paper

__all__ = ["delivery", "edition", "ledger", "paper"]

admin.site.site_header = "Paper Round"
admin.site.site_title = "Paper Round"
admin.site.index_title = "Editor’s desk"
