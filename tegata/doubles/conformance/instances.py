"""Who signs: one issuer for each cryptosuite and kind of key, made anew with each start."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tegata.formats.jose_cose import Form
from tegata.identity.did import did_key
from tegata.keys import bls
from tegata.keys.bls import SoftwareBbsSigner
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner

#: The issuer that gives each credential an entry in a status list.
STATUS_ISSUER = "bitstring-status-list"
ECDSA_SD, BBS = "ecdsa-sd-2023", "bbs-2023"
_PLAIN = (
    ("eddsa-rdfc-2022", Algorithm.EDDSA),
    ("eddsa-jcs-2022", Algorithm.EDDSA),
    ("ecdsa-rdfc-2019", Algorithm.ES256),
    ("ecdsa-rdfc-2019", Algorithm.ES384),
    ("ecdsa-jcs-2019", Algorithm.ES256),
    ("ecdsa-jcs-2019", Algorithm.ES384),
    (ECDSA_SD, Algorithm.ES256),
)
#: What the suites call kinds of key in their manifests.
_KEY_TYPES = {Algorithm.EDDSA: "Ed25519", Algorithm.ES256: "P-256", Algorithm.ES384: "P-384"}


@dataclass(frozen=True, slots=True)
class Instance:
    """One issuer: its name in URLs, what it secures with, its DID and its key's verification method.

    `has_status`: its credentials get entries in the double's status lists.
    """

    name: str
    secures_with: str
    key_type: str
    did: str
    method: str
    signer: SoftwareSigner | SoftwareBbsSigner = field(repr=False)
    has_status: bool = False

    @property
    def form(self) -> Form | None:
        """The form in JOSE or COSE, if it secures with one."""
        return Form(self.secures_with) if self.secures_with in set(Form) else None


def make() -> Mapping[str, Instance]:
    """Make every issuer, by name."""
    found = [_instance(suite, algorithm) for suite, algorithm in _PLAIN]
    found += [_instance(form.value, Algorithm.ES256) for form in Form if not form.is_presentation]
    signer = SoftwareBbsSigner.generate(secrets.token_bytes)
    value = bls.encode(signer.public_key)
    found.append(Instance(BBS, BBS, "Bls12381G2", f"did:key:{value}", f"did:key:{value}#{value}", signer))
    found.append(replace(found[0], name=STATUS_ISSUER, has_status=True))
    return {instance.name: instance for instance in found}


def _instance(secures_with: str, algorithm: Algorithm) -> Instance:
    signer = SoftwareSigner.generate(algorithm)
    did = did_key(signer.public_key)
    fragment = did.removeprefix("did:key:")
    key_type = _KEY_TYPES[algorithm]
    name = f"{secures_with.replace('+', '-')}-{key_type.lower()}"
    return Instance(name, secures_with, key_type, did, f"{did}#{fragment}", signer.named(fragment))
