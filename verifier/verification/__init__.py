"""Is it true? Bytes, a trust list and a time in; a report of named checks out.

policy      what is accepted, as a value
report      checks, outcomes, verdicts
texts       the reasons, in both languages
formats     one door for all formats
issuers     which organisation signed, with which key
service     the numbered steps
status      fetching, caching and judging status lists
"""
