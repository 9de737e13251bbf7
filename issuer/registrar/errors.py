"""What the registrar refuses."""

from tegata.errors import Conflict, MalformedInput, Misconfigured, NotFound, Text


class NotInitialised(Misconfigured):
    """There is no trust anchor, no intermediate authority or no trust-list key yet."""

    kind = "registrar_not_initialised"
    text = Text(
        "レジストラがまだ初期化されていません（tegata registrar init）。",
        "The registrar is not set up yet (tegata registrar init).",
    )


class RootKeyMissing(Misconfigured):
    """The root key's file is needed for this step and is not there, or cannot be opened."""

    kind = "root_key_missing"
    text = Text(
        "ルート鍵のファイルを開けません。保管場所から戻し、もう一度実行してください。",
        "The file with the root key cannot be opened. Bring it back from where it is kept and try again.",
    )


class RootKeyNeedsPassphrase(Misconfigured):
    """Outside a demo or a test, the root key is sealed with a passphrase."""

    kind = "root_key_needs_passphrase"
    text = Text(
        "本番環境では、ルート鍵をパスフレーズで保護してください（--passphrase-file）。",
        "In production the root key is protected by a passphrase (--passphrase-file).",
    )


class NoTrustList(NotFound):
    """No trust list has been published yet."""

    kind = "no_trust_list"
    text = Text("発行機関の一覧はまだ公開されていません。", "No list of issuers has been published yet.")


class PublishedMeanwhile(Conflict):
    """Another process published the next list first."""

    kind = "trust_list_published_meanwhile"
    text = Text("ほかの担当者が先に一覧を公開しました。", "Somebody else published the list just before.")


class GrantRefused(MalformedInput):
    """A right to issue that cannot be given: the type is no IRI of ours, or its days are in the wrong order."""

    kind = "grant_refused"
    text = Text("発行の許可の内容が正しくありません。", "The right to issue is not correct.")
