"""The W3C's vectors for the selective suites, read in one shape."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tegata.formats.data_integrity import Contexts
from tests.tegata.formats.data_integrity.support import CONTEXTS, VECTORS

ECDSA, BBS = VECTORS / "w3c" / "vc-di-ecdsa", VECTORS / "w3c" / "vc-di-bbs"
#: One vector has a context inside its document, which is refused here: the same context under a URL of its own.
_INLINE = "https://vectors.example/windsurf"
_WINDSURF = {"@context": {"@vocab": "https://windsurf.grotto-networking.com/selective#"}}
COMPILED = Contexts({**CONTEXTS, _INLINE: json.dumps(_WINDSURF).encode()})


@dataclass(frozen=True)
class Vector:
    """One worked example: where its steps are, and what it selects."""

    folder: Path
    mandatory: list[str]
    selective: list[str]

    def step(self, name: str) -> Any:
        """Return one published step."""
        return named(json.loads((self.folder / f"{name}.json").read_bytes()))

    def signed(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the document without its proof, and its base proof."""
        return apart(self.step("addSignedSDBase"))


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


def named(value: Any) -> Any:
    """The value with every context named by a URL."""
    if isinstance(value, list):
        return [_INLINE if item == _WINDSURF["@context"] else named(item) for item in value]
    return {name: named(item) for name, item in value.items()} if isinstance(value, dict) else value


def apart(signed: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a document without its proof, and the proof."""
    return {name: value for name, value in signed.items() if name != "proof"}, signed["proof"]


ECDSA_VECTORS = {
    name: Vector(
        ECDSA / "ecdsa-sd-2023" / name,
        read(ECDSA / f"{label}Mandatory.json"),
        read(ECDSA / f"{label}Selective.json"),
    )
    for name, label in (("prc", "prCred"), ("employ", "employ"))
}
BBS_VECTORS = {
    "windsurf": Vector(BBS, read(BBS / "windMandatory.json"), read(BBS / "windSelective.json")),
    "prc": Vector(BBS / "prc", read(BBS / "prCredMandatory.json"), read(BBS / "prCredSelective.json")),
}
HMAC_KEY = bytes.fromhex(read(ECDSA / "ecdsa-sd-2023" / "SDKeyMaterial.json")["hmacKeyString"])
KEYS = read(ECDSA / "ecdsa-sd-2023" / "SDKeyMaterial.json")
BBS_KEYS = read(BBS / "BBSKeyMaterial.json")
DERIVING = read(BBS / "BBSDeriveMaterial.json")
