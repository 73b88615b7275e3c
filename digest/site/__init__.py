"""The public pages about papers."""
