"""ISO/IEC 18013-5 mobile documents (`mso_mdoc`), without the ISO's own doctypes: names are data of the caller.

prepare, seal               issue              a document as IssuerSigned: salted items, their digests signed
parse, parse_response       structure          take an untrusted one apart; nothing is believed
elements_of                 verify             what its elements say, unverified
verify                      verify             the issuer's signature, every digest that came, the dates
present                     holder             choose what to show, and sign for one session
verify_presentation         verify             the same as `verify`, and the device's signature or MAC

Underneath: `session` (transcripts of OID4VP, the key of a device's MAC), `values` (what a value is called in CBOR).
Bytes that digests or signatures cover are kept as they came and never written again.
"""

from tegata.formats.mdoc.holder import present
from tegata.formats.mdoc.issue import Prepared, prepare, seal
from tegata.formats.mdoc.structure import FORMAT, Parsed, parse, parse_response
from tegata.formats.mdoc.verify import elements_of, verify, verify_presentation

__all__ = [
    "FORMAT",
    "Parsed",
    "Prepared",
    "elements_of",
    "parse",
    "parse_response",
    "prepare",
    "present",
    "seal",
    "verify",
    "verify_presentation",
]
