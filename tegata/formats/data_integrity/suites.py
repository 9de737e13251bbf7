"""Cryptosuites: what is hashed, in which order, and how a proof value is written (VC Data Integrity 1.0 §4).

A suite is a row: its name, its transformation, its hash and its signature algorithm. Here are eddsa-rdfc-2022 and
eddsa-jcs-2022 (EdDSA Cryptosuites 1.0 §3.2, §3.3), ecdsa-rdfc-2019 and ecdsa-jcs-2019 (ECDSA Cryptosuites 1.0 §3.2, §3.3)
over P-256 and P-384; and Ed25519Signature2020 for readers that are told to accept it. Not for deciding whose key a proof was
made with.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from threading import Lock
from typing import Any

from tegata.codec import base58, jcs, json
from tegata.errors import CryptographyFailed, MalformedInput
from tegata.formats.credential import FormatRefused, SignatureRefused
from tegata.formats.linked_data import rdfc
from tegata.formats.linked_data.dataset import Dataset, to_dataset
from tegata.formats.linked_data.json_ld import Contexts
from tegata.formats.linked_data.nquads import Quad, is_absolute_iri
from tegata.formats.vcdm.legacy import NONE, Legacy
from tegata.formats.vcdm.model import read_instant
from tegata.keys.signer import Algorithm, PublicKey, Signer

PROOF_TYPE = "DataIntegrityProof"
ASSERTION = "assertionMethod"
AUTHENTICATION = "authentication"
_CLAUSE = "VC Data Integrity 1.0 §4.4"
_SIGNATURE_BYTES = 64
RDFC, JCS = "rdfc", "jcs"
_KEPT_CONFIGURATIONS = 512
_KEPT_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Suite:
    """One cryptosuite over one kind of key."""

    name: str
    algorithm: Algorithm
    hash_factory: rdfc.HashFactory
    transformation: str = RDFC
    signature_bytes: int = _SIGNATURE_BYTES


_ALL = (
    Suite("eddsa-rdfc-2022", Algorithm.EDDSA, hashlib.sha256),
    Suite("ecdsa-rdfc-2019", Algorithm.ES256, hashlib.sha256),
    # Inside the canonicalization, too, SHA-384 orders blank nodes.
    Suite("ecdsa-rdfc-2019", Algorithm.ES384, hashlib.sha384, signature_bytes=96),
    Suite("eddsa-jcs-2022", Algorithm.EDDSA, hashlib.sha256, JCS),
    Suite("ecdsa-jcs-2019", Algorithm.ES256, hashlib.sha256, JCS),
    Suite("ecdsa-jcs-2019", Algorithm.ES384, hashlib.sha384, JCS, 96),
)
#: A proof type of before the suites, whose type is its name: only ever verified.
_OLD = Suite(Legacy.ED25519_SIGNATURE_2020, Algorithm.EDDSA, hashlib.sha256)
_READ = (*_ALL, _OLD)
_SUITES = {(suite.name, suite.algorithm): suite for suite in _READ}
#: What a key signs with where no suite is named.
_DEFAULTS = {suite.algorithm: suite for suite in reversed(_ALL) if suite.transformation == RDFC}
#: Suites whose proofs are made and read elsewhere (`selective`); the hash is that of their options.
ECDSA_SD, BBS = "ecdsa-sd-2023", "bbs-2023"
_SELECTIVE = {ECDSA_SD: Algorithm.ES256.value, BBS: "BBS"}
_OPTIONS = Suite(ECDSA_SD, Algorithm.ES256, hashlib.sha256)
PREFIX_PLAIN, PREFIX_SELECTIVE = "z", "u"
NAMES = frozenset(suite.name for suite in _ALL) | _SELECTIVE.keys()
_WITH_CONTEXT = frozenset(suite.name for suite in _ALL if suite.transformation == JCS)


class Secured:
    """A document without its proofs, as the suites see it: its quads, and their digests, made when first needed.

    `types` are the document's, expanded.
    """

    def __init__(
        self, document: Mapping[str, Any], contexts: Contexts, *, exact_numbers: bool = False
    ) -> None:
        """Expand the document; raises `DataLoss` and `FormatRefused`."""
        self.document = {name: value for name, value in document.items() if name != "proof"}
        self.contexts = contexts
        self._dataset: Dataset | None = to_dataset(self.document, contexts, exact_numbers=exact_numbers)
        self.types = self._dataset.types
        self._digests: dict[rdfc.HashFactory, bytes] = {}

    def following(self, previous: Sequence[Mapping[str, Any]]) -> "Secured":
        """Return the document as a proof sees it that follows others: with those in it (§4.3)."""
        chained = copy(self)
        document = {**self.document, "proof": [dict(proof) for proof in previous]}
        # Read again as linked data only if a suite asks: JSON alone is enough for the others.
        vars(chained).update(document=document, _dataset=None, _digests={})
        return chained

    @property
    def quads(self) -> tuple[Quad, ...]:
        """The document's statements."""
        if self._dataset is None:
            self._dataset = to_dataset(self.document, self.contexts)
        return self._dataset.quads

    def digest(self, suite: Suite) -> bytes:
        """Return the hash of the canonical document; raises `LimitExceeded`."""
        known = self._digests.get(suite.hash_factory)
        if known is None:
            canonical = rdfc.canonicalize(self.quads, suite.hash_factory)
            known = self._digests[suite.hash_factory] = _hash(suite, canonical.text)
        return known


