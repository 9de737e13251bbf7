"""`tegata registrar`: set up the authorities, enrol and certify schools, publish the trust list.

Every command may be repeated: it does what is missing and says what there is.
"""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import Connection

from issuer import settings as issuer_settings
from issuer.database import open_database
from issuer.organisations import key_store, store
from issuer.organisations.errors import UnknownSchool
from issuer.registrar import store as registrar_store
from issuer.registrar.errors import GrantRefused, RootKeyMissing
from issuer.registrar.service import Grant, Registrar
from schemas import names
from tegata.codec import json
from tegata.codec.dates import instant
from tegata.errors import MalformedInput, NotFound
from tegata.identity.certificates import KeyUse
from tegata.service.database import Database

app = typer.Typer(
    name="registrar",
    help="発行機関の登録 · Who may issue: keys, rights, the trust list.",
    no_args_is_help=True,
)
_console = Console()
_MAX_PROFILE_BYTES = 1_048_576

_RootFile = Annotated[Path | None, typer.Option(help="ルート鍵のファイル · The root key's file")]
_PassphraseFile = Annotated[
    Path | None, typer.Option(help="パスフレーズのファイル · A file with its passphrase")
]
_School = Annotated[str, typer.Argument(help="学校コード · The school's 学校コード")]
_Day = Annotated[str, typer.Option(help="2026-04-01")]


def _open() -> tuple[Registrar, Database]:
    settings = issuer_settings.load()
    database = open_database(settings)
    return Registrar(settings, database), database


def _now() -> datetime:
    return datetime.now(UTC)


@app.command("init")
def init(
    operator: Annotated[str, typer.Option(help="運営者の名称 · The operator's name")] = "",
    operator_latin: Annotated[str, typer.Option(help="In Latin letters")] = "",
    root_file: _RootFile = None,
    passphrase_file: _PassphraseFile = None,
) -> None:
    """Make the root, the intermediate authority and the trust-list key; go on where it stopped."""
    registrar, _ = _open()
    registrar.certification.initialise(
        _now(),
        operator=operator or issuer_settings.load().host,
        operator_latin=operator_latin,
        root_file=root_file,
        passphrase=_passphrase(passphrase_file),
    )
    _console.print("レジストラを初期化しました。")
    _console.print("ルート鍵のファイルは、オフラインの場所に移してください。")
    _console.print("The registrar is set up. Move the root key's file to a place that is offline.")


@app.command("enrol")
def enrol(profile: Annotated[Path, typer.Argument(help="JSON")]) -> None:
    """Enrol a legal person, its board and a school from a JSON profile."""
    registrar, database = _open()
    enrolled = registrar.enrol(json.loads(_read(profile), max_bytes=_MAX_PROFILE_BYTES), _now())
    with database.reading() as connection:
        school = store.school(connection, enrolled.school_id)
    assert school is not None  # noqa: S101  it was enrolled just now
    identifier = issuer_settings.load().identifier_of(school.public_id)
    _console.print(f"{'登録' if enrolled.is_new else '登録済み'} {school.code} {identifier}", markup=False)


@app.command("certify")
def certify(
    school: _School,
    rotate: Annotated[list[KeyUse] | None, typer.Option(help="鍵を更新する用途 · Uses to rotate")] = None,
) -> None:
    """Make and certify the keys that a school lacks, those that end soon, and those to rotate."""
    registrar, database = _open()
    made = registrar.certification.certify_school_keys(
        _school_id(database, school), _now(), rotate=rotate or ()
    )
    for key in made:
        _console.print(f"{key.use.value:<13} {key.algorithm} {key.key_id}", markup=False)
    _console.print(f"新しい鍵 {len(made)} · {len(made)} new keys")


@app.command("certify-request")
def certify_request(
    request: Annotated[Path, typer.Argument(help="CSR (PEM)")],
    dns: Annotated[list[str], typer.Option(help="ホスト名 · Host name; may be repeated")],
    organisation: Annotated[str, typer.Option(help="組織の名称 · The organisation's name")],
    corporate_number: Annotated[str, typer.Option(help="法人番号")],
    out: Annotated[Path | None, typer.Option(help="PEM; 標準出力 · standard output")] = None,
) -> None:
    """Certify a verifier's request-signing key for its host names."""
    registrar, _ = _open()
    chain = registrar.certification.certify_request(
        _read(request), dns, organisation=organisation, corporate_number=corporate_number, now=_now()
    )
    if out is None:
        typer.echo(chain.decode("ascii"), nl=False)
    else:
        out.write_bytes(chain)


