"""W3C credentials secured with JOSE and COSE (Securing Verifiable Credentials using JOSE and COSE): `vc+jwt` and its kin.

prepare, seal                issue        a document as a credential inside a JWT, an SD-JWT or a COSE_Sign1
disclose, present            holder       less of an SD-JWT; credentials for one reader, signed by their holder
parse, parse_presentation    structure    take an untrusted one apart; nothing is believed
verify, verify_presentation  verify       the issuer's signature and dates; the holder's proof

Underneath: `forms` (media types, and envelopes as data URLs). Bytes are signed, not statements, so nothing is canonicalized; the
document inside has to keep the rules of VCDM 2.0 all the same.
"""

from tegata.formats.jose_cose.forms import Form, enveloped, unenveloped
from tegata.formats.jose_cose.holder import disclose, present
from tegata.formats.jose_cose.issue import Prepared, prepare, seal
from tegata.formats.jose_cose.structure import Parsed, Presentation, parse, parse_presentation
from tegata.formats.jose_cose.verify import check_holder, verify, verify_presentation

__all__ = [
    "Form",
    "Parsed",
    "Prepared",
    "Presentation",
    "check_holder",
    "disclose",
    "enveloped",
    "parse",
    "parse_presentation",
    "prepare",
    "present",
    "seal",
    "unenveloped",
    "verify",
    "verify_presentation",
]
