"""One good specimen of everything that a stranger can hand in, and how it is read to the end: parsed, and verified."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any

from tegata.envelope import jwe, jws
from tegata.formats import data_integrity, jose_cose, mdoc, vc_jwt
from tegata.formats.credential import Expected
from tegata.formats.jose_cose import Form
from tegata.formats.vcdm import model
from tegata.formats.vcdm.legacy import Legacy
from tegata.identity import trust_list_format
from tegata.identity.certificates import KeyUse
from tegata.identity.chain import validate_chain
from tegata.keys import bls
from tegata.keys.bls import SoftwareBbsSigner
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm
from tegata.keys.software import SoftwareSigner
from tegata.status import bitstring_entry, bitstring_status_list, status_list_cwt, token_status_list
from tegata.status.entries import Entries
from tests.tegata.formats.data_integrity import support as w3c
from tests.tegata.formats.mdoc import documents as mobile
from tests.tegata.formats.sd_jwt_vc import samples
from tests.tegata.identity import authority
from tests.tegata.identity import test_trust_list_format as trust_lists

Reader = Callable[[bytes], object]

_LIST_URI = "https://issuer.example/status/1"
_METHOD = f"{w3c.ISSUER}#document-1"
_OLD_CONTEXTS = {
    **w3c.CONTEXTS,
    model.BASE_CONTEXT_1_1: (w3c.PINNED / "credentials-v1.jsonld").read_bytes(),
}


@dataclass(frozen=True)
class Specimen:
    """`good` is accepted by `read`, which raises a `TegataError` for what it refuses."""

    name: str
    good: bytes = field(repr=False)
    read: Reader = field(repr=False)


def _sd_jwt_vc() -> Specimen:
    held = samples.issue([("family_name",), ("address",), ("address", "region"), ("courses", None)])
    shown = samples.show(held, [("family_name",), ("courses", None)])
    return Specimen("SD-JWT VC", shown, samples.check_presentation)


def _data_integrity(suite: str, algorithm: Algorithm) -> Specimen:
    signer = w3c.SIGNERS[algorithm]
    document, _ = _apart(w3c.issue(signer))
    secured = data_integrity.secure(document, signer, _METHOD, w3c.ISSUED, w3c.CONTEXTS, cryptosuite=suite)
    return Specimen(suite, w3c.encoded(secured), lambda data: w3c.check(data, signer))


def _ecdsa_sd() -> Specimen:
    document, _ = _apart(w3c.issue())
    base = data_integrity.secure_selectively(
        document, w3c.SIGNER, _METHOD, w3c.ISSUED, w3c.CONTEXTS, secrets.token_bytes
    )
    derived = data_integrity.derive(
        base, ("/credentialSubject/family_name",), w3c.CONTEXTS, secrets.token_bytes
    )
    return Specimen("ecdsa-sd-2023", w3c.encoded(derived), w3c.check)


def _bbs() -> Specimen:
    signer = SoftwareBbsSigner.generate(secrets.token_bytes, "document-1")
    document, _ = _apart(w3c.issue())
    base = data_integrity.secure_selectively(
        document, signer, _METHOD, w3c.ISSUED, w3c.CONTEXTS, secrets.token_bytes, allow_bbs=True
    )
    pointers = ("/credentialSubject/family_name",)
    derived = data_integrity.derive(base, pointers, w3c.CONTEXTS, secrets.token_bytes)

    def read(data: bytes) -> object:
        parsed = data_integrity.parse(data, w3c.CONTEXTS)
        allowed = DEFAULT_ALGORITHMS | {bls.BBS}
        return data_integrity.verify(
            parsed, signer.public_key, allowed, now=w3c.NOW, holder_keys=w3c.holder_keys
        )

    return Specimen("bbs-2023", w3c.encoded(derived), read)


def _presentation() -> Specimen:
    presented = w3c.encoded(w3c.present(w3c.issue()))
    return Specimen("presentation", presented, w3c.check_presentation)


def _jose(form: Form) -> Specimen:
    document = replace(
        w3c.DOCUMENT, names=replace(w3c.DOCUMENT.names, selectable=(("family_name",), ("courses", None)))
    )
    prepared = jose_cose.prepare(
        document, w3c.HOLDER.public_key, secrets.token_bytes, w3c.NOW, w3c.CONTEXTS, form
    )

    def read(data: bytes) -> object:
        parsed = jose_cose.parse(data, w3c.CONTEXTS, form)
        return jose_cose.verify(parsed, w3c.SIGNER.public_key, now=w3c.NOW, holder_keys=w3c.holder_keys)

    return Specimen(form.value, jose_cose.seal(prepared, w3c.SIGNER), read)


def _jose_presentation(form: Form) -> Specimen:
    inner = Form.VC_COSE if form is Form.VP_COSE else Form.VC_JWT
    credential = _jose(inner).good
    subject = jose_cose.parse(credential, w3c.CONTEXTS, inner).document
    presented = jose_cose.present(
        [(inner, credential)], [subject], w3c.HOLDER, form=form, challenge=w3c.NONCE, domain=w3c.CLIENT, now=w3c.NOW
    )  # fmt: skip

    def read(data: bytes) -> object:
        presentation = jose_cose.parse_presentation(data, form)
        return [
            jose_cose.verify_presentation(
                jose_cose.parse(held, w3c.CONTEXTS, kind, presentation=presentation), w3c.SIGNER.public_key,
                now=w3c.NOW, expected=w3c.EXPECTED, holder_keys=w3c.holder_keys,
            )
            for kind, held in presentation.credentials
        ]  # fmt: skip

    return Specimen(form.value, presented, read)


def _vc_jwt() -> Specimen:
    signer = SoftwareSigner.generate()
    claims = {
        "iss": w3c.ISSUER,
        "nbf": int(w3c.ISSUED.timestamp()),
        "jti": "urn:uuid:1",
        "vc": {
            "@context": [model.BASE_CONTEXT_1_1],
            "type": ["VerifiableCredential"],
            "credentialSubject": {"id": "did:example:taro"},
        },
    }
    token = jws.sign({"typ": "JWT", "kid": f"{w3c.ISSUER}#1"}, json.dumps(claims).encode(), signer).encode()

    def read(data: bytes) -> object:
        parsed = vc_jwt.parse(data, _OLD_CONTEXTS, legacy=frozenset({Legacy.VC_JWT}))
        return vc_jwt.verify(parsed, signer.public_key, now=w3c.NOW, expected=Expected())

    return Specimen("jwt_vc_json", token, read)


def _chained() -> SoftwareSigner:
    return authority.authorities().leaf(KeyUse.DOCUMENT)


def _key_of(chain: tuple[bytes, ...]) -> Any:
    root = authority.authorities().root
    return validate_chain(chain, anchors=(root,), at=authority.NOW, use=KeyUse.DOCUMENT).public_key


def _mdoc() -> Specimen:
    raw = mobile.issued(_chained())

    def read(data: bytes) -> object:
        parsed = mdoc.parse(data)
        return mdoc.verify(parsed, _key_of(parsed.key_reference.certificates), now=mobile.NOW)

    return Specimen("mdoc IssuerSigned", raw, read)


def _mdoc_response() -> Specimen:
    shown = ((mobile.SPACE, "courses"), (mobile.OTHER, "family_name"))
    raw = mdoc.present(mobile.issued(_chained()), shown, mobile.DEVICE, transcript=mobile.TRANSCRIPT)

    def read(data: bytes) -> object:
        expected = Expected(holder_binding_required=True)
        return [
            mdoc.verify_presentation(
                parsed, _key_of(parsed.key_reference.certificates), now=mobile.NOW, expected=expected,
                transcript=mobile.TRANSCRIPT,
            )
            for parsed in mdoc.parse_response(data)
        ]  # fmt: skip

    return Specimen("mdoc DeviceResponse", raw, read)


def _terms() -> dict[str, Any]:
    return {
        "uri": _LIST_URI,
        "issued_at": w3c.NOW,
        "expires_at": w3c.NOW + timedelta(days=1),
        "ttl": timedelta(hours=1),
    }


def _status_jwt() -> Specimen:
    good = token_status_list.sign(Entries.unallocated(), **_terms(), signer=w3c.SIGNER).encode()

    def read(data: bytes) -> object:
        parsed = token_status_list.parse(data)
        found = token_status_list.verify(parsed, w3c.SIGNER.public_key, now=w3c.NOW, expected_uri=_LIST_URI)
        return found.status_at(5)

    return Specimen("status list JWT", good, read)


def _status_cwt() -> Specimen:
    good = status_list_cwt.sign(Entries.unallocated(), **_terms(), signer=w3c.SIGNER)

    def read(data: bytes) -> object:
        parsed = status_list_cwt.parse(data)
        found = status_list_cwt.verify(parsed, w3c.SIGNER.public_key, now=w3c.NOW, expected_uri=_LIST_URI)
        return found.status_at(5)

    return Specimen("status list CWT", good, read)


def _bitstring() -> Specimen:
    document = bitstring_status_list.render(
        Entries.unallocated(), "revocation", url=_LIST_URI, issuer=w3c.ISSUER,
        valid_from=w3c.NOW, valid_until=w3c.NOW + timedelta(days=1), ttl=timedelta(hours=1),
    )  # fmt: skip
    secured = data_integrity.secure(document, w3c.SIGNER, _METHOD, w3c.NOW, w3c.CONTEXTS)
    entry = bitstring_entry.ClaimedEntry("revocation", 5, _LIST_URI)

    def read(data: bytes) -> object:
        w3c.check(data)
        return bitstring_status_list.check(entry, json.loads(data), lambda found: found, now=w3c.NOW)

    return Specimen("Bitstring list", w3c.encoded(secured), read)


def _jwe() -> Specimen:
    key = jwe.generate_encryption_key("k")
    good = jwe.encrypt(b'{"vp_token":{}}', key.public_jwk).encode()
    return Specimen("JWE", good, lambda data: jwe.decrypt(data.decode("latin-1"), key.private_jwk))


def _certificate() -> Specimen:
    leaf, upper = _chained().certificates
    return Specimen("certificate", leaf, lambda data: _key_of((data, upper)))


def _trust_list() -> Specimen:
    signer, anchors = trust_lists.SIGNER, (authority.authorities().root,)
    good = trust_list_format.build(trust_lists.LIST, signer).encode()

    def read(data: bytes) -> object:
        return trust_list_format.load(data.decode("latin-1"), anchors=anchors, now=authority.NOW)

    return Specimen("trust list", good, read)


def _apart(credential: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    rest = dict(credential)
    return rest, rest.pop("proof")


@cache
def all_specimens() -> tuple[Specimen, ...]:
    """Every specimen, made once."""
    return (
        _sd_jwt_vc(),
        _data_integrity("ecdsa-rdfc-2019", Algorithm.ES256),
        _data_integrity("ecdsa-jcs-2019", Algorithm.ES256),
        _data_integrity("eddsa-rdfc-2022", Algorithm.EDDSA),
        _data_integrity("eddsa-jcs-2022", Algorithm.EDDSA),
        _ecdsa_sd(),
        _bbs(),
        _presentation(),
        *map(_jose, (Form.VC_JWT, Form.VC_SD_JWT, Form.VC_COSE)),
        *map(_jose_presentation, (Form.VP_JWT, Form.VP_COSE)),
        _vc_jwt(),
        _mdoc(),
        _mdoc_response(),
        _status_jwt(),
        _status_cwt(),
        _bitstring(),
        _jwe(),
        _certificate(),
        _trust_list(),
    )
