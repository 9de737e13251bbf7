"""SD-JWT VC (`dc+sd-jwt`): RFC 9901 and draft-ietf-oauth-sd-jwt-vc.

prepare, seal               issue              a document, with its claims behind salted digests
parse                       structure          take an untrusted one apart; nothing is believed
verify                      verify             the issuer's signature, every digest, the dates
present                     holder             choose what to show, and sign for one verifier
verify_presentation         verify             the same as `verify`, and the holder's proof
disclosed_claims            holder             what a held credential says, for display

Beside the five, imported from their own modules: `issuer_keys` (jwt-vc-issuer metadata), `type_metadata` with
`integrity` (what a vct is called and has), `type_rules` (whether a credential keeps to it).
"""

from tegata.formats.sd_jwt_vc.holder import disclosed_claims, present
from tegata.formats.sd_jwt_vc.issue import Prepared, prepare, seal
from tegata.formats.sd_jwt_vc.structure import MEDIA_TYPE, Parsed, parse
from tegata.formats.sd_jwt_vc.verify import verify, verify_presentation

__all__ = [
    "MEDIA_TYPE",
    "Parsed",
    "Prepared",
    "disclosed_claims",
    "parse",
    "prepare",
    "present",
    "seal",
    "verify",
    "verify_presentation",
]
