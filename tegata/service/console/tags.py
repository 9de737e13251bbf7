"""The states a status tag can show: each with a tone, an icon and a word, so that none depends on colour."""

from dataclasses import dataclass
from typing import Literal

from tegata.errors import Text

Tone = Literal["success", "error", "suspended", "undecided", "neutral", "active"]


@dataclass(frozen=True, slots=True)
class Tag:
    """How one state looks and what it is called."""

    tone: Tone
    icon: str
    text: Text


TAGS: dict[str, Tag] = {
    # of a certificate
    "valid": Tag("success", "check", Text("有効", "Valid")),
    "revoked": Tag("error", "cross", Text("失効", "Revoked")),
    "invalid": Tag("error", "cross", Text("無効", "Not valid")),
    "suspended": Tag("suspended", "pause", Text("停止", "Suspended")),
    "undecided": Tag("undecided", "question", Text("判定不能", "Cannot decide")),
    "used": Tag("neutral", "check", Text("使用済み", "Used")),
    "expired": Tag("neutral", "clock", Text("期限切れ", "Expired")),
    # of a check
    "passed": Tag("success", "check", Text("適合", "Passed")),
    "failed": Tag("error", "cross", Text("不適合", "Failed")),
    "unchecked": Tag("neutral", "minus", Text("確認していません", "Not checked")),
    "information": Tag("neutral", "info", Text("参考", "For information")),
    "same": Tag("success", "check", Text("同じ", "Same")),
    "different": Tag("undecided", "warning", Text("ちがう", "Different")),
    "match": Tag("success", "check", Text("一致", "Match")),
    # of a process
    "draft": Tag("neutral", "pencil", Text("下書き", "Draft")),
    "awaiting_approval": Tag("active", "person", Text("承認待ち", "Awaiting approval")),
    "sent_back": Tag("neutral", "return", Text("差戻し", "Sent back")),
    "approved": Tag("active", "check", Text("承認済み", "Approved")),
    "issuing": Tag("active", "progress", Text("発行中", "Issuing")),
    "issued": Tag("active", "document", Text("発行済み", "Issued")),
    "awaiting_receipt": Tag("active", "tray", Text("受取待ち", "Awaiting receipt")),
    "received": Tag("neutral", "tray-check", Text("受取済み", "Received")),
    "waiting": Tag("neutral", "clock", Text("待っています", "Waiting")),
    "working": Tag("active", "progress", Text("処理中", "Working")),
    "done": Tag("success", "check", Text("完了", "Done")),
    "error": Tag("error", "error", Text("エラー", "Error")),
    "current": Tag("active", "pencil", Text("入力中", "In progress")),
    "not_started": Tag("neutral", "circle", Text("未着手", "Not started")),
    "not_yet": Tag("neutral", "lock", Text("まだ始められません", "Cannot start yet")),
    "notice": Tag("undecided", "warning", Text("確認が必要", "Needs a look")),
    "test": Tag("neutral", "info", Text("見本", "Sample")),
    # of an organisation
    "operating": Tag("success", "check", Text("発行できます", "May issue")),
    "stopped": Tag("suspended", "pause", Text("発行停止", "Stopped")),
    "closed": Tag("neutral", "minus", Text("閉校", "Closed")),
}
