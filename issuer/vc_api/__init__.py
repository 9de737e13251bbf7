"""The issuing part of the W3C's HTTP API (VCALM), for a school's own systems.

It signs nothing that nobody approved: `/credentials/issue` answers with the master of a recorded document, sealed under
its batch's approval, if what the caller sent is exactly what was approved.
"""
