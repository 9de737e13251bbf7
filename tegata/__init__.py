"""Tegata's library: what at least two of the services need.

Its rooms, from the cellar to the street: `errors`, `codec`, `keys`, `envelope`, `formats` beside `identity`,
`status`, `service`, `doubles`, `command`. A room imports only from rooms below it; import-linter checks it.
Every room but `service`, `doubles` and `command` knows nothing of HTTP or databases.
"""

__version__ = "0.1.0"
