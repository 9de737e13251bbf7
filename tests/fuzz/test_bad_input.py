"""What only somebody with bad intent sends: each is refused by name, by every form it fits into, in bounded work and memory.

A text or item of the table is planted where a form carries its claims, and signed: the signature is not what refuses it.
"""

import base64
import gzip
import json
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from tegata.codec import base64url, cbor
from tegata.envelope import cose, jws
from tegata.errors import LimitExceeded, MalformedInput, TegataError
from tegata.formats import data_integrity, jose_cose, mdoc, sd_jwt_vc, vc_jwt
from tegata.formats.credential import FormatRefused
from tegata.formats.jose_cose import Form
from tegata.formats.linked_data.json_ld import ContextRefused
from tegata.formats.vcdm.legacy import Legacy
from tegata.identity import trust_list_format
from tegata.identity.trust_list_format import TrustListRefused
from tegata.status import bitstring_entry, bitstring_status_list, status_list_cwt, token_status_list
from tegata.status.entries import Entries
from tegata.status.errors import StatusMalformed, StatusUnavailable
from tests.tegata.formats.data_integrity import support as w3c
from tests.tegata.formats.mdoc import documents as mobile
from tests.tegata.formats.sd_jwt_vc import samples
from tests.tegata.identity import authority
from tests.tegata.identity import test_trust_list_format as trust_lists
from tests.verifier.verification.bench import FORMATS, Bench, not_passed
from verifier.verification.report import Verdict

_MEGABYTE = 1_048_576
#: Calls of Python functions that one refusal may take: of a text or an item, and of a document whose graph has to be looked at.
_FEW_CALLS, _MAX_CALLS = 5_000, 200_000
_MAX_PEAK = 48 * _MEGABYTE
_CONTEXT = json.dumps(w3c.V2)
_URI = "https://issuer.example/status/1"


@dataclass(frozen=True)
class Carrier:
    """A form: `plant` puts a text where its claims stand, signed where it is signed; `read` takes it in."""

    name: str
    plant: Callable[[bytes], bytes]
    read: Callable[[bytes], object]


def _compact(typ: str, signer: Any = w3c.SIGNER, **header: Any) -> Callable[[bytes], bytes]:
    return lambda raw: jws.sign({"typ": typ, **header}, raw, signer).encode()


def _sign1(typ: str) -> Callable[[bytes], bytes]:
    return lambda raw: cbor.dumps(
        cbor.Tag(cose.SIGN1_TAG, cose.sign1(raw, w3c.SIGNER, protected={cose.TYP: typ}))
    )


def _mobile(raw: bytes) -> bytes:
    """An mdoc whose security object is this item, signed."""
    payload = cbor.dumps(cbor.embedded(raw))
    message = cose.sign1(payload, mobile.SIGNER, unprotected=cose.certificate_header(mobile.SIGNER))
    return cbor.dumps({"nameSpaces": {}, "issuerAuth": message})


def _check_mobile(data: bytes) -> object:
    return mdoc.verify(mdoc.parse(data), mobile.SIGNER.public_key, now=mobile.NOW)


def _check_cwt(data: bytes) -> object:
    parsed = status_list_cwt.parse(data)
    return status_list_cwt.verify(parsed, w3c.SIGNER.public_key, now=w3c.NOW, expected_uri=_URI)


def _check_list(data: bytes) -> object:
    parsed = token_status_list.parse(data)
    return token_status_list.verify(parsed, w3c.SIGNER.public_key, now=w3c.NOW, expected_uri=_URI)


def _read_jose(form: Form) -> Callable[[bytes], object]:
    return lambda data: jose_cose.parse(data, w3c.CONTEXTS, form)


def _check_old(data: bytes) -> object:
    return vc_jwt.parse(data, w3c.CONTEXTS, legacy=frozenset({Legacy.VC_JWT}))


def _believe(data: bytes) -> object:
    root = authority.authorities().root
    return trust_list_format.load(data, anchors=(root,), now=authority.NOW)


