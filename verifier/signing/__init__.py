"""The verifier's own identity: the key and certificate that sign its requests."""
