"""Who somebody is: organisations and their keys, certificates, identifiers, the trust list; and who must not be stored.

`organisation` · `individual_number` · `certificates` (+ `lints`) · `did` · `trust_list`.
"""
