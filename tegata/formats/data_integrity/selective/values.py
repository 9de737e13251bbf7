"""Proof values of the selective suites: `u`, base64url, three bytes that say what follows, and an array in CBOR."""

from collections.abc import Sequence
from typing import Any

from tegata.codec import base64url, cbor
from tegata.errors import LimitExceeded, MalformedInput
from tegata.formats.credential import FormatRefused
from tegata.formats.data_integrity.suites import PREFIX_SELECTIVE

_CLAUSE = "VC Data Integrity 1.0 §4.4"
_HEAD_BYTES = 3
_MAX_BYTES = 262_144


def write(head: bytes, elements: Sequence[Any]) -> str:
    """Return the proof value of these elements."""
    return PREFIX_SELECTIVE + base64url.encode(head + cbor.dumps(list(elements)))


def read(value: Any, head: bytes, types: Sequence[type]) -> list[Any]:
    """Return the elements of a proof value that begins with `head` and has one element of each type.

    Raises `FormatRefused` for anything else, tags inside included, `LimitExceeded` for more than is read.
    """
    if not isinstance(value, str) or not value.startswith(PREFIX_SELECTIVE):
        raise _refused("proofValue does not start with u")
    if len(value) > _MAX_BYTES:
        raise LimitExceeded(f"a proof value of more than {_MAX_BYTES} characters", clause=_CLAUSE)
    try:
        data = base64url.decode(value[1:])
        if data[:_HEAD_BYTES] != head:
            raise _refused("a proof value of another kind")
        elements = cbor.loads(data[_HEAD_BYTES:])
    except LimitExceeded:
        raise
    except MalformedInput as error:
        raise _refused(error.detail) from None
    if not isinstance(elements, list) or [type(element) for element in elements] != list(types):
        raise _refused("a proof value of other elements")
    return elements


def check_bytes(value: Any, length: int, what: str) -> bytes:
    """Return bytes of a length; raises `FormatRefused`."""
    if not isinstance(value, bytes) or len(value) != length:
        raise _refused(f"{what} of the wrong length")
    return value


def check_indexes(values: Sequence[Any], below: int, what: str) -> tuple[int, ...]:
    """Return indexes that ascend and lie below an end; raises `FormatRefused`."""
    if not all(type(value) is int and 0 <= value < below for value in values) or list(values) != sorted(
        set(values)
    ):
        raise _refused(f"{what} that do not ascend within the statements")
    return tuple(values)


def _refused(detail: str) -> FormatRefused:
    if detail.startswith("PROOF_VERIFICATION_ERROR"):
        return FormatRefused(detail, clause=_CLAUSE)
    return FormatRefused(f"PROOF_VERIFICATION_ERROR: {detail}", clause=_CLAUSE)
