"""A wallet's answer: the form of `direct_post`, the JWE of `direct_post.jwt`, and `vp_token` against the query.

What the presentations are worth is not decided here (OID4VP 1.0 §8.1 to §8.3, §8.5).
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tegata.codec import json
from tegata.envelope import jwe
from tegata.errors import CryptographyFailed, LimitExceeded, MalformedInput
from verifier.oid4vp.dcql import LDP_VC, CredentialQuery, Query
from verifier.oid4vp.errors import ResponseRefused
from verifier.oid4vp.transaction import ResponseMode, Terms

MAX_BYTES = 1_048_576
MAX_PRESENTATIONS = 20
_MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Presentation:
    """One untrusted presentation and the credential query that it says it answers."""

    query: CredentialQuery
    data: str | Mapping[str, Any] = field(repr=False)

    def as_bytes(self) -> bytes:
        """Return the presentation's bytes, for the format that reads them."""
        return self.data.encode("utf-8") if isinstance(self.data, str) else json.dumps(self.data)


@dataclass(frozen=True, slots=True)
class Submission:
    """A `vp_token` whose shape fits the query."""

    presentations: tuple[Presentation, ...]
    vp_token: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The wallet's own error; `code` is as received and bounded."""

    code: str
    description: str = ""


def parse_response(
    form: Mapping[str, str], terms: Terms, private_jwk: Mapping[str, Any] | None = None
) -> Submission | Refusal:
    """Read what was posted to the response address.

    1. The form is of the request's response mode: plain, or one JWE to the key of this request.
    2. Its `state` is that of the request.
    3. It is an error, or a `vp_token` that fits the query.

    A wallet that cannot encrypt may send an error in plain, nothing else (§8.3). Raises `ResponseRefused`,
    `LimitExceeded`.
    """
    members: Mapping[str, Any] = form
    if terms.response_mode is ResponseMode.DIRECT_POST_JWT and "error" not in form:
        members = _decrypted(form, private_jwk)
    elif "response" in form:
        raise ResponseRefused("an encrypted answer that was not asked for", clause="OID4VP 1.0 §8.2")
    _check_state(members.get("state"), terms)
    if "error" in members:
        code, description = members["error"], members.get("error_description", "")
        return Refusal(str(code)[:64], str(description)[:500])
    if "vp_token" not in members:
        raise ResponseRefused("no vp_token", pointer="vp_token", clause="OID4VP 1.0 §8.1")
    return parse_vp_token(members["vp_token"], terms.query)


def _decrypted(form: Mapping[str, str], private_jwk: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if "response" not in form or "vp_token" in form:
        raise ResponseRefused("the answer has to be encrypted", pointer="response", clause="OID4VP 1.0 §8.3")
    if private_jwk is None:
        raise ResponseRefused("there is no key for this request any more", clause="OID4VP 1.0 §8.3")
    compact = form["response"]
    try:
        if jwe.key_id_of(compact, max_bytes=MAX_BYTES) != private_jwk.get("kid"):
            raise ResponseRefused("encrypted to another key", pointer="response", clause="OID4VP 1.0 §8.3")
        content = json.loads(
            jwe.decrypt(compact, private_jwk, max_bytes=MAX_BYTES), max_bytes=MAX_BYTES, max_depth=_MAX_DEPTH
        )
    except (ResponseRefused, LimitExceeded):
        raise
    except (MalformedInput, CryptographyFailed) as error:
        raise ResponseRefused(error.detail, pointer="response", clause="OID4VP 1.0 §8.3") from None
    if not isinstance(content, dict):
        raise ResponseRefused("the answer is not an object", pointer="response", clause="OID4VP 1.0 §8.3")
    return content


def _check_state(state: Any, terms: Terms) -> None:
    if not isinstance(state, str) or not hmac.compare_digest(state.encode(), terms.state.encode()):
        raise ResponseRefused("another state", pointer="state", clause="OID4VP 1.0 §5.3")


def parse_vp_token(value: Any, query: Query) -> Submission:
    """Read a `vp_token`: credential query ids to arrays of presentations (§8.1).

    Refused: ids that were not asked for, empty arrays, several presentations where one was asked for, a string where
    the format needs an object and the reverse, nothing at all. Raises `ResponseRefused`.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value, max_bytes=MAX_BYTES, max_depth=_MAX_DEPTH)
        except LimitExceeded:
            raise
        except MalformedInput as error:
            raise ResponseRefused(error.detail, pointer="vp_token", clause="OID4VP 1.0 §8.1") from None
    if not isinstance(value, dict) or not value:
        raise ResponseRefused("vp_token is not an object", pointer="vp_token", clause="OID4VP 1.0 §8.1")
    found: list[Presentation] = []
    for name, items in value.items():
        asked = query.credential(name)
        if asked is None:
            raise ResponseRefused("an answer to a question not asked", pointer="vp_token", clause="§8.1")
        found.extend(_presentations(asked, items))
    if len(found) > MAX_PRESENTATIONS:
        raise LimitExceeded(f"more than {MAX_PRESENTATIONS} presentations")
    return Submission(tuple(found), value)


def _presentations(asked: CredentialQuery, items: Any) -> list[Presentation]:
    if not isinstance(items, list) or not items:
        raise ResponseRefused("not an array of presentations", pointer="vp_token", clause="OID4VP 1.0 §8.1")
    if len(items) > 1 and not asked.multiple:
        raise ResponseRefused("several where one was asked for", pointer="vp_token", clause="OID4VP 1.0 §8.1")
    wanted = dict if asked.format == LDP_VC else str
    if not all(isinstance(item, wanted) for item in items):
        raise ResponseRefused(
            "a presentation of the wrong kind", pointer="vp_token", clause="OID4VP 1.0 §8.1"
        )
    return [Presentation(asked, item) for item in items]
