"""The bridge's one page."""
