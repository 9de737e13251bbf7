"""Credentials of VCDM 1.1 in the claim `vc` of a JWT (`jwt_vc_json`): read, never issued, and off unless a caller says so.

parse     structure    take an untrusted one apart: the document that the claims and `vc` describe together
verify    verify       the issuer's signature and dates

VCDM 1.1 §6.3.1; OID4VCI 1.0 §A.1.1. Presentations in JWTs of that time (`vp`) are not read.
"""

from tegata.formats.vc_jwt.structure import FORMAT, OldFormRefused, Parsed, parse
from tegata.formats.vc_jwt.verify import verify

__all__ = ["FORMAT", "OldFormRefused", "Parsed", "parse", "verify"]
