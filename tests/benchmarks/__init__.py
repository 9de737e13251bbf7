"""Measurements as ratios taken in one run: `make bench`, or `python -m tests.benchmarks --quick`.

Machines are noisy and differ, so no figure here is a time alone: each is divided by raw ECDSA P-256 signatures, or by an
HTTP server that does nothing, measured in slices between its own. CPU time counts, not wall time. Nothing is asserted:
a test only runs the quick form and looks that every row has a figure.

measure    the ratio of a subject to a reference, in interleaved slices
formats    issue and verify of both documents in both formats
lists      revoke and publish a status list
batch      a whole batch with its database, per document
memory     the most memory that a batch takes, in processes of their own
http       the credential and the response endpoint under load, two workers
"""