def suite_for(key: PublicKey, name: str = "") -> Suite:
    """Return the suite that a key signs with, by name or by default; raises `FormatRefused` if there is none here."""
    suite = _SUITES.get((name, key.algorithm)) if name else _DEFAULTS.get(key.algorithm)
    if suite is None:
        raise FormatRefused(
            f"no cryptosuite {name[:40]} for {key.algorithm}", clause="VC Data Integrity 1.0 §4.2"
        )
    return suite


def algorithm_of(proof: Mapping[str, Any]) -> str:
    """Return the signature algorithm that a proof calls for; its length tells the curves of one suite apart."""
    name = name_of(proof)
    if name in _SELECTIVE:
        return _SELECTIVE[name]
    length = len(_signature(proof))
    return next(
        suite.algorithm.value for suite in _READ if suite.name == name and suite.signature_bytes == length
    )


def name_of(proof: Mapping[str, Any]) -> str:
    """Return the name of a proof's suite: of old proofs, their type."""
    return str(proof["type"] if proof["type"] == _OLD.name else proof["cryptosuite"])


def add_proof(
    secured: Secured, options: Mapping[str, Any], signer: Signer, cryptosuite: str = ""
) -> dict[str, Any]:
    """Return the proof over a document (§4.2); `options` are its members but type, cryptosuite and proofValue.

    Raises `FormatRefused` with PROOF_GENERATION_ERROR if the options are incomplete.
    """
    suite = suite_for(signer.public_key, cryptosuite)
    # It stays in the proof: contexts that are added to the document later change nothing (§3.3.1 of the suites).
    context = {"@context": secured.document["@context"]} if suite.transformation == JCS else {}
    proof = new_proof(suite.name, {**options, **context})
    signature = signer.sign(hash_data(secured, proof, suite))
    return {**proof, "proofValue": PREFIX_PLAIN + base58.encode(signature)}


