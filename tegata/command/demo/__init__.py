"""`tegata demo`: the whole journey on this machine, as the people of it would make it.

environment   folders, ports and settings of the three services
operator      what an operator types, run through the same commands that `tegata` has
servers       the three services in a process of their own
visitor       somebody with a browser and a passkey, in software
school        clerk and approver: import, choose, ask for approval, approve, hand out links
learners      two wallets
university    an admissions office with an API key
story         all of it in order, with what was checked

No service is imported: they are found through entry points, and driven over HTTP.
"""

from tegata.command.demo.story import demo

__all__ = ["demo"]
