"""The holder's side: less of an SD-JWT, and credentials in a presentation for one reader (VC-JOSE-COSE §3.1.2, §3.2.2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tegata.codec import cbor, json
from tegata.envelope import cose, jws
from tegata.formats.credential import ClaimPath, FormatRefused, Limits
from tegata.formats.jose_cose.forms import Form, enveloped
from tegata.formats.jose_cose.structure import NEVER_HIDDEN
from tegata.formats.sd_jwt.disclosure import Disclosed
from tegata.formats.sd_jwt.selection import select
from tegata.formats.vcdm import model
from tegata.formats.vcdm.subject import holder_of, verification_method
from tegata.keys.signer import Signer


def disclose(data: bytes, paths: Sequence[ClaimPath], limits: Limits = Limits()) -> bytes:  # noqa: B008  frozen
    """Return an SD-JWT that shows only the subject's claims at `paths`; raises `NotFound`, `FormatRefused`.

    Paths begin below `credentialSubject`, as in every other format.
    """
    compact, *rest = data.decode("ascii").split("~")
    if not rest:
        raise FormatRefused("not an SD-JWT", clause="VC-JOSE-COSE §3.2")
    disclosures = tuple(rest[:-1])
    payload = json.loads(jws.parse(compact, max_bytes=limits.max_bytes).payload)
    processed = Disclosed(payload, disclosures, limits, NEVER_HIDDEN)
    shown = select(processed, disclosures, [("credentialSubject", *path) for path in paths])
    return "~".join((compact, *shown, "")).encode("ascii")


def present(
    credentials: Sequence[tuple[Form, bytes]],
    subjects: Sequence[Mapping[str, Any]],
    signer: Signer,
    *,
    challenge: str,
    domain: str,
    now: datetime,
    form: Form = Form.VP_JWT,
) -> bytes:
    """Sign a presentation of secured credentials for one challenge (the nonce) and one domain (the reader).

    `subjects` are the documents inside them, which say whom they are bound to; nobody's make the signer's did:key the holder.
    Raises `FormatRefused` for a form that is no presentation's.
    """
    if not form.is_presentation or form.is_sd_jwt:
        raise FormatRefused("not a form of presentations that is signed here", clause="VC-JOSE-COSE §3.1")
    holder = holder_of(subjects, signer.public_key)
    claims = {
        "@context": [model.BASE_CONTEXT],
        "type": [model.PRESENTATION],
        "holder": holder,
        "verifiableCredential": [enveloped(inner, data) for inner, data in credentials],
        "iat": int(now.timestamp()),
        "nonce": challenge,
        "aud": domain,
    }
    method = verification_method(holder)
    if form.is_cose:
        protected = {
            cose.CONTENT_TYPE: "application/vp",
            cose.KEY_ID: method.encode("utf-8"),
            cose.TYP: f"application/{form}",
        }
        message = cose.sign1(json.dumps(claims), signer, protected=protected)
        return cbor.dumps(cbor.Tag(cose.SIGN1_TAG, message))
    header = {"typ": form.value, "cty": "vp", "kid": method}
    return jws.sign(header, json.dumps(claims), signer).encode("ascii")