@app.command("grant")
def grant(
    school: _School,
    documents: Annotated[list[str], typer.Argument(help="graduation transcript …, all, or a vct IRI")],
    about: Annotated[
        str, typer.Option(help="記録を引き継いだ学校の学校コード · As custodian of this 学校コード")
    ] = "",
    since: _Day = "",
    until: _Day = "",
) -> None:
    """Let a school issue document types."""
    registrar, database = _open()
    wanted = Grant(
        _school_id(database, school),
        _types(documents),
        _school_id(database, about) if about else None,
        _day(since),
        _day(until),
    )
    for permission in registrar.grant(wanted, _now()):
        _console.print(f"許可 {permission.document_type}", markup=False)


@app.command("publish")
def publish() -> None:
    """Sign and publish the next trust list; the current one stays while nothing has changed."""
    registrar, _ = _open()
    found = registrar.publish(_now())
    _console.print(f"一覧 No. {found.sequence}  次回 next {found.next_update.isoformat()}", markup=False)


@app.command("close")
def close(
    school: _School,
    last_day: Annotated[str, typer.Argument(help="2026-03-31")],
    custodian: Annotated[
        str, typer.Option(help="引き継ぐ学校の学校コード · The custodian's 学校コード")
    ] = "",
) -> None:
    """Close a school; its custodian issues about its learners from the day after."""
    registrar, database = _open()
    day = _day(last_day)
    if day is None:
        raise MalformedInput("no last day", pointer="last_day")
    custodian_id = _school_id(database, custodian) if custodian else None
    registrar.close_school(_school_id(database, school), day, _now(), custodian_id=custodian_id)


@app.command("compromised")
def compromised(
    school: _School,
    key_id: Annotated[str, typer.Argument(help="kid")],
    since: Annotated[str, typer.Argument(help="2026-04-01T09:00:00+09:00")],
) -> None:
    """Cut a school's key off from an instant on; publish the list afterwards."""
    registrar, database = _open()
    registrar.mark_compromised(_school_id(database, school), key_id, instant(since), _now())


@app.command("anchor")
def anchor() -> None:
    """Print the trust anchor (PEM) that verifiers pin."""
    registrar, _ = _open()
    typer.echo(registrar.anchor_pem().decode("ascii"), nl=False)


@app.command("show")
def show() -> None:
    """Show the enrolled schools, their keys and rights, and the current list."""
    registrar, database = _open()
    with database.reading() as connection:
        for school in store.schools(connection):
            _show_school(connection, school)
    try:
        found = registrar.current_list()
    except NotFound:
        _console.print("一覧はまだ公開されていません · no list has been published yet")
        return
    _console.print(f"一覧 No. {found.sequence}  次回 next {found.next_update.isoformat()}", markup=False)


def _show_school(connection: Connection, school: store.StoredSchool) -> None:
    profiles = store.profiles(connection, school.id)
    closed = f" 閉校 {school.closed_on}" if school.closed_on else ""
    identifier = issuer_settings.load().identifier_of(school.public_id)
    _console.print(
        f"{school.code} {profiles[-1].name if profiles else ''} {identifier}{closed}", markup=False
    )
    for key in key_store.of_organisation(connection, school.id):
        end = key.active_until.date().isoformat() if key.active_until else ""
        _console.print(f"  {key.use.value:<13} {key.state.value:<11} {end:<10} {key.key_id}", markup=False)
    for permission in registrar_store.permissions(connection, school.id):
        period = f"{permission.valid_from}–{permission.valid_until or ''}"
        custodian = " 承継 custodian" if permission.as_custodian else ""
        _console.print(f"  {period} {permission.document_type}{custodian}", markup=False)


def _school_id(database: Database, code: str) -> str:
    with database.reading() as connection:
        found = store.school_by_code(connection, code.strip().upper())
    if found is None:
        raise UnknownSchool(f"school code {code[:20]!r}")
    return found.id


def _types(documents: list[str]) -> tuple[str, ...]:
    known = names.documents()
    wanted = known if documents == ["all"] else documents
    for name in wanted:
        if name not in known and not name.startswith("https://"):
            raise GrantRefused(f"document {name[:80]!r}; known: {', '.join(known)}")
    return tuple(names.vct(name) if name in known else name for name in wanted)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise MalformedInput(f"not a day: {text[:20]!r}") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path}: {type(error).__name__}") from None


def _passphrase(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        found = path.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RootKeyMissing(f"{path}: {type(error).__name__}") from None
    if not found:
        raise RootKeyMissing(f"{path} is empty")
    return found
