"""Credential formats, one folder each, behind the one interface of `credential`.

No format knows HTTP, a database, a schema or another format. Contexts and type names are passed in.
"""
