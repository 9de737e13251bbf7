"""`tegata issuer …`: what the operator does at a terminal: staff, API keys, numbering, practice, status lists."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import Connection

from issuer import settings as issuer_settings
from issuer.base import AUDIT, STAFF
from issuer.database import open_database
from issuer.issuance.numbers import Numbering, set_numbering
from issuer.issuance.workshop import make_workshop
from issuer.organisations import store as organisations
from issuer.organisations.errors import UnknownSchool
from issuer.organisations.store import StoredSchool
from issuer.register import practice as practices
from issuer.status.files import write_lists
from issuer.vc_api.keys import Scope, api_keys
from tegata.codec import json
from tegata.codec.dates import today
from tegata.service.audit import Entry, append
from tegata.service.staff.accounts import NewAccount
from tegata.service.staff.principal import Grant, Role
from tegata.service.staff.service import StaffService

app = typer.Typer(
    name="issuer",
    help="Staff accounts, API keys, numbering, practice and status lists of an issuer.",
    no_args_is_help=True,
)
api_key = typer.Typer(help="Keys of the W3C API.", no_args_is_help=True)
app.add_typer(api_key, name="api-key")
ACTOR = "tegata issuer"


@app.command("staff-add")
def staff_add(
    login: Annotated[str, typer.Option(help="利用者ID: an e-mail address or staff number.")],
    name: Annotated[str, typer.Option(help="氏名")],
    school: Annotated[str, typer.Option(help="学校コード of the school that the person works at.")],
    role: Annotated[list[Role], typer.Option(help="Role (repeatable): clerk, approver, …")],
    name_latin: Annotated[str, typer.Option(help="The name in Latin letters.")] = "",
) -> None:
    """Add a person with roles at a school, and print the one-time link to register a passkey."""
    settings = issuer_settings.load()
    database = open_database(settings)
    staff = StaffService(settings, database, STAFF, AUDIT)
    now = datetime.now(UTC)
    with database.writing() as connection:
        found = _school(connection, school)
        new = NewAccount(found.tenant_id, login, name, name_latin or name)
        account = staff.accounts.create(connection, ACTOR, new, now)
        for item in role:
            grant = Grant(item, found.tenant_id, found.id, today(now), None)
            staff.accounts.grant(connection, ACTOR, account.id, grant, now)
        token = staff.accounts.invite(connection, ACTOR, account.id, now)
    database.dispose()
    typer.echo(f"{settings.public_origin}/invitations/{token}")


@api_key.command("create")
def api_key_create(
    school: Annotated[
        str, typer.Option(help="学校コード of a school; the key is good for all of its 設置者.")
    ],
    name: Annotated[str, typer.Option(help="What the key is for.")],
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do (repeatable); all if left out.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="How long it is good.")] = 365,
) -> None:
    """Make a key of the W3C API for a school's system; it is printed once."""
    settings = issuer_settings.load()
    database = open_database(settings)
    now = datetime.now(UTC)
    with database.reading() as connection:
        tenant_id = _school(connection, school).tenant_id
    scopes = frozenset(scope or Scope)
    key = api_keys(settings, database).create(
        tenant_id, name, scopes, now, now + timedelta(days=days), actor=ACTOR
    )
    database.dispose()
    typer.echo(key)


@api_key.command("list")
def api_key_list(school: Annotated[str, typer.Option(help="学校コード")]) -> None:
    """List keys: the part between the underscores, what each is for, what it may do, and until when."""
    settings = issuer_settings.load()
    database = open_database(settings)
    with database.reading() as connection:
        tenant_id = _school(connection, school).tenant_id
    for key in api_keys(settings, database).of_tenant(tenant_id):
        ends = key.revoked_at or key.expires_at
        state = "revoked" if key.revoked_at else "until"
        day = "" if ends is None else f"{state} {today(ends).isoformat()}"
        typer.echo(f"{key.prefix}  {key.name}  {' '.join(sorted(key.scopes))}  {day}")
    database.dispose()


@api_key.command("revoke")
def api_key_revoke(
    prefix: Annotated[str, typer.Argument(help="The part between the underscores.")],
    school: Annotated[str, typer.Option(help="学校コード")],
) -> None:
    """End a key at once."""
    settings = issuer_settings.load()
    database = open_database(settings)
    with database.reading() as connection:
        tenant_id = _school(connection, school).tenant_id
    api_keys(settings, database).revoke(tenant_id, prefix, datetime.now(UTC), actor=ACTOR)
    database.dispose()
    typer.echo("revoked")


@app.command("publish-lists")
def publish_lists(
    folder: Annotated[Path, typer.Argument(help="書き出す場所 · Where the files go.")],
) -> None:
    """失効の一覧をファイルに書き出す · Write status lists as files for a web server; run it each minute."""
    settings = issuer_settings.load()
    database = open_database(settings)
    written = write_lists(make_workshop(settings, database), folder, datetime.now(UTC))
    database.dispose()
    typer.echo(f"{written.lists} lists, {written.changed} files changed")


@app.command("numbering")
def numbering(
    school: Annotated[str, typer.Option(help="学校コード")],
    profile: Annotated[Path, typer.Option(help="JSON with school.numbering: prefix and pattern.")],
) -> None:
    """Set how a school writes its document numbers."""
    settings = issuer_settings.load()
    database = open_database(settings)
    content = json.loads(profile.read_bytes())["school"]["numbering"]
    with database.writing() as connection:
        found = _school(connection, school)
        chosen = Numbering(str(content["prefix"]), str(content["pattern"]))
        set_numbering(connection, found.tenant_id, found.id, chosen)
        entry = Entry(found.tenant_id, ACTOR, "numbering.set", found.id)
        append(connection, AUDIT, datetime.now(UTC), entry)
    database.dispose()
    Console().print(f"{school}: {chosen.write(2026, 1)} …", markup=False)


@app.command("practice")
def practice(
    school: Annotated[str, typer.Option(help="学校コード")],
    profile: Annotated[
        Path, typer.Option(help="JSON with school.practice: grading, creditsRequired, english, fareDiscount.")
    ],
) -> None:
    """Set what a school has decided about its documents: grading schemes, credits for graduation."""
    settings = issuer_settings.load()
    database = open_database(settings)
    content = json.loads(profile.read_bytes()).get("school", {}).get("practice")
    with database.writing() as connection:
        found = _school(connection, school)
        chosen = practices.save(connection, found.tenant_id, found.id, content)
        append(connection, AUDIT, datetime.now(UTC), Entry(found.tenant_id, ACTOR, "practice.set", found.id))
    database.dispose()
    names = ", ".join(scheme.name for scheme in chosen.grading.schemes)
    Console().print(f"{school}: {names or '–'}", markup=False)


def _school(connection: Connection, code: str) -> StoredSchool:
    found = organisations.school_by_code(connection, code)
    if found is None:
        raise UnknownSchool(f"school code {code[:20]}")
    return found
