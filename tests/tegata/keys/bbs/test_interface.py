"""BBS signatures and proofs: every vector of the IETF, and what is refused."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegata.errors import CryptographyFailed, LimitExceeded, MalformedInput, TegataError
from tegata.keys.bbs import interface
from tegata.keys.bbs.ciphersuite import BLS12_381_SHA_256 as SHA_256
from tegata.keys.bbs.octets import octets_to_pubkey
from tests.tegata.keys.bbs.support import SUITES, cases, mocked_random, octets, read

_SECRET = interface.key_gen(bytes(range(32)), b"", SHA_256)
_PUBLIC = interface.sk_to_pk(_SECRET, secrets.token_bytes)
_HEADER, _MESSAGES = b"header", [b"one", b"two", b"", "三".encode()]
_SIGNATURE = interface.sign(_SECRET, _PUBLIC, _HEADER, _MESSAGES, SHA_256, secrets.token_bytes)
_SHOWN = [0, 3]


def _prove(shown=_SHOWN, presentation=b"nonce", signature=_SIGNATURE, messages=_MESSAGES):
    return interface.proof_gen(
        _PUBLIC, signature, _HEADER, presentation, messages, shown, SHA_256, secrets.token_bytes
    )


def _check(proof, shown=_SHOWN, presentation=b"nonce", messages=None, public=_PUBLIC, header=_HEADER):
    messages = [_MESSAGES[index] for index in shown] if messages is None else messages
    interface.proof_verify(public, proof, header, presentation, messages, shown, SHA_256)


def _holds(action):
    try:
        action()
    except (CryptographyFailed, MalformedInput):
        return False
    return True


@pytest.mark.clause("BBS §3.4")
@pytest.mark.parametrize("suite", SUITES)
def test_a_key_is_derived_as_published(suite):
    vector = read(suite, "keypair.json")
    material, info, tag = octets([vector["keyMaterial"], vector["keyInfo"], vector["keyDst"]])
    secret = interface.key_gen(material, info, SUITES[suite], tag)
    assert secret.hex() == vector["keyPair"]["secretKey"]
    assert interface.sk_to_pk(secret, secrets.token_bytes).hex() == vector["keyPair"]["publicKey"]


@pytest.mark.clause("BBS §3.5.1")
@pytest.mark.clause("BBS §3.5.2")
@pytest.mark.parametrize(("suite", "name"), cases("signature"))
def test_a_signature_is_what_the_vector_says(suite, name):
    vector = read(suite, name)
    secret, public = (bytes.fromhex(vector["signerKeyPair"][key]) for key in ("secretKey", "publicKey"))
    header, signature = octets([vector["header"], vector["signature"]])
    messages, ciphersuite = octets(vector["messages"]), SUITES[suite]
    if vector["result"]["valid"]:
        made = interface.sign(secret, public, header, messages, ciphersuite, secrets.token_bytes)
        assert made == signature
    held = _holds(lambda: interface.verify(public, signature, header, messages, ciphersuite))
    assert held == vector["result"]["valid"], vector["caseName"]


@pytest.mark.clause("BBS §3.5.3")
@pytest.mark.clause("BBS §3.5.4")
@pytest.mark.parametrize(("suite", "name"), cases("proof"))
def test_a_proof_is_what_the_vector_says(suite, name):
    vector = read(suite, name)
    public, signature, header, presentation, proof = octets(
        vector[key] for key in ("signerPublicKey", "signature", "header", "presentationHeader", "proof")
    )
    messages, shown, ciphersuite = octets(vector["messages"]), vector["disclosedIndexes"], SUITES[suite]
    if vector["result"]["valid"]:
        random = mocked_random(suite, 5 + len(messages) - len(shown))
        made = interface.proof_gen(
            public, signature, header, presentation, messages, shown, ciphersuite, random
        )
        assert made == proof
    disclosed = [messages[index] for index in shown]
    held = _holds(
        lambda: interface.proof_verify(public, proof, header, presentation, disclosed, shown, ciphersuite)
    )
    assert held == vector["result"]["valid"], vector["caseName"]


def test_there_are_vectors_of_each_kind_for_each_suite():
    assert len(cases("signature")) == 20
    assert len(cases("proof")) == 30


def test_a_signature_is_the_same_each_time_though_its_making_is_blinded():
    again = interface.sign(_SECRET, _PUBLIC, _HEADER, _MESSAGES, SHA_256, secrets.token_bytes)
    assert again == _SIGNATURE
    interface.verify(_PUBLIC, _SIGNATURE, _HEADER, _MESSAGES, SHA_256)


def test_two_proofs_of_one_signature_have_nothing_in_common():
    first, second = _prove(), _prove()
    assert {first[index : index + 16] for index in range(0, len(first), 16)}.isdisjoint(
        second[index : index + 16] for index in range(0, len(second), 16)
    )


def test_everything_may_be_shown_and_nothing_has_to_be():
    for shown in ([], [0, 1, 2, 3]):
        _check(_prove(shown), shown)


def test_a_proof_holds_for_what_it_was_made_for_and_nothing_else():
    proof = _prove()
    _check(proof)
    other = interface.sk_to_pk(interface.key_gen(bytes(32), b"", SHA_256), secrets.token_bytes)
    for change in (
        {"presentation": b"other"},
        {"messages": [b"one", b"four"]},
        {"header": b"other"},
        {"public": other},
        {"shown": [0, 2], "messages": [b"one", "三".encode()]},
    ):
        with pytest.raises(CryptographyFailed):
            _check(proof, **change)


def test_a_proof_of_a_signature_over_other_messages_does_not_hold():
    with pytest.raises(CryptographyFailed):
        _check(_prove(messages=[b"one", b"2", b"", "三".encode()]))


@given(st.integers(0, len(_SIGNATURE) * 8 - 1))
def test_no_bit_of_a_signature_may_change(bit):
    changed = bytearray(_SIGNATURE)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises((MalformedInput, CryptographyFailed)):
        interface.verify(_PUBLIC, bytes(changed), _HEADER, _MESSAGES, SHA_256)


_PROOF = _prove()


@given(st.integers(0, len(_PROOF) * 8 - 1))
def test_no_bit_of_a_proof_may_change(bit):
    changed = bytearray(_PROOF)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises((MalformedInput, CryptographyFailed)):
        _check(bytes(changed))


@given(st.binary(max_size=600), st.lists(st.integers(-1, 5), max_size=4))
def test_whatever_is_no_proof_is_refused_with_an_error_of_ours(proof, shown):
    with pytest.raises(TegataError):
        interface.proof_verify(_PUBLIC, proof, b"", b"", [b"x"] * len(shown), shown, SHA_256)


@pytest.mark.parametrize("shown", [[1, 0], [0, 0], [-1], [4], [0, 4]])
def test_indexes_that_do_not_ascend_within_the_messages_are_refused(shown):
    with pytest.raises(MalformedInput):
        _prove(shown)


@pytest.mark.parametrize(
    "public",
    [
        b"",
        _PUBLIC[:-1],
        bytes([0xC0]) + bytes(95),
        bytes([0x80]) + bytes(95),
        bytes([_PUBLIC[0] & 0x7F]) + _PUBLIC[1:],
    ],
)
@pytest.mark.clause("BBS §4.2.4.6")
def test_what_is_no_public_key_is_refused(public):
    with pytest.raises(MalformedInput):
        octets_to_pubkey(public)


def test_secrets_that_are_none_are_refused():
    for secret in (bytes(32), bytes([255]) * 32, bytes(31)):
        with pytest.raises(MalformedInput):
            interface.sk_to_pk(secret, secrets.token_bytes)
    with pytest.raises(MalformedInput):
        interface.key_gen(bytes(31), b"", SHA_256)
    with pytest.raises(LimitExceeded):
        interface.key_gen(bytes(32), bytes(65_536), SHA_256)


def test_there_is_an_end_to_what_is_signed_together():
    for messages in ([b"x"] * 2_049, [bytes(262_145)]):
        with pytest.raises(LimitExceeded):
            interface.sign(_SECRET, _PUBLIC, b"", messages, SHA_256, secrets.token_bytes)
    with pytest.raises(LimitExceeded):
        interface.proof_verify(_PUBLIC, bytes(272 + 32 * 2_049), b"", b"", [], [], SHA_256)


def test_a_broken_source_of_randomness_makes_no_proof():
    with pytest.raises(CryptographyFailed):
        interface.proof_gen(_PUBLIC, _SIGNATURE, _HEADER, b"", _MESSAGES, [], SHA_256, bytes)
