"""The JSON API for an organisation's own systems: requests, reports, checks of files; guarded by API keys."""
