"""W3C Verifiable Credentials 2.0 with Data Integrity proofs (`ldp_vc`): VCDM 2.0, VC Data Integrity 1.0.

prepare, seal               issue              a document as a credential, canonicalized, then signed
secure                      issue              a proof for a credential that is no document: a status list
secure_selectively          issue              a base proof, from which the holder derives others
derive                      derive             less of a credential, with a proof for what is left
parse, parse_presentation   structure          take an untrusted one apart; nothing is believed
verify                      verify             the issuer's proof, the dates
present, types_of           holder             credentials for one verifier, signed by their holder
verify_presentation         verify             the same as `verify`, and the holder's proof

Underneath: `model` (the rules of VCDM 2.0), `json_ld` and `dataset` (a document as quads, nothing lost), `nquads`,
`rdfc` (RDFC-1.0), `suites` (eddsa and ecdsa over rdfc and jcs), `selective` (ecdsa-sd-2023, bbs-2023). Contexts are passed
in by URL and never fetched.
"""

from tegata.formats.data_integrity.derive import derive
from tegata.formats.data_integrity.holder import present, types_of
from tegata.formats.data_integrity.issue import Prepared, prepare, seal, secure, secure_selectively
from tegata.formats.data_integrity.structure import (
    MEDIA_TYPE,
    PRESENTATION_MEDIA_TYPE,
    Parsed,
    Presentation,
    is_presentation,
    parse,
    parse_mixed_presentation,
    parse_presentation,
)
from tegata.formats.data_integrity.verify import FORMAT, HolderKeys, check_holder, verify, verify_presentation
from tegata.formats.linked_data.json_ld import ContextRefused, Contexts, DataLoss, NotCompact

__all__ = [
    "FORMAT",
    "MEDIA_TYPE",
    "PRESENTATION_MEDIA_TYPE",
    "ContextRefused",
    "Contexts",
    "DataLoss",
    "HolderKeys",
    "NotCompact",
    "Parsed",
    "Prepared",
    "Presentation",
    "check_holder",
    "derive",
    "is_presentation",
    "parse",
    "parse_mixed_presentation",
    "parse_presentation",
    "prepare",
    "present",
    "seal",
    "secure",
    "secure_selectively",
    "types_of",
    "verify",
    "verify_presentation",
]
