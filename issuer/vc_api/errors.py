"""Every way in which the W3C's API can be refused.

TegataError
├── MalformedInput
│   ├── CredentialUnusable      the body holds no credential that this API can look at
│   └── StatusUnusable          the body asks for no change that this API makes
└── Conflict
    └── NotAsApproved           no such document, not sealed, or not what was approved
"""

from tegata.errors import Conflict, MalformedInput, Text


class CredentialUnusable(MalformedInput):
    """No credential of a document in the catalogue."""

    kind = "vc_api_credential_unusable"
    text = Text(
        "発行できる証明書ではありません（種類、または credentialId を確認してください）。",
        "Not a credential that is issued here: check its type and its credentialId.",
    )


class StatusUnusable(MalformedInput):
    """No change of a status that this API makes."""

    kind = "vc_api_status_unusable"
    text = Text(
        "変更できる状態は、失効（revocation）と停止（suspension）です。",
        "The statuses that can be changed are revocation and suspension.",
    )


class NotAsApproved(Conflict):
    """Only what was recorded and approved is signed, and nothing else than that."""

    kind = "not_as_approved"
    text = Text(
        "承認済みの記録と内容が一致しないため、発行できません。",
        "Not issued: this is not what was recorded and approved.",
    )
