"""Tokens that somebody damaged, by accident or on purpose: every door refuses them with a typed error, or not at all."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tegata.codec import base58, base64url, dates, inflate, jcs
from tegata.codec import json as strict_json
from tegata.codec.integrity import check_integrity
from tegata.envelope import jwe, jws
from tegata.errors import TegataError
from tegata.formats import sd_jwt_vc
from tegata.formats.credential import Expected
from tegata.formats.sd_jwt_vc.issuer_keys import build_metadata, metadata_url, select_key
from tegata.formats.sd_jwt_vc.type_metadata import parse_type_metadata, resolve
from tegata.formats.sd_jwt_vc.type_rules import check_type_rules
from tegata.keys import jwk, multikey
from tegata.status import bitstring_entry, bitstring_status_list, token_status_list
from tegata.status.entries import Entries
from tests.tegata.formats.sd_jwt_vc.samples import (
    EXPECTED,
    HOLDER,
    NOW,
    SIGNER,
    VCT,
    digest,
    forge,
    issue,
    show,
)

_HELD = issue([("family_name",), ("address",), ("address", "region"), ("courses", None)])
_SHOWN = show(_HELD, [("family_name",), ("courses", None)])
_LIST = token_status_list.sign(
    Entries.unallocated(),
    uri="https://issuer.example/status/1",
    issued_at=NOW,
    expires_at=NOW + timedelta(days=1),
    ttl=timedelta(hours=1),
    signer=SIGNER,
)
_KEY = jwe.generate_encryption_key("k")
_JWE = jwe.encrypt(b'{"vp_token":{}}', _KEY.public_jwk)
_METADATA = json.dumps(
    {
        "vct": VCT,
        "display": [{"locale": "ja", "name": "証"}],
        "claims": [{"path": ["a", None], "sd": "never"}],
    }
).encode()
_ISSUER = json.dumps(build_metadata("https://issuer.example", [SIGNER.public_key])).encode()

_JUNK = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["_sd", "...", "ES256", "none", "dc+sd-jwt", "sha-256", "0x1", "u", "https://issuer.example"])
)  # fmt: skip
_VALUES = st.recursive(
    _JUNK,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def _refuses_or_not(call: Callable[..., Any], *arguments: Any, **options: Any) -> bool:
    """Call; any `TegataError` is an answer, and anything else escapes and fails the test. Says whether it accepted."""
    try:
        call(*arguments, **options)
    except TegataError:
        return False
    return True


@st.composite
def _damaged(draw: st.DrawFn, good: bytes) -> bytes:
    """Draw a few edits of a good token: bytes changed, cut out, doubled, or put in."""
    data = bytearray(good)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 12)))
        way = draw(st.integers(0, 3))
        if way == 0:
            data[start:end] = draw(st.binary(max_size=6))
        elif way == 1:
            data[start:end] = draw(st.sampled_from([b".", b"~", b"~~", b"=", b"", b"A", b"e30", b"W10"]))
        elif way == 2:
            data[start:end] = data[start:end] * 2
        else:
            del data[start:end]
    return bytes(data)


def _verify(data: bytes, expected: Expected = EXPECTED) -> None:
    parsed = sd_jwt_vc.parse(data)
    verified = sd_jwt_vc.verify_presentation(parsed, SIGNER.public_key, now=NOW, expected=expected)
    check_type_rules(parse_type_metadata(_METADATA), parsed, verified)


@settings(deadline=None, max_examples=300)
@given(_damaged(_SHOWN))
def test_a_damaged_presentation_is_refused(data: bytes) -> None:
    accepted = _refuses_or_not(_verify, data)
    assert not accepted or data == _SHOWN


@settings(deadline=None, max_examples=200)
@given(_damaged(_HELD))
def test_a_damaged_credential_is_refused_by_the_holder_too(data: bytes) -> None:
    _refuses_or_not(sd_jwt_vc.disclosed_claims, data)
    _refuses_or_not(sd_jwt_vc.present, data, [("address",)], HOLDER, audience="a", nonce="n", now=NOW)
    assert _refuses_or_not(_verify, data, Expected()) is False or data.split(b"~")[0] == _HELD.split(b"~")[0]


@st.composite
def _signed_nonsense(draw: st.DrawFn) -> bytes:
    """Draw a payload with digests in odd places, and disclosures of odd shapes, under a signature that holds."""
    texts = [
        base64url.encode(json.dumps(parts).encode())
        for parts in draw(st.lists(st.lists(_VALUES, max_size=4), max_size=4))
    ]
    places = st.sampled_from([digest(text) for text in texts] or ["x"])
    structure = st.recursive(
        _VALUES
        | st.builds(lambda d: {"...": d}, places)
        | st.builds(lambda d: {"_sd": d}, st.lists(places, max_size=3)),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["a", "_sd", "...", "cnf", "x"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
    names = st.sampled_from(
        ["_sd", "a", "cnf", "status", "exp", "nbf", "iat", "vct", "iss", "aka_vcts", "_sd_alg", "@context"]
    )
    payload = draw(st.dictionaries(names, structure, max_size=6))
    # A JSON text that our own writer refuses (NaN, huge integers) is still one that others may sign.
    raw = json.dumps({"vct": VCT, **payload}).encode("utf-8", "surrogatepass")
    header = draw(
        st.dictionaries(
            st.sampled_from(["kid", "x5c", "jwk", "crit", "typ", "cty"]), _JUNK_HEADER, max_size=2
        )
    )
    return forge(raw, texts, header=header)


_JUNK_HEADER = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["dc+sd-jwt", "vc+sd-jwt", "MAA=", "x"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("a"), inner, max_size=1),
    max_leaves=3,
)


@settings(deadline=None, max_examples=400)
@given(_signed_nonsense())
def test_signed_nonsense_is_judged_and_never_crashes(data: bytes) -> None:
    _refuses_or_not(_verify, data, Expected())
    _refuses_or_not(sd_jwt_vc.present, data, [("a", None), ("a",)], None, audience="a", nonce="n", now=NOW)


@settings(deadline=None, max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from(["alg", "typ", "kid", "x5c", "crit", "b64", "jwk", "enc", "zip"]), _VALUES, max_size=4
    )
)
@example({"typ": ["dc+sd-jwt"], "alg": "ES256"})
@example({"alg": ["ES256"]})
def test_headers_of_every_kind_are_judged(header: dict[str, Any]) -> None:
    parts = [json.dumps(header).encode("utf-8", "surrogatepass"), b'{"vct":"x"}', bytes(64)]
    compact = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    assert not _refuses_or_not(_verify, compact.encode() + b"~", Expected())
    assert not _refuses_or_not(token_status_list.parse, compact)
    _refuses_or_not(jws.parse, compact)
    assert not _refuses_or_not(jwe.decrypt, compact + "..", _KEY.private_jwk)


def _read_status(data: bytes) -> int:
    parsed = token_status_list.parse(data)
    found = token_status_list.verify(
        parsed, SIGNER.public_key, now=NOW, expected_uri="https://issuer.example/status/1"
    )
    return found.status_at(5)


@settings(deadline=None, max_examples=200)
@given(_damaged(_LIST.encode()))
def test_a_damaged_status_list_is_refused(data: bytes) -> None:
    assert not _refuses_or_not(_read_status, data) or data == _LIST.encode()


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(["sub", "iat", "exp", "ttl", "status_list", "iss"]), _VALUES | st.just("https://issuer.example/status/1"), max_size=6))  # fmt: skip
def test_a_signed_status_list_of_nonsense_is_judged(claims: dict[str, Any]) -> None:
    payload = {"sub": "https://issuer.example/status/1", **claims}
    raw = json.dumps(payload).encode("utf-8", "surrogatepass")
    _refuses_or_not(_read_status, jws.sign({"typ": "statuslist+jwt"}, raw, SIGNER).encode())


_BSL_NAMES = st.sampled_from(
    ["type", "statusPurpose", "statusListIndex", "statusListCredential", "statusSize", "statusMessage", "id", "credentialSubject",
     "encodedList", "issuer", "validFrom", "validUntil"]
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(_BSL_NAMES, _VALUES, max_size=6), st.dictionaries(_BSL_NAMES, _VALUES, max_size=6))
def test_bitstring_entries_and_lists_of_nonsense_are_judged(
    entry: dict[str, Any], document: dict[str, Any]
) -> None:
    _refuses_or_not(bitstring_entry.entries_of, [{"type": bitstring_entry.TYPE, **entry}])
    good = bitstring_entry.ClaimedEntry("revocation", 1, "https://issuer.example/status/1")
    whole = {
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "credentialSubject": {"type": "BitstringStatusList", **document},
        **document,
    }
    for candidate in (document, whole):
        assert not _refuses_or_not(bitstring_status_list.check, good, candidate, lambda found: found, now=NOW)


@settings(deadline=None, max_examples=150)
@given(_damaged(_JWE.encode()))
def test_a_damaged_jwe_stays_shut(data: bytes) -> None:
    text = data.decode("latin-1")
    assert not _refuses_or_not(jwe.decrypt, text, _KEY.private_jwk) or text == _JWE
    _refuses_or_not(jwe.key_id_of, text)


@settings(deadline=None, max_examples=200)
@given(_damaged(_METADATA), _damaged(_ISSUER), st.text(max_size=40))
def test_damaged_metadata_is_judged(metadata: bytes, issuer: bytes, text: str) -> None:
    _refuses_or_not(parse_type_metadata, metadata)
    _refuses_or_not(resolve, VCT, {VCT: metadata}, text)
    _refuses_or_not(select_key, issuer, "https://issuer.example", "document-1", "ES256")
    _refuses_or_not(check_integrity, metadata, text)
    _refuses_or_not(metadata_url, text)
    _refuses_or_not(metadata_url, "https://" + text)


@settings(deadline=None, max_examples=300)
@given(
    st.text(max_size=60) | st.text("0123456789-T:.Z+平成令和元年月日HR/ ", max_size=20),
    st.binary(max_size=60),
    _VALUES,
)
@example("2026-03-01T00:00:00.Z", b"[" * 60, [])
def test_the_codecs_and_keys_answer_everything(text: str, data: bytes, value: Any) -> None:
    for read in (
        base64url.decode,
        base58.decode,
        dates.instant,
        dates.parse_date,
        multikey.decode,
        strict_json.loads,
        jws.parse,
    ):
        _refuses_or_not(read, text)
    _refuses_or_not(strict_json.loads, data)
    _refuses_or_not(jws.parse, data)
    _refuses_or_not(inflate.inflate_zlib, data, 1_000)
    _refuses_or_not(inflate.inflate_gzip, data, 1_000)
    for write in (
        strict_json.dumps,
        jcs.canonicalize,
        jwk.from_jwk,
        dates.numeric_date,
        token_status_list.reference_in,
    ):
        _refuses_or_not(write, value)
    _refuses_or_not(jwk.from_jwk, {"kty": "EC", "crv": value, "x": text, "y": text})