#: Forms whose claims are JSON.
IN_JSON = (
    Carrier("SD-JWT VC", samples.forge, sd_jwt_vc.parse),
    Carrier("a disclosure", lambda raw: samples.forge({"_sd": [samples.digest(base64url.encode(raw))]}, [base64url.encode(raw)]), samples.check),
    Carrier("Data Integrity", bytes, lambda data: data_integrity.parse(data, w3c.CONTEXTS)),
    Carrier("presentation", bytes, lambda data: data_integrity.parse_presentation(data, w3c.CONTEXTS)),
    Carrier("vc+jwt", _compact("vc+jwt", cty="vc"), _read_jose(Form.VC_JWT)),
    Carrier("vc+sd-jwt", lambda raw: _compact("vc+sd-jwt", cty="vc")(raw) + b"~", _read_jose(Form.VC_SD_JWT)),
    Carrier("vc+cose", _sign1("application/vc+cose"), _read_jose(Form.VC_COSE)),
    Carrier("vp+jwt", _compact("vp+jwt", cty="vp"), lambda data: jose_cose.parse_presentation(data, Form.VP_JWT)),
    Carrier("jwt_vc_json", lambda raw: _compact("JWT")(b'{"vc":' + raw + b"}"), _check_old),
    Carrier("status list JWT", _compact("statuslist+jwt"), _check_list),
    Carrier("trust list", _compact(trust_list_format.TYP, trust_lists.SIGNER, x5c=[base64.b64encode(der).decode() for der in trust_lists.SIGNER.certificates]), _believe),
)  # fmt: skip
#: Forms whose claims are CBOR.
IN_CBOR = (
    Carrier("IssuerSigned", bytes, mdoc.parse),
    Carrier("DeviceResponse", bytes, mdoc.parse_response),
    Carrier("security object", _mobile, _check_mobile),
    Carrier("status list CWT", _sign1(status_list_cwt.MEDIA_TYPE), _check_cwt),
    Carrier("COSE credential", bytes, _read_jose(Form.VC_COSE)),
)

#: By name: a JSON text that no form takes.
JSON_TEXTS: dict[str, tuple[bytes, type[TegataError]]] = {
    "two members of one name": (b'{"@context":[' + _CONTEXT.encode() + b'],"iss":"a","iss":"b"}', MalformedInput),
    "two members of one name, one escaped": (b'{"type":"a","\\u0074ype":"b"}', MalformedInput),
    "NaN": (b'{"a":NaN}', MalformedInput),
    "an infinity": (b'{"a":-Infinity}', MalformedInput),
    "an integer beyond 64 bits": (b'{"a":18446744073709551616}', MalformedInput),
    "an integer of ten thousand digits": (b'{"a":' + b"9" * 10_000 + b"}", MalformedInput),
    "a number beyond a double": (b'{"a":1e999}', MalformedInput),
    "a lone surrogate": (b'{"a":"\\ud800"}', MalformedInput),
    "a lone surrogate as a name": (b'{"\\udfff":1}', MalformedInput),
    "a surrogate in UTF-8": (b'{"a":"\xed\xa0\x80"}', MalformedInput),
    "bytes that are no UTF-8": (b'{"a":"\xff"}', MalformedInput),
    "arrays in arrays": (b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}", MalformedInput),
    "objects in objects": (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, MalformedInput),
    "nesting that nobody closes": (b"[" * 200_000, MalformedInput),
    "a huge array": (b'{"a":[' + b"0," * 4_000_000 + b"0]}", LimitExceeded),
    "a huge string": (b'{"a":"' + b"x" * 8_000_000 + b'"}', LimitExceeded),
    "an array": (b"[]", MalformedInput),
    "a number": (b"7", MalformedInput),
    "nothing": (b"", MalformedInput),
    "null": (b"null", MalformedInput),
    "a second text after the first": (b'{"a":1}{"a":2}', MalformedInput),
    "a mark of byte order": (b'\xef\xbb\xbf{"a":1}', MalformedInput),
}  # fmt: skip
#: By name: a CBOR item that no form takes.
CBOR_ITEMS: dict[str, tuple[bytes, type[TegataError]]] = {
    "a map of indefinite length": (bytes.fromhex("bf6161 01 ff".replace(" ", "")), MalformedInput),
    "an array of indefinite length": (bytes.fromhex("a161619f01ff"), MalformedInput),
    "text of indefinite length": (bytes.fromhex("a161617f6161ff"), MalformedInput),
    "bytes of indefinite length": (bytes.fromhex("a161615f4101ff"), MalformedInput),
    "a key that stands twice": (bytes.fromhex("a2616101616102"), MalformedInput),
    "a key that stands twice, spelt in two ways": (bytes.fromhex("a20001180002"), MalformedInput),
    "a key that stands twice further in": (bytes.fromhex("a16161a201020103"), MalformedInput),
    "a tag that is not expected": (bytes.fromhex("d903e8a0"), MalformedInput),
    "a date's tag around a map": (bytes.fromhex("c0a0"), MalformedInput),
    "a shared reference": (bytes.fromhex("d81ca16161d81d00"), MalformedInput),
    "undefined": (bytes.fromhex("a16161f7"), MalformedInput),
    "a simple value that nobody assigned": (bytes.fromhex("a16161f0"), MalformedInput),
    "a break outside of anything": (b"\xff", MalformedInput),
    "text that is no UTF-8": (bytes.fromhex("a1616161ff"), MalformedInput),
    "arrays in arrays": (b"\xa1\x61a" + b"\x81" * 5_000 + b"\x00", MalformedInput),
    "tags in tags": (b"\xc1" * 5_000 + b"\x00", MalformedInput),
    "an array that promises more than there is": (bytes.fromhex("a161619bffffffffffffffff"), MalformedInput),
    "a map that promises more than there is": (bytes.fromhex("bbffffffffffffffff"), MalformedInput),
    "bytes that promise more than there are": (bytes.fromhex("a161615bffffffffffffffff"), MalformedInput),
    "bytes after the item": (bytes.fromhex("a000"), MalformedInput),
    "huge bytes": (b"\xa1\x61a\x5a\x00\x7a\x12\x00" + bytes(8_000_000), LimitExceeded),
    "a huge array": (b"\x9a\x00\x7a\x12\x00" + bytes(8_000_000), LimitExceeded),
    "nothing": (b"", MalformedInput),
    "a number": (b"\x07", MalformedInput),
}
#: Refusals that the door of a list or of the trust list makes of malformed input.
_AS_ITS_OWN = (StatusUnavailable, StatusMalformed, TrustListRefused)


