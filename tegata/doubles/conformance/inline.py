"""Contexts that stand in a document instead of being named: the suites write them, and no school's documents have any.

Such an object is given the name of its own bytes, and is then a context like those that were pinned. The statements stay the
same, so suites that sign statements (rdfc) do not see the difference; those that sign JSON would.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from tegata.codec import jcs, json
from tegata.errors import Misconfigured
from tegata.formats.credential import FormatRefused
from tegata.formats.data_integrity import Contexts
from tegata.formats.vcdm import model

_MAX_BYTES = 65_536


def named(document: Any, pinned: Mapping[str, bytes]) -> tuple[Any, Mapping[str, bytes]]:
    """Return a document whose contexts, and those of its credentials, are all named, and the contexts to read it with.

    Raises `FormatRefused` for an object that is no context.
    """
    found: dict[str, bytes] = {}
    renamed = _named(document, found)
    if not found:
        return document, pinned
    contexts = {**pinned, **found}
    try:
        Contexts(found)
    except Misconfigured as error:
        raise FormatRefused(f"an object that is no context: {error.detail}", clause="VCDM 2.0 §4.3") from None
    return renamed, contexts


def check_suites(proofs: Iterable[Mapping[str, Any]]) -> None:
    """Raise `FormatRefused` if one of these proofs signs the document as it is written."""
    if any("-jcs-" in str(proof.get("cryptosuite")) for proof in proofs):
        raise FormatRefused("a context that is not named, signed as JSON", clause="VCDM 2.0 §4.3")


def _named(value: Any, found: dict[str, bytes]) -> Any:
    if not isinstance(value, Mapping):
        return value
    result = dict(value)
    stated = value.get("@context")
    if isinstance(stated, list):
        result["@context"] = [_name(item, found) if isinstance(item, Mapping) else item for item in stated]
    if "verifiableCredential" in value:
        inner = [_named(item, found) for item in model.as_list(value["verifiableCredential"])]
        result["verifiableCredential"] = (
            inner if isinstance(value["verifiableCredential"], list) else inner[0]
        )
    return result


def _name(context: Mapping[str, Any], found: dict[str, bytes]) -> str:
    data = json.dumps(context if "@context" in context else {"@context": context})
    if len(data) > _MAX_BYTES:
        raise FormatRefused("a context that is too long", clause="VCDM 2.0 §4.3")
    url = f"urn:sha256:{hashlib.sha256(jcs.canonicalize(json.loads(data))).hexdigest()}"
    found[url] = data
    return url
