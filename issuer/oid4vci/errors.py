"""Every way an OID4VCI request can be refused, with the protocol's code.

Oid4vciRefused
├── TokenRefused            RFC 6749 §5.2, OID4VCI §6.3
│   ├── InvalidRequest      invalid_request
│   ├── InvalidGrant        invalid_grant
│   └── UnsupportedGrant    unsupported_grant_type
├── InvalidToken            invalid_token            RFC 6750 §3.1
│   └── NoToken             no code: nothing was shown that could be wrong
├── CredentialRefused       OID4VCI §8.3.1.2
│   ├── InvalidCredentialRequest, UnknownConfiguration, UnknownIdentifier,
│   ├── InvalidProof, InvalidNonce, InvalidEncryptionParameters
│   └── RequestDenied
└── NotificationRefused     OID4VCI §11.3
"""

from typing import ClassVar

from tegata.errors import Forbidden, Text


class Oid4vciRefused(Forbidden):
    """The base of the protocol's refusals; `code` goes into the `error` member, `status` is the HTTP status."""

    code: ClassVar[str] = "invalid_request"
    status: ClassVar[int] = 400


class TokenRefused(Oid4vciRefused):
    """A token request is refused."""


class InvalidRequest(TokenRefused):
    """A parameter is missing, given twice, or sent although it is not expected."""

    kind = "invalid_request"
    code = "invalid_request"
    text = Text(
        "ウォレットからの要求の形式が正しくありません。",
        "The wallet's request does not have the expected form.",
    )


class InvalidGrant(TokenRefused):
    """The code is unknown, used or expired, or the confirmation number is wrong."""

    kind = "invalid_grant"
    code = "invalid_grant"
    text = Text(
        "受取りの情報が使えません。期限が切れたか、すでに使われています。案内をもう一度開いてください。",
        "This invitation cannot be used: it has expired or was used already. Open the invitation again.",
    )


class WrongTransactionCode(InvalidGrant):
    """The 確認番号 is wrong; tries are left."""

    kind = "wrong_transaction_code"

    def __init__(self, tries_left: int) -> None:
        super().__init__(
            "wrong tx_code",
            public=Text(
                f"確認番号がちがいます。あと{tries_left}回入力できます。学校から別に渡された6桁の数字を入れてください。",
                f"The confirmation number is not right. You have {tries_left} tries left. "
                "Enter the 6 digits the school gave you separately.",
            ),
            clause="OID4VCI 1.0 §6.3",
        )


class TransactionCodeLocked(InvalidGrant):
    """Too many wrong 確認番号: the invitation rests for a while, the right to the document survives."""

    kind = "transaction_code_locked"
    text = Text(
        "確認番号を5回まちがえたため、受取りを止めました。時間をおくか、学校の窓口で新しい番号を受け取ってください。",
        "Receiving is paused after 5 wrong numbers. Wait a while, or get a new number from the school office.",
    )


class UnsupportedGrant(TokenRefused):
    """This token endpoint knows the pre-authorized code grant only."""

    kind = "unsupported_grant_type"
    code = "unsupported_grant_type"


class InvalidToken(Oid4vciRefused):
    """The access token is missing, unknown or expired (RFC 6750 §3.1)."""

    kind = "invalid_token"
    code = "invalid_token"
    status = 401
    text = Text(
        "受取りの時間が切れました。案内をもう一度開いてください。",
        "The time to receive has run out. Open the invitation again.",
    )


class NoToken(InvalidToken):
    """No access token was shown (RFC 6750 §3.1)."""

    kind = "no_token"


class CredentialRefused(Oid4vciRefused):
    """A credential request is refused (OID4VCI 1.0 §8.3.1.2)."""


class InvalidCredentialRequest(CredentialRefused):
    """The request misses a member or has one too many."""

    kind = "invalid_credential_request"
    code = "invalid_credential_request"


class UnknownConfiguration(CredentialRefused):
    """The access token does not cover this credential configuration."""

    kind = "unknown_credential_configuration"
    code = "unknown_credential_configuration"
    text = Text(
        "このウォレットでは受け取れませんでした。この証明書の形式に対応していません。リンクはまだ使えます。別のウォレットを選んでください。",
        "This wallet cannot take the certificate: it does not support its format. The link still works. "
        "Choose another wallet.",
    )


class UnknownIdentifier(CredentialRefused):
    """The credential identifier is not one that the token response named."""

    kind = "unknown_credential_identifier"
    code = "unknown_credential_identifier"


class InvalidProof(CredentialRefused):
    """A key proof is missing or does not hold."""

    kind = "invalid_proof"
    code = "invalid_proof"
    text = Text("ウォレットの鍵を確認できませんでした。", "The wallet's key could not be confirmed.")


class InvalidNonce(CredentialRefused):
    """The proof's nonce is not ours, too old, or used already."""

    kind = "invalid_nonce"
    code = "invalid_nonce"
    text = Text(
        "時間が切れました。もう一度受け取ってください。", "The time ran out. Please receive it again."
    )


class InvalidEncryptionParameters(CredentialRefused):
    """Response encryption is asked for and not offered, or its parameters do not fit."""

    kind = "invalid_encryption_parameters"
    code = "invalid_encryption_parameters"


class RequestDenied(CredentialRefused):
    """The document cannot be given out (any more); the answer is final."""

    kind = "credential_request_denied"
    code = "credential_request_denied"
    text = Text(
        "この証明書は受け取れません。学校に問い合わせてください。",
        "This certificate cannot be received. Please ask the school.",
    )


class NotificationRefused(Oid4vciRefused):
    """A notification is malformed."""

    kind = "invalid_notification_request"
    code = "invalid_notification_request"


class UnknownNotification(NotificationRefused):
    """Nothing was issued under this notification id to this token."""

    kind = "invalid_notification_id"
    code = "invalid_notification_id"
