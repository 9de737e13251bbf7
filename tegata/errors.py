"""What can go wrong, as types.

Every refusal of Tegata is a `TegataError`. It has a *kind* (a stable name that programs may compare), a *public
text* in Japanese and English that may be shown to anyone, and a private *detail* that goes to the log and nowhere
else. One file per protocol (`…/errors.py`) maps kinds to that protocol's codes; `tegata.service.problems` maps the
rest to HTTP.

    TegataError                      internal
    ├── MalformedInput               malformed             the bytes or the values break the grammar
    │   └── LimitExceeded            limit_exceeded        too large, too deep, too many, too much work
    ├── Forbidden                    forbidden             understood, and refused by a rule
    ├── NotFound                     not_found             also what belongs to another tenant
    ├── Conflict                     conflict              the state does not allow it (any more)
    ├── CryptographyFailed           cryptography_failed   a signature, digest, chain or decryption does not hold
    ├── Unavailable                  unavailable           something needed could not be reached: cannot decide
    └── Misconfigured                misconfigured         the operator has to change something
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Text:
    """One public text in the two languages that every message has."""

    ja: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the English text for `en…`, the Japanese one for everything else."""
        return self.en if language.lower().startswith("en") else self.ja


class TegataError(Exception):
    """The base of every error that Tegata raises on purpose.

    `detail` is private: it may name internals, but never a secret and never a value that the 個人番号 guard
    refused. `pointer` is a JSON Pointer or a form field's name. `clause` names the rule (`RFC 9901 §7.1`).
    """

    kind: ClassVar[str] = "internal"
    text: ClassVar[Text] = Text(
        "こちらの不具合で処理できませんでした。少し待って、もう一度お試しください。",
        "Something went wrong on our side. Please wait a moment and try again.",
    )

    def __init__(
        self, detail: str = "", *, public: Text | None = None, pointer: str = "", clause: str = ""
    ) -> None:
        super().__init__(detail or (public or self.text).en)
        self.detail = detail
        self.public = public or self.text
        self.pointer = pointer
        self.clause = clause


class MalformedInput(TegataError):
    """The input breaks the grammar it claims to follow."""

    kind = "malformed"
    text = Text(
        "受け取った内容の形式が正しくありません。", "What we received does not have the expected form."
    )


class LimitExceeded(MalformedInput):
    """The input is larger, deeper or more work than a fixed limit allows."""

    kind = "limit_exceeded"
    text = Text("受け取った内容が大きすぎます。", "What we received is too large.")


class Forbidden(TegataError):
    """The request was understood and a rule refuses it."""

    kind = "forbidden"
    text = Text("この操作は許可されていません。", "This is not allowed.")


class NotFound(TegataError):
    """There is no such thing, or it belongs to somebody else: the two look the same from outside."""

    kind = "not_found"
    text = Text(
        "見つかりません。移動したか、見る権限がない可能性があります。",
        "Not found. It may have moved, or you may not have access to it.",
    )


class Conflict(TegataError):
    """The present state does not allow the step, or somebody else was faster."""

    kind = "conflict"
    text = Text(
        "状態が変わったため、この操作はできません。", "The state has changed, so this cannot be done."
    )


class CryptographyFailed(TegataError):
    """A signature, a digest, a certificate chain or a decryption does not hold."""

    kind = "cryptography_failed"
    text = Text(
        "内容が発行時と一致しません。書き換えられたか、読み取りが不完全です。",
        "The content differs from what was signed: altered, or not read completely.",
    )


class Unavailable(TegataError):
    """Something needed for an answer could not be reached: 判定不能, cannot decide."""

    kind = "unavailable"
    text = Text(
        "必要な情報に接続できなかったため、判定できません。",
        "Cannot decide: information that is needed could not be reached.",
    )


class Misconfigured(TegataError):
    """The installation cannot do this until its operator changes something."""

    kind = "misconfigured"
    text = Text(
        "この環境の設定では実行できません。担当者に連絡してください。",
        "This installation is not set up for that. Please contact its operator.",
    )
