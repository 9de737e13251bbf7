"""Telling an organisation's own system that a request is closed: signed, retried, never with personal data."""
