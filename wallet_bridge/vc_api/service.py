"""From the body of `/credentials/derive` to a credential that shows less. Nothing is kept, and no key is used.

The base proof carries all that deriving needs, so whoever holds the credential can do it; the service believes nothing of it: a
verifier finds out whether what was derived holds.
"""

from collections.abc import Mapping
from typing import Any

from tegata.codec import base64url
from tegata.errors import MalformedInput, Text
from tegata.formats import data_integrity
from tegata.formats.credential import Random
from tegata.formats.data_integrity import Contexts

_MOST_POINTERS = 1_000
_KNOWN_OPTIONS = frozenset({"selectivePointers", "presentationHeader"})


class DerivingRefused(MalformedInput):
    """The body is no credential with what to show of it."""

    kind = "derive_input_refused"
    text = Text(
        "証明書と、見せる項目の指定を受け取れませんでした。",
        "There is no credential here, or no list of what to show of it.",
    )


def derived(body: Any, contexts: Contexts, random: Random) -> dict[str, Any]:
    """Return the derived credential (VCALM §3.5.1).

    `selectivePointers` are JSON Pointers of what is shown beside what its issuer made mandatory; `presentationHeader` (base64url)
    binds a proof of bbs-2023 to a nonce of its reader. An option that is not known is refused: it might have meant to hide
    something. Raises `DerivingRefused`, and what `data_integrity.derive` raises.
    """
    if not isinstance(body, Mapping) or not isinstance(
        credential := body.get("verifiableCredential"), Mapping
    ):
        raise DerivingRefused("no verifiableCredential", pointer="/verifiableCredential")
    options = body.get("options", {})
    if not isinstance(options, Mapping) or not options.keys() <= _KNOWN_OPTIONS:
        raise DerivingRefused("options that are not known", pointer="/options")
    pointers, header = options.get("selectivePointers", []), options.get("presentationHeader", "")
    if not isinstance(pointers, list) or not all(isinstance(pointer, str) for pointer in pointers):
        raise DerivingRefused("selectivePointers are a list of texts", pointer="/options/selectivePointers")
    if len(pointers) > _MOST_POINTERS:
        raise DerivingRefused(f"more than {_MOST_POINTERS} pointers", pointer="/options/selectivePointers")
    if not isinstance(header, str):
        raise DerivingRefused("presentationHeader is base64url", pointer="/options/presentationHeader")
    return data_integrity.derive(
        credential, pointers, contexts, random, presentation_header=base64url.decode(header)
    )
