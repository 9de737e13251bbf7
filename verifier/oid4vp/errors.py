"""Every way in which the protocol refuses, and the one translation into its codes (OID4VP 1.0 §8.5, RFC 6749 §5.2).

TegataError
├── MalformedInput
│   ├── QueryRefused           invalid_request       the DCQL query breaks its grammar
│   └── ResponseRefused        invalid_request       the wallet's answer does not fit the request
├── Forbidden
│   └── ResponseCodeRefused    access_denied         the code, the session and the transaction do not belong together
└── Conflict
├── RequestExpired         invalid_request       too late
├── AlreadyAnswered        invalid_request       somebody was faster, or the answer was sent twice
└── NotFetched             invalid_request       an answer to a request that nobody fetched
"""

from dataclasses import dataclass

from tegata.errors import (
    Conflict,
    Forbidden,
    LimitExceeded,
    MalformedInput,
    Misconfigured,
    NotFound,
    TegataError,
    Text,
    Unavailable,
)

#: What a wallet may answer instead of a presentation (§8.5); anything else is recorded as `invalid_request`.
WALLET_ERRORS = frozenset(
    {
        "access_denied",
        "invalid_client",
        "invalid_request",
        "invalid_request_uri_method",
        "invalid_scope",
        "invalid_transaction_data",
        "unsupported_response_type",
        "vp_formats_not_supported",
        "wallet_unavailable",
    }
)


class QueryRefused(MalformedInput):
    """A DCQL query that a wallet could misread."""

    kind = "query_refused"
    text = Text(
        "依頼の内容（求める項目）が正しくありません。", "What the request asks for is not well-formed."
    )


class ResponseRefused(MalformedInput):
    """A wallet's answer that does not fit the request; the request stays open."""

    kind = "response_refused"
    text = Text("ウォレットの回答が依頼と合いません。", "The wallet's answer does not fit the request.")


class ResponseCodeRefused(Forbidden):
    """Whoever came back is not who started, or comes back twice."""

    kind = "response_code_refused"
    text = Text(
        "提示を始めた画面と同じブラウザーで開いてください。このリンクは1回だけ使えます。",
        "Open this in the browser in which you started. The link works once.",
    )


class RequestExpired(Conflict):
    """The request was answered, fetched or returned to after its time."""

    kind = "request_expired"
    text = Text(
        "依頼の期限が切れました。依頼した人に、新しい依頼を求めてください。",
        "The request has expired. Ask for a new one.",
    )


class AlreadyAnswered(Conflict):
    """The request has its answer; a second one is a replay or a race that was lost."""

    kind = "already_answered"
    text = Text("この依頼には、すでに回答があります。", "This request has already been answered.")


class NotFetched(Conflict):
    """An answer to a request that was never handed out."""

    kind = "request_not_fetched"
    text = Text("まだ渡していない依頼への回答です。", "An answer to a request that was not handed out.")


@dataclass(frozen=True, slots=True)
class ProtocolError:
    """The code and HTTP status that a wallet is answered with."""

    code: str
    status: int


#: From the special to the general; the first that fits is taken.
_CODES: tuple[tuple[type[TegataError], ProtocolError], ...] = (
    (LimitExceeded, ProtocolError("invalid_request", 413)),
    (MalformedInput, ProtocolError("invalid_request", 400)),
    (ResponseCodeRefused, ProtocolError("access_denied", 403)),
    (Forbidden, ProtocolError("access_denied", 403)),
    (NotFound, ProtocolError("invalid_request", 404)),
    (Conflict, ProtocolError("invalid_request", 400)),
    (Unavailable, ProtocolError("temporarily_unavailable", 503)),
    (Misconfigured, ProtocolError("server_error", 500)),
)


def protocol_error(error: TegataError) -> ProtocolError:
    """Translate a refusal; what is left, a failed signature or decryption, is `invalid_request` as well."""
    for kind, found in _CODES:
        if isinstance(error, kind):
            return found
    return ProtocolError("invalid_request", 400)
