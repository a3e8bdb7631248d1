"""Findings of the pages of an area: where it stands, its parts, and the nation's own."""
