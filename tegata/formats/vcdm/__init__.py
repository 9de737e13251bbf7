"""The Verifiable Credentials Data Model, whichever way a credential is secured.

model      the rules of VCDM 2.0, each with its clause, on issue and on verify
building   a document of the catalogue as a credential
subject    the DID that stands for a holder's key
"""
