"""Why a status could not be read. None of these says that a credential is revoked.

`problem_type` is the error's name in Bitstring Status List 1.0 §3.5 and VCDM 2.0 §7.1, for answers of the VC-API.
"""

from typing import ClassVar

from tegata.errors import CryptographyFailed, MalformedInput, Text, Unavailable

_STATUS_LIST = "https://www.w3.org/ns/credentials/status-list#"
_VCDM = "https://www.w3.org/TR/vc-data-model#"


class StatusMalformed(MalformedInput):
    """The status entry of a credential, or the list itself, breaks its grammar."""

    kind = "status_malformed"
    text = Text(
        "失効情報の形式が正しくないため、失効しているかを確認できません。",
        "The status information does not have the expected form, so revocation cannot be checked.",
    )
    problem_type: ClassVar[str] = _VCDM + "MALFORMED_VALUE_ERROR"


class StatusIndexOutOfRange(MalformedInput):
    """The credential names a place that the list does not have."""

    kind = "status_index_out_of_range"
    text = Text(
        "失効リストに、この証明書の欄がありません。",
        "The status list has no entry for this credential.",
    )
    problem_type: ClassVar[str] = _VCDM + "RANGE_ERROR"


class StatusListTooShort(MalformedInput):
    """A list with so few entries that fetching it says whose status is asked for."""

    kind = "status_list_too_short"
    text = Text(
        "失効リストが規定より短いため、使用できません。",
        "The status list is shorter than the standard allows and is not used.",
    )
    problem_type: ClassVar[str] = _STATUS_LIST + "STATUS_LIST_LENGTH_ERROR"


class StatusUnavailable(Unavailable):
    """The list could not be had, or what came was not one."""

    kind = "status_unavailable"
    text = Text(
        "失効リストを取得できなかったため、判定できません。",
        "Cannot decide: the status list could not be obtained.",
    )
    problem_type: ClassVar[str] = _STATUS_LIST + "STATUS_RETRIEVAL_ERROR"


class StatusListExpired(StatusUnavailable):
    """The list is authentic and too old, or not yet valid: it makes no statement about today."""

    kind = "status_list_expired"
    text = Text(
        "失効リストの有効期間の外のため、判定できません。",
        "Cannot decide: the status list is outside its period of validity.",
    )
    problem_type: ClassVar[str] = _STATUS_LIST + "STATUS_VERIFICATION_ERROR"


class StatusNotVerified(CryptographyFailed):
    """The list's signature does not hold, or it is a list for another address or another purpose."""

    kind = "status_not_verified"
    text = Text(
        "失効リストが発行元のものと確認できません。",
        "The status list could not be confirmed as the issuer's.",
    )
    problem_type: ClassVar[str] = _STATUS_LIST + "STATUS_VERIFICATION_ERROR"
