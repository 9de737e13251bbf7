"""Why a code is not redeemed. None of these says anything about the learner.

Conflict
├── AlreadyRedeemed   the one use is over, since when
└── NotRedeemable     not issued, revoked, suspended, or past its last day
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from tegata.errors import Conflict, Text

_TOKYO = ZoneInfo("Asia/Tokyo")


class AlreadyRedeemed(Conflict):
    """Somebody was first; `redeemed_at` says when."""

    kind = "already_redeemed"

    def __init__(self, redeemed_at: datetime) -> None:
        there = redeemed_at.astimezone(_TOKYO)
        super().__init__(
            "redeemed before",
            public=Text(
                f"すでに使用済みです（{there:%Y-%m-%d %H:%M}、日本時間）。割引では売れません。",
                f"It was used before ({there:%Y-%m-%d %H:%M}, Japan time). No discount can be given for it.",
            ),
        )
        self.redeemed_at = redeemed_at


class NotRedeemable(Conflict):
    """The document is not valid now."""

    kind = "not_redeemable"
    text = Text(
        "この証明書は使えません。失効・停止しているか、有効期限を過ぎています。",
        "This certificate cannot be used: it is revoked, suspended, or past its last day.",
    )
