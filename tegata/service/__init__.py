"""What every service is built from: settings, database, HTTP problems, audit, outbound requests, pages.

This room may use HTTP and databases; the rooms below it may not.
"""