def new_proof(cryptosuite: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a proof without its value; raises `FormatRefused` with PROOF_GENERATION_ERROR for incomplete options."""
    proof = {"type": PROOF_TYPE, "cryptosuite": cryptosuite, **options}
    try:
        check_proof(proof, is_signed=False)
    except FormatRefused as error:
        raise FormatRefused(f"PROOF_GENERATION_ERROR: {error.detail}", clause=error.clause) from None
    return proof


def options_digest(proof: Mapping[str, Any], document: Mapping[str, Any], contexts: Contexts) -> bytes:
    """Return the SHA-256 of a proof's canonical options, read with the document's contexts (§3.5.5 of ECDSA)."""
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    return _configurations.digest({**options, "@context": document["@context"]}, contexts, _OPTIONS)


def verify_proof(secured: Secured, proof: Mapping[str, Any], key: PublicKey) -> None:
    """Verify one proof over a document with a key that the caller chose (§4.4); raises `SignatureRefused`."""
    suite = _SUITES.get((name_of(proof), key.algorithm))
    if suite is None:
        raise SignatureRefused("the key is of another kind than the cryptosuite", clause=_CLAUSE)
    signature = _signature(proof, suite)
    try:
        key.verify(signature, hash_data(secured, proof, suite))
    except CryptographyFailed as error:
        raise SignatureRefused(f"PROOF_VERIFICATION_ERROR: {error.detail}", clause=_CLAUSE) from None


def hash_data(secured: Secured, proof: Mapping[str, Any], suite: Suite) -> bytes:
    """Return what is signed: the hash of the proof's options, then the hash of the document (§3.3 of the suites)."""
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if suite.transformation == JCS:
        return _canonical_json(options, suite) + _canonical_json(_as_signed(secured.document, proof), suite)
    options["@context"] = secured.document["@context"]
    return _configurations.digest(options, secured.contexts, suite) + secured.digest(suite)


def _as_signed(document: Mapping[str, Any], proof: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the document with the contexts that stand in its proof: those it was signed with, the first of its own."""
    if "@context" not in proof:
        return document
    signed, found = (
        value if isinstance(value, list) else [value] for value in (proof["@context"], document["@context"])
    )
    if found[: len(signed)] != signed:
        raise SignatureRefused(
            "PROOF_VERIFICATION_ERROR: the document begins with other contexts than were signed",
            clause="EdDSA Cryptosuites 1.0 §3.3.2",
        )
    return {**document, "@context": proof["@context"]}


def _canonical_json(value: Mapping[str, Any], suite: Suite) -> bytes:
    try:
        return bytes.fromhex(suite.hash_factory(jcs.canonicalize(dict(value))).hexdigest())
    except MalformedInput as error:
        raise FormatRefused(f"PROOF_TRANSFORMATION_ERROR: {error.detail}", clause=error.clause) from None


def check_proof(proof: Any, *, is_signed: bool = True, legacy: frozenset[Legacy] = NONE) -> None:
    """Check the members of a proof (§2.1, §4.4); raises `FormatRefused` with the name that the standard gives."""
    if not isinstance(proof, Mapping):
        raise FormatRefused("PARSING_ERROR: a proof that is no object", clause=_CLAUSE)
    if not _is_known(proof, legacy):
        raise FormatRefused(
            "PROOF_TRANSFORMATION_ERROR: a proof of a cryptosuite that is not known here", clause=_CLAUSE
        )
    if "@context" in proof and name_of(proof) not in _WITH_CONTEXT:
        raise FormatRefused("a context in a proof that is not signed with it", clause=_CLAUSE)
    previous_of(proof)
    method = proof.get("verificationMethod")
    if not isinstance(method, str) or not is_absolute_iri(method) or "#" not in method:
        raise FormatRefused(
            "PROOF_VERIFICATION_ERROR: verificationMethod is not a URL of a key", clause=_CLAUSE
        )
    if not isinstance(proof.get("proofPurpose"), str):
        raise FormatRefused("PROOF_VERIFICATION_ERROR: proofPurpose is missing", clause=_CLAUSE)
    for name in ("created", "expires"):
        if name in proof:
            read_instant(proof[name], name, "VC Data Integrity 1.0 §2.1")
    for name in ("challenge", "nonce"):
        if not isinstance(proof.get(name, ""), str):
            raise FormatRefused(f"{name} is not text", clause="VC Data Integrity 1.0 §2.1")
    domains(proof)
    if is_signed and name_of(proof) not in _SELECTIVE:
        _signature(proof)


def previous_of(proof: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of the proofs that this one follows; raises `FormatRefused` for what is neither text nor a list."""
    found = proof.get("previousProof", [])
    items = [found] if isinstance(found, str) else found
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise FormatRefused(
            "previousProof is neither text nor a list of it", clause="VC Data Integrity 1.0 §2.1.2"
        )
    return tuple(items)


def domains(proof: Mapping[str, Any]) -> frozenset[str]:
    """Return the domains a proof was made for; raises `FormatRefused` for what is neither text nor a set of it."""
    found = proof.get("domain", [])
    items = [found] if isinstance(found, str) else found
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise FormatRefused("domain is neither text nor a set of it", clause="VC Data Integrity 1.0 §2.1")
    return frozenset(items)


def _is_known(proof: Mapping[str, Any], legacy: frozenset[Legacy]) -> bool:
    if proof.get("type") == _OLD.name:
        return Legacy.ED25519_SIGNATURE_2020 in legacy and "cryptosuite" not in proof
    name = proof.get("cryptosuite")
    return proof.get("type") == PROOF_TYPE and isinstance(name, str) and name in NAMES


def _signature(proof: Mapping[str, Any], suite: Suite | None = None) -> bytes:
    """Read the proof value: `z`, base58btc, one spelling, the length that its suite has."""
    value = proof.get("proofValue")
    if not isinstance(value, str) or not value.startswith(PREFIX_PLAIN):
        raise FormatRefused("PROOF_VERIFICATION_ERROR: proofValue does not start with z", clause=_CLAUSE)
    try:
        signature = base58.decode(value[1:])
    except MalformedInput:
        raise FormatRefused("PROOF_VERIFICATION_ERROR: proofValue is not base58btc", clause=_CLAUSE) from None
    expected = (
        {suite.signature_bytes}
        if suite is not None
        else {item.signature_bytes for item in _READ if item.name == name_of(proof)}
    )
    if len(signature) not in expected:
        raise FormatRefused("PROOF_VERIFICATION_ERROR: a signature of the wrong length", clause=_CLAUSE)
    return signature


def _hash(suite: Suite, text: str) -> bytes:
    return bytes.fromhex(suite.hash_factory(text.encode("utf-8")).hexdigest())


class _Configurations:
    """Digests of proof options. An issuer's are the same for all it signs in one second, so they are kept."""

    def __init__(self) -> None:
        self._digests: OrderedDict[tuple[int, str, bytes], tuple[Contexts, bytes]] = OrderedDict()
        self._lock = Lock()

    def digest(self, options: Mapping[str, Any], contexts: Contexts, suite: Suite) -> bytes:
        key = (id(contexts), suite.name, json.dumps(options))
        with self._lock:
            known = self._digests.get(key)
            if known is not None:
                self._digests.move_to_end(key)
                return known[1]
        canonical = rdfc.canonicalize(to_dataset(options, contexts).quads, suite.hash_factory)
        digest = _hash(suite, canonical.text)
        if len(key[2]) > _KEPT_BYTES:
            return digest
        with self._lock:
            # The contexts are kept beside the digest, so their id cannot be given to another object.
            self._digests[key] = (contexts, digest)
            while len(self._digests) > _KEPT_CONFIGURATIONS:
                self._digests.popitem(last=False)
        return digest


_configurations = _Configurations()
