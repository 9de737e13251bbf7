"""The verifier: universities and others ask for documents, check them in seconds and read why."""
