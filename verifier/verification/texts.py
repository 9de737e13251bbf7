"""The reasons that reports give, in both languages; what it means for the reader, not what the code saw."""

from tegata.errors import Text

NOT_CHECKED_FORMAT = Text("読み取れないため、確認していません", "Not checked: it cannot be read")
NOT_CHECKED_SIGNATURE = Text(
    "署名が合わないため、確認していません", "Not checked: the signature does not hold"
)
NOT_CHECKED_ISSUER = Text(
    "発行機関が分からないため、確認していません", "Not checked: the issuer is not known"
)
NOT_CHECKED_TYPE = Text("種類が分からないため、確認していません", "Not checked: the type is not known")
NOT_CHECKED_BEFORE = Text(
    "ほかの確認が済んでいないため、確認していません", "Not checked: an earlier check did not pass"
)

FORMAT_PASSED = Text("読み取れる形式です", "It can be read")
FORMAT_FAILED = Text(
    "証明書として読み取れませんでした。ファイルが壊れているか、別の種類のデータです",
    "It cannot be read as a certificate: damaged, or another kind of data",
)
FORMAT_UNSUPPORTED = Text(
    "この形式の証明書は検証できません", "Certificates of this format cannot be verified here"
)
FORMAT_OLD = Text(
    "古い形式のため、この検証では受け付けません",
    "Of an old form that is not accepted here",
)

SIGNATURE_PASSED = Text("発行後に変わっていません", "Unchanged since it was issued")
SIGNATURE_FAILED = Text(
    "内容が発行時と一致しません。書き換えられたか、読み取りが不完全です。内容を使わず、ウォレットからの提示を求めてください",
    "The content differs from what was issued: altered, or not read completely. Do not rely on it; ask for it from the wallet",
)
SIGNATURE_NO_KEY = Text(
    "署名を確かめる鍵が手に入らないため、判定できません",
    "Cannot decide: the key to check the signature is not at hand",
)

ORGANISATION_PASSED = Text("発行機関の一覧にある機関です", "The issuer is on the list of issuers")
ORGANISATION_UNKNOWN = Text(
    "発行機関の一覧にない機関です。発行した機関を確かめられません",
    "The issuer is not on the list of issuers, so it cannot be confirmed",
)
ORGANISATION_NO_LIST = Text(
    "発行機関の一覧が手に入らないため、判定できません。偽物という意味ではありません",
    "Cannot decide: the list of issuers is not at hand. This does not mean that it is false",
)
ORGANISATION_STALE_LIST = Text(
    "発行機関の一覧が古いため、判定できません。偽物という意味ではありません",
    "Cannot decide: the list of issuers is too old. This does not mean that it is false",
)
ORGANISATION_NO_KEY = Text(
    "署名に使われた鍵は、この機関の鍵ではありません", "The signing key is not one of this organisation"
)
ORGANISATION_KEY_NOT_GOOD = Text(
    "発行した時点で、この機関の有効な鍵ではありませんでした",
    "At the time of issue this was not a valid key of this organisation",
)
ORGANISATION_CERTIFICATE = Text(
    "添えられた証明書（鍵の証明書）が、この発行機関のものではありません",
    "The certificate that came with the signature is not one of this issuer",
)
ORGANISATION_TEST = Text(
    "試験用の機関が発行したものです。本物の証明書ではありません",
    "Issued by a test organisation: not a real certificate",
)

PERMISSION_PASSED = Text(
    "発行日の時点で、発行できる機関でした", "It was allowed to issue this at the time of issue"
)
PERMISSION_PASSED_CUSTODIAN = Text(
    "閉校・統合した学校の記録を引き継いだ機関として、発行できる機関でした",
    "It was allowed to issue this as the keeper of a closed or merged school's records",
)
PERMISSION_FAILED = Text(
    "発行日の時点で、この機関はこの種類の証明書を発行できる機関ではありませんでした。本人ではなく、発行機関に問い合わせてください",
    "On the day of issue this organisation was not allowed to issue this type. Ask the issuer, not the applicant",
)

BINDING_PASSED = Text(
    "本人のウォレットが、この依頼に答えたものです", "Its holder's wallet answered this request"
)
BINDING_FAILED = Text(
    "本人のウォレットとの結び付きを確認できませんでした。別の依頼への回答か、別の人からの提示です",
    "The binding to the holder's wallet does not hold: made for another request, or by somebody else",
)
BINDING_MISSING = Text("本人のウォレットからの提示ではありません", "Not presented from its holder's wallet")
BINDING_NOT_ASKED = Text(
    "ファイルの確認では、本人との結び付きは確かめていません",
    "A file check does not look at the binding to the holder",
)
BINDING_UNBOUND = Text(
    "本人のウォレットに結び付いていない原本です", "An original that is not bound to the person's wallet"
)
BINDING_UNBOUND_REFUSED = Text(
    "本人のウォレットに結び付いていない原本は、この依頼では受け付けません",
    "An original that is not bound to the person is not accepted for this request",
)

