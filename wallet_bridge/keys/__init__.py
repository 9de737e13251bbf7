"""The bridge's own signing keys."""
