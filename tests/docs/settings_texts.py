"""What each setting means, in words for whoever runs an installation. A test fails when one is missing or left over."""

from collections.abc import Mapping

from tegata.errors import Text

MEANINGS: Mapping[str, Text] = {
    "mode": Text("何のための設置か。", "What the installation is for."),
    "public_origin": Text(
        "外から見たこのサービスのアドレス（https、ホスト、必要ならポート。末尾に / を付けない）。最初の証明書を発行したあとは変えられません。",
        "What the world calls this service: https, host, port if need be, no slash at the end. Fixed once a document is issued.",
    ),
    "database_url": Text(
        "データベース。`sqlite:////srv/tegata/issuer.sqlite3` または `postgresql://user:password@host/name`。PostgreSQL ではサービス名のスキーマを自分で作ります。",
        "The database: `sqlite:////srv/tegata/issuer.sqlite3` or `postgresql://user:password@host/name`. On PostgreSQL the service makes a schema of its own name.",
    ),
    "data_directory": Text(
        "データベースに入れないファイルの場所（ルート鍵のファイルなど）。",
        "Where files live that are not in the database, such as the root key's.",
    ),
    "serves_derive": Text(
        "W3CのAPIの `/credentials/derive`（証明書の一部だけを見せる形にする）を出すか。鍵は使わず、何も残しませんが、誰でも呼べるので、プロキシの内側だけに出してください。",
        "Whether `/credentials/derive` of the W3C's API is served, which shows less of a credential. It uses no key and keeps nothing, but anybody may call it: serve it behind your proxy alone.",
    ),
    "insecure_loopback": Text(
        "このパソコンの中だけで http を許します。", "Allows http, on this machine's own address only."
    ),
    "loopback_origins": Text(
        "http で呼んでよい、このパソコンの中のアドレス。",
        "Addresses on this machine that may be called by http.",
    ),
    "test_identifiers": Text(
        "実在しない都道府県番号00の学校コードと法人番号を許します。発行したものには試験用と書かれます。",
        "Allows school codes and corporate numbers of the impossible prefecture 00. What is issued says that it is a test.",
    ),
    "failpoint": Text(
        "名前のついた地点でプロセスを止めます（`名前` または `名前:回数`）。",
        "Kills the process at a named point: `name`, or `name:n` for the n-th passing.",
    ),
    "key_encryption_key": Text(
        "個人情報と秘密鍵を暗号化する鍵。32バイトを Base64 で。ファイルで渡すほうが安全です。",
        "The key that personal data and private keys are encrypted with: 32 bytes in base64. A file is safer.",
    ),
    "key_encryption_key_file": Text(
        "同じ鍵を入れたファイル。失うとデータベースは読めません。",
        "A file with the same key. Without it the database cannot be read.",
    ),
    "threads": Text(
        "データベースの仕事をするスレッドと接続の数。",
        "Threads, and connections, for the database's work in one process.",
    ),
    "log_level": Text(
        "記録の細かさ（DEBUG、INFO、WARNING、ERROR）。", "How much is logged: DEBUG, INFO, WARNING, ERROR."
    ),
    "school_path": Text(
        "学校の識別子が始まる道筋。`/s` か、何段かの道筋。最初の証明書を発行したあとは変えられません。",
        "The path below which schools live: `/s`, or several levels. Fixed once a document is issued.",
    ),
    "status_ttl": Text(
        "失効の一覧を、受け取った側が持っていてよい秒数。短いほど失効が早く伝わります。",
        "For how many seconds a published status list may be cached. Shorter tells of revocations sooner.",
    ),
    "mdoc_revocation_url": Text(
        "ISO mdoc の署名者証明書の失効リスト（CRL）を公開する場所があれば、そのアドレス。証明書に書き込まれます。",
        "Where the operator publishes the list of revoked document-signer certificates (CRL) for ISO mdoc, if it does. It goes into these certificates.",
    ),
    "trust_list_lifetime": Text(
        "発行機関の一覧の有効な秒数。過ぎた一覧では、検証は判定不能になります。",
        "How many seconds a list of issuers is good for. With an older one a verifier cannot decide.",
    ),
    "claim_days": Text("受取リンクの期限（日）。", "For how many days a claim link is open."),
    "session_idle": Text(
        "教職員が何もしないとき、何秒でサインアウトするか。",
        "After how many seconds without a click staff are signed out.",
    ),
    "trust_anchor_file": Text(
        "発行機関の一覧を信じるためのルート証明書（PEM）。手で、確かな経路で受け取ってください。",
        "The root certificates under which the list of issuers is believed (PEM). Get them by a way that you trust.",
    ),
    "trust_list_url": Text(
        "発行機関の一覧のアドレス。空なら `tegata verifier trust load` で入れます。",
        "Where the list of issuers is. If empty, load it with `tegata verifier trust load`.",
    ),
    "trust_list_refresh": Text("一覧を取り直す間隔（秒）。", "How often the list is asked for, in seconds."),
    "client_id_prefix": Text(
        "依頼で自分をどう名乗るか。`redirect_uri` は署名がなく、試験モードだけで使えます。",
        "How requests name their sender. `redirect_uri` is unsigned and allowed in test mode only.",
    ),
    "encrypt_answers": Text(
        "ウォレットの回答を暗号化させるか。本番では切れません。",
        "Whether wallets encrypt their answers. Cannot be switched off in production.",
    ),
    "request_lifetime": Text(
        "依頼の期限（秒）。依頼ごとに変えられます。",
        "For how many seconds a request is open, unless it says otherwise.",
    ),
    "max_proof_age": Text(
        "本人のウォレットの証明が、どれだけ前に作られていてよいか（秒）。",
        "How old a holder's proof may be, in seconds.",
    ),
    "status_max_age": Text(
        "失効の一覧を最長で何秒使うか。一覧自身の期限のほうが短ければ、それに従います。",
        "How many seconds a status list is used at most; the list's own limit counts if it is shorter.",
    ),
    "vc_api_failure_status": Text(
        "W3C の API で、検証に通らないときのHTTPの番号。",
        "The HTTP status of the W3C API for what does not verify.",
    ),
    "accepted_old_forms": Text(
        "受け付ける古い形式（JSONの配列）。VCDM 2.0 より前の署名で、書かれなければ受け付けません。",
        "Old forms that are read, as a JSON list: signatures of before VCDM 2.0. None unless named.",
    ),
    "keep_days": Text(
        "回答と結果を何日のこすか。過ぎると消します。",
        "For how many days answers and reports are kept. Then they are deleted.",
    ),
}
