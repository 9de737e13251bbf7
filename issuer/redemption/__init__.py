"""Certificates that are used up by one use: whoever sells the ticket redeems the code on them, once (学割証)."""