def refused(read: Callable[[bytes], object], data: bytes, most: int = _FEW_CALLS) -> TegataError:
    """Read what has to be refused, and hold the work and the memory that it took to their bounds."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    tracemalloc.start()
    sys.setprofile(count)
    try:
        with pytest.raises(TegataError) as caught:
            read(data)
    finally:
        sys.setprofile(None)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert calls < most
    assert peak < _MAX_PEAK
    assert caught.value.kind
    assert caught.value.text.ja
    assert caught.value.text.en
    return caught.value


def _is(error: TegataError, wanted: type[TegataError]) -> bool:
    return isinstance(error, (wanted, *_AS_ITS_OWN))


@pytest.mark.parametrize("name", JSON_TEXTS)
@pytest.mark.parametrize("carrier", IN_JSON, ids=lambda carrier: carrier.name)
def test_a_bad_json_text_is_refused_in_every_form(carrier: Carrier, name: str) -> None:
    raw, wanted = JSON_TEXTS[name]
    if carrier.name == "trust list" and wanted is LimitExceeded:
        # Every school of the country stands on it: it may be large, and is read only after its registrar's signature held.
        raw = raw[:200_000]
    assert _is(refused(carrier.read, carrier.plant(raw)), wanted)


@pytest.mark.parametrize("name", CBOR_ITEMS)
@pytest.mark.parametrize("carrier", IN_CBOR, ids=lambda carrier: carrier.name)
def test_a_bad_cbor_item_is_refused_in_every_form(carrier: Carrier, name: str) -> None:
    raw, wanted = CBOR_ITEMS[name]
    assert _is(refused(carrier.read, carrier.plant(raw)), wanted)


def _document(**changes: Any) -> bytes:
    return w3c.encoded({**w3c.issue(), **changes})


#: By name: what a W3C document may not say, in contexts above all; the contexts that are known stay as they are.
DOCUMENTS: dict[str, tuple[Callable[[], bytes], type[TegataError]]] = {
    "a number as a context": (lambda: _document(**{"@context": [w3c.V2, 7]}), FormatRefused),
    "null as a context": (lambda: _document(**{"@context": [w3c.V2, None]}), FormatRefused),
    "a context that is no list": (lambda: _document(**{"@context": {"a": "b"}}), FormatRefused),
    "a context inside": (lambda: _document(**{"@context": [w3c.V2, {"@vocab": "https://a.example/"}]}), FormatRefused),
    "a context inside the subject": (lambda: _document(credentialSubject={"@context": {"a": "https://a.example/"}, "a": 1}), FormatRefused),
    "a context that is not known": (lambda: _document(**{"@context": [w3c.V2, "https://a.example/context"]}), ContextRefused),
    "a context that is an address of ours to ask": (lambda: _document(**{"@context": [w3c.V2, "file:///etc/passwd"]}), FormatRefused),
    "ten thousand contexts": (lambda: _document(**{"@context": [w3c.V2] * 10_000}), MalformedInput),
    "a term that no context defines": (lambda: _document(nickname="x"), FormatRefused),
    "nodes with names of their own": (lambda: _document(credentialSubject=_clique(12)), FormatRefused),
    "thousands of nodes without names": (lambda: _document(credentialSubject={"courses": [{"credits": 1}] * 12_000}), LimitExceeded),
}  # fmt: skip


def _clique(size: int) -> dict[str, Any]:
    """Nodes that all know each other and differ in nothing: names for them are tried in every order."""
    nodes = [{"id": f"_:n{index}", "courses": [{"id": f"_:n{other}"} for other in range(size) if other != index]} for index in range(size)]  # fmt: skip
    return {"courses": nodes}


def _bush(depth: int) -> dict[str, Any]:
    """Three branches at each node, and nothing that tells them apart."""
    return {"courses": [_bush(depth - 1)] * 3} if depth else {"credits": 1}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_is_bad_as_linked_data_is_refused(name: str) -> None:
    make, wanted = DOCUMENTS[name]
    error = refused(w3c.check, make(), _MAX_CALLS)
    assert isinstance(error, wanted)


def test_equal_branches_within_equal_branches_are_refused_by_the_work_that_they_would_be() -> None:
    with pytest.raises(LimitExceeded, match="ambiguous"):
        w3c.check(_document(credentialSubject=_bush(5)))


def _bomb(compress: Callable[[bytes], bytes]) -> bytes:
    """Sixteen times more zeros than a list may have, in a few kilobytes."""
    return compress(bytes(16 * token_status_list.MAX_LIST_BYTES))


def _jwt_bomb() -> object:
    claims = {"sub": _URI, "iat": int(w3c.NOW.timestamp()), "status_list": {"bits": 2, "lst": base64url.encode(_bomb(zlib.compress))}}  # fmt: skip
    return _check_list(_compact("statuslist+jwt")(json.dumps(claims).encode()))


def _cwt_bomb() -> object:
    claims = {2: _URI, 6: int(w3c.NOW.timestamp()), 65533: {"bits": 2, "lst": _bomb(zlib.compress)}}
    return _check_cwt(_sign1(status_list_cwt.MEDIA_TYPE)(cbor.dumps(claims)))


def _bitstring_bomb() -> object:
    listed = bitstring_status_list.render(
        Entries.unallocated(), "revocation", url=_URI, issuer=w3c.ISSUER,
        valid_from=w3c.NOW, valid_until=w3c.NOW + timedelta(days=1), ttl=timedelta(hours=1),
    )  # fmt: skip
    listed["credentialSubject"]["encodedList"] = "u" + base64url.encode(_bomb(gzip.compress))
    entry = bitstring_entry.ClaimedEntry("revocation", 5, _URI)
    return bitstring_status_list.check(entry, listed, lambda found: found, now=w3c.NOW)


@pytest.mark.parametrize("check", [_jwt_bomb, _cwt_bomb, _bitstring_bomb], ids=["JWT", "CWT", "Bitstring"])
def test_a_bomb_in_a_status_list_is_stopped_at_the_limit(check: Callable[[], object]) -> None:
    with pytest.raises(LimitExceeded):
        check()


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_verifier_reports_on_bad_input_and_calls_none_of_it_valid(format_name: str) -> None:
    """What the page, the API and the command do with a file: never an exception, always a reason."""
    bench = Bench.set_up(format_name)
    bench.policy = replace(bench.policy, requires_holder_binding=False, accepts_unbound=True)
    assessor = bench.assessor()
    assert assessor.check_file(bench.seal(), bench.policy, bench.now).verdict is Verdict.VALID
    planted = [
        carrier.plant(raw)
        for carrier in IN_JSON
        for raw, wanted in JSON_TEXTS.values()
        if wanted is not LimitExceeded
    ]
    planted += [
        carrier.plant(raw)
        for carrier in IN_CBOR
        for raw, wanted in CBOR_ITEMS.values()
        if wanted is not LimitExceeded
    ]
    for data in planted:
        report = assessor.check_file(data, bench.policy, bench.now)
        assert report.verdict is Verdict.INVALID
        assert not_passed(report)