SCHEMA_PASSED = Text("記載は、この種類の決まりに合っています", "The content follows the rules of its type")
SCHEMA_PARTIAL = Text(
    "受け取った項目は、この種類の決まりに合っています", "The items received follow the rules of their type"
)
SCHEMA_FAILED = Text(
    "記載がこの種類の決まりに合いません。発行機関に問い合わせてください",
    "The content does not follow the rules of its type. Ask the issuer",
)
SCHEMA_UNKNOWN = Text(
    "この種類の証明書の決まりを持っていないため、判定できません",
    "Cannot decide: the rules for this type of certificate are not known here",
)

VALIDITY_PASSED = Text("有効期間の中です", "Within its period of validity")
VALIDITY_PASSED_OPEN = Text("有効期限はありません", "It has no end of validity")
VALIDITY_EXPIRED = Text("有効期限が切れています", "It has expired")
VALIDITY_NOT_YET = Text("まだ有効期間に入っていません", "Its period of validity has not begun")

STATUS_PASSED = Text("失効も停止もしていません", "Neither revoked nor suspended")
STATUS_NOTED = Text(
    "失効も停止もしていません。発行機関による付記があります（技術的な記録に表示）",
    "Neither revoked nor suspended; its issuer notes something beside that (shown with the technical details)",
)
STATUS_NOTE_UNREAD = Text(
    "失効も停止もしていませんが、発行機関による付記の一覧を読み取れないため、判定できません",
    "Cannot decide: neither revoked nor suspended, but the list of what its issuer notes beside that could not be read",
)
STATUS_NONE = Text(
    "失効の一覧を使わない、期限の短い証明書です", "A short-lived certificate that uses no revocation list"
)
STATUS_MISSING = Text(
    "この種類の証明書にあるはずの失効情報がないため、失効しているかどうかを確認できませんでした。発行機関に問い合わせてください",
    "We could not check whether it is revoked (its type should name a status list, and it names none). Ask the issuer",
)
STATUS_REVOKED = Text(
    "失効しています。新しい証明書を本人に求めてください", "Revoked. Ask the person for a new certificate"
)
STATUS_SUSPENDED = Text(
    "一時停止中です。解除されると再び有効になります", "Suspended. It becomes valid again when that is lifted"
)
STATUS_USED = Text(
    "使用済みです。1回だけ使える証明書で、もう使われています",
    "Used. It is good for one use and has had it",
)
STATUS_REVOKED_OR_USED = Text(
    "使用済みか、失効しています。1回だけ使える証明書です",
    "Used or revoked: it is good for one use",
)
STATUS_UNREACHABLE = Text(
    "失効しているかどうかを確認できませんでした（失効の一覧に接続できません）。偽物という意味ではありません",
    "We could not check whether it is revoked (the list could not be reached). This does not mean that it is false",
)
STATUS_STALE = Text(
    "失効の一覧が古いため、失効しているかどうかを確認できませんでした。偽物という意味ではありません",
    "We could not check whether it is revoked (the list is too old). This does not mean that it is false",
)
STATUS_EXPIRED = Text(
    "失効の一覧の有効期限が切れているため、失効しているかどうかを確認できませんでした。偽物という意味ではありません",
    "We could not check whether it is revoked (the list has expired). This does not mean that it is false",
)
STATUS_OUT_OF_RANGE = Text(
    "失効の一覧に、この証明書の欄がないため、失効しているかどうかを確認できませんでした",
    "We could not check whether it is revoked (the list has no entry for it)",
)
STATUS_REFUSED = Text(
    "失効の一覧が正しく署名されていないため、失効しているかどうかを確認できませんでした",
    "We could not check whether it is revoked (the list is not properly signed)",
)
STATUS_TOO_SHORT = Text(
    "失効の一覧が規定より短いため、失効しているかどうかを確認できませんでした",
    "We could not check whether it is revoked (the list is shorter than the standard allows)",
)
STATUS_MALFORMED = Text(
    "状態の書き方が決まりと違うため、失効しているかどうかを確認できませんでした",
    "We could not check whether it is revoked (its status entry is not well-formed)",
)

REQUEST_PASSED = Text("求めた項目がそろっています", "Everything that was asked for is there")
REQUEST_FAILED = Text("求めた項目がそろっていません", "Something that was asked for is missing")
REQUEST_UNDECIDED = Text(
    "署名を確かめられないため、求めた項目がそろうか判定できません",
    "Cannot decide whether everything is there: the signature could not be checked",
)
