"""A wallet for people who build and test: `tegata wallet accept | present | list | show`.

It speaks OID4VCI 1.0 and OID4VP 1.0 as any wallet would, knows no service of ours from another, and keeps its keys
unencrypted: never a wallet for learners.
"""
