"""Which form some bytes are of, by what they say of themselves: for files, and for whatever somebody hands in.

Over OID4VP the request says what it asked for, and nothing is detected. Where bytes could be two things they are neither: a
contradiction is refused later by the form that they claim to be.
"""

from tegata.codec import base64url, json
from tegata.errors import MalformedInput, Text
from tegata.formats.jose_cose import Form
from tegata.formats.vcdm import model
from tegata.formats.vcdm.legacy import Legacy
from verifier.oid4vp.dcql import LDP_VC, MSO_MDOC, SD_JWT_VC
from verifier.verification.mobile import is_mobile

#: A credential or presentation in JSON that is nothing but an envelope (VCDM 2.0 §4.13).
ENVELOPED = "enveloped"
#: Heads of a COSE_Sign1, tagged and not, as bytes.
_COSE_HEADS = (b"\xd2\x84", b"\x84")
_DOTS = 2
_BY_TYP = {
    **{form.value: form.value for form in Form},
    "dc+sd-jwt": SD_JWT_VC,
}


class UnknownFormat(MalformedInput):
    """The bytes are of no format that is verified here."""

    kind = "unknown_format"
    text = Text("この形式の証明書は検証できません。", "Certificates of this format cannot be verified here.")


def detect(data: bytes) -> str:
    """Return the name of the format; raises `UnknownFormat`."""
    if is_mobile(data):
        return MSO_MDOC
    start = data.lstrip()
    if start.startswith(b"{"):
        return _in_json(start)
    if start.startswith(_COSE_HEADS):
        return _in_cose(data)
    compact = start.split(b"~")[0].strip()
    if compact.count(b".") == _DOTS:
        return _in_jose(compact, is_sd_jwt=b"~" in start)
    raise UnknownFormat("neither JSON, a JWT, an SD-JWT, COSE nor a mobile document")


def _in_json(data: bytes) -> str:
    try:
        found = json.loads(data)
    except MalformedInput:
        return LDP_VC  # which will say what is wrong with it
    return ENVELOPED if isinstance(found, dict) and model.is_enveloped(found) else LDP_VC


def _in_jose(compact: bytes, *, is_sd_jwt: bool) -> str:
    """Return the form by the header's `typ`; the old `vc+sd-jwt` is told apart by what is inside (VC-JOSE-COSE §3.2)."""
    try:
        header, payload = (
            json.loads(base64url.decode(part)) for part in compact.decode("ascii").split(".")[:2]
        )
    except (MalformedInput, UnicodeDecodeError):
        raise UnknownFormat("a JWT that cannot be read") from None
    typ = header.get("typ", "") if isinstance(header, dict) else ""
    name = str(typ).removeprefix("application/")
    if name == Form.VC_SD_JWT and isinstance(payload, dict) and "@context" not in payload:
        return SD_JWT_VC
    if name in _BY_TYP:
        return _BY_TYP[name]
    if name in {"", "JWT"} and isinstance(payload, dict) and "vc" in payload and not is_sd_jwt:
        return Legacy.VC_JWT.value  # read if the policy accepts it
    if is_sd_jwt:
        return SD_JWT_VC  # which will say what is wrong with its typ
    raise UnknownFormat("a JWT of no type that is verified here")


def _in_cose(data: bytes) -> str:
    for form in (Form.VP_COSE, Form.VC_COSE):
        if f"application/{form}".encode() in data[:1_024]:
            return form.value
    raise UnknownFormat("COSE of no type that is verified here")
