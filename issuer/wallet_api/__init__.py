"""The HTTP edge of OID4VCI: offers, tokens, nonces, credentials, notifications, and the page a learner opens."""
