"""The person: their wish, their consent, and the envelope of every letter."""
