"""Why a status could not be read. None of these says that a credential is revoked.

`problem_type` is the error's name in Bitstring Status List 1.0 §3.5 and VCDM 2.0 §7.1, for answers of the VC-API.
"""

from typing import ClassVar

from tegata.errors import (
    CryptographyFailed,
    Forbidden,
    LimitExceeded,
    MalformedInput,
    TegataError,
    Text,
    Unavailable,
)

_STATUS_LIST = "https://www.w3.org/ns/credentials/status-list#"
_VCDM = "https://www.w3.org/TR/vc-data-model#"
MALFORMED_VALUE = _VCDM + "MALFORMED_VALUE_ERROR"
RANGE = _VCDM + "RANGE_ERROR"
RETRIEVAL = _STATUS_LIST + "STATUS_RETRIEVAL_ERROR"
VERIFICATION = _STATUS_LIST + "STATUS_VERIFICATION_ERROR"
LENGTH = _STATUS_LIST + "STATUS_LIST_LENGTH_ERROR"


class StatusMalformed(MalformedInput):
    """The status entry of a credential, or the list itself, breaks its grammar."""

    kind = "status_malformed"
    text = Text(
        "失効情報の形式が正しくないため、失効しているかを確認できません。",
        "The status information does not have the expected form, so revocation cannot be checked.",
    )
    problem_type: ClassVar[str] = MALFORMED_VALUE


class StatusIndexOutOfRange(MalformedInput):
    """The credential names a place that the list does not have."""

    kind = "status_index_out_of_range"
    text = Text(
        "失効リストに、この証明書の欄がありません。",
        "The status list has no entry for this credential.",
    )
    problem_type: ClassVar[str] = RANGE


class StatusListTooShort(MalformedInput):
    """A list with so few entries that fetching it says whose status is asked for."""

    kind = "status_list_too_short"
    text = Text(
        "失効リストが規定より短いため、使用できません。",
        "The status list is shorter than the standard allows and is not used.",
    )
    problem_type: ClassVar[str] = LENGTH


class StatusUnavailable(Unavailable):
    """The list could not be had, or what came was not one."""

    kind = "status_unavailable"
    text = Text(
        "失効リストを取得できなかったため、判定できません。",
        "Cannot decide: the status list could not be obtained.",
    )
    problem_type: ClassVar[str] = RETRIEVAL


class StatusListExpired(StatusUnavailable):
    """The list is authentic and too old, or not yet valid: it makes no statement about today."""

    kind = "status_list_expired"
    text = Text(
        "失効リストの有効期間の外のため、判定できません。",
        "Cannot decide: the status list is outside its period of validity.",
    )
    problem_type: ClassVar[str] = VERIFICATION


class StatusNotVerified(CryptographyFailed):
    """The list's signature does not hold, or it is a list for another address or another purpose."""

    kind = "status_not_verified"
    text = Text(
        "失効リストが発行元のものと確認できません。",
        "The status list could not be confirmed as the issuer's.",
    )
    problem_type: ClassVar[str] = VERIFICATION


def problem_type_of(error: TegataError) -> str:
    """Return the W3C's name for why a status could not be read, also for errors that are not of this file.

    What could not be had (network, address, size of the answer) is a retrieval error, what breaks a grammar is
    malformed; everything else is a list that is not believed.
    """
    stated = getattr(error, "problem_type", "")
    if stated:
        return str(stated)
    if isinstance(error, Unavailable | Forbidden):
        return RETRIEVAL
    if isinstance(error, MalformedInput) and not isinstance(error, LimitExceeded):
        return MALFORMED_VALUE
    return VERIFICATION
