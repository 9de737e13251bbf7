"""Older ways that a reader may be told to accept, each by its name; nothing is ever issued in one of them."""

from enum import StrEnum


class Legacy(StrEnum):
    """What was common before VCDM 2.0. Accepting one is the caller's decision, never what arrived."""

    #: Credentials and presentations of the data model 1.1, as its own branch of the rules.
    VCDM_1_1 = "vcdm-1.1"
    #: The proof type before Data Integrity (EdDSA Cryptosuites 1.0 §B.1, informative).
    ED25519_SIGNATURE_2020 = "Ed25519Signature2020"
    #: Credentials in the claim `vc` of a JWT (VCDM 1.1 §6.3.1; OID4VCI 1.0 §A.1.1).
    VC_JWT = "jwt_vc_json"


#: What a reader accepts that was not told anything.
NONE: frozenset[Legacy] = frozenset()
