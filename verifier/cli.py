"""`tegata-verifier`: what the operator of a verifier does without a browser."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tegata.codec.dates import today
from tegata.errors import MalformedInput, NotFound, TegataError, Text
from tegata.identity import trust_list_format
from tegata.service.staff.accounts import NewAccount
from tegata.service.staff.principal import Grant, Role
from tegata.service.staff.service import StaffService
from verifier import settings as configuration
from verifier.api.keys import Scope
from verifier.assembly import Verifier, assemble
from verifier.base import AUDIT, STAFF
from verifier.database import open_database
from verifier.doctor import findings
from verifier.offline import verify_command
from verifier.tenants import store as tenants

app = typer.Typer(
    name="tegata-verifier",
    help="The verifier: requests, reports, lists of issuers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
operations = typer.Typer()
trust = typer.Typer(help="The list of issuers.", no_args_is_help=True)
tenant = typer.Typer(help="Organisations that ask.", no_args_is_help=True)
api_key = typer.Typer(help="Keys of the JSON API.", no_args_is_help=True)
webhook = typer.Typer(help="Addresses that are told when a request is closed.", no_args_is_help=True)
operations.add_typer(trust, name="trust")
operations.add_typer(tenant, name="tenant")
operations.add_typer(api_key, name="api-key")
operations.add_typer(webhook, name="webhook")
#: The same commands below `tegata verifier …`, beside those of other services.
group = typer.Typer(name="verifier", help="What the operator of a verifier does.", no_args_is_help=True)
group.add_typer(operations)
app.add_typer(verify_command)
app.add_typer(operations)

ACTOR = "tegata verifier"
_MAX_CERTIFICATE_BYTES = 262_144


def _verifier() -> Verifier:
    return assemble(configuration.load())


def _now() -> datetime:
    return datetime.now(UTC)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
) -> None:
    """Serve the verifier alone, on port 8002."""
    from tegata.command.serve import serve as serve_services  # noqa: PLC0415  only this command needs the servers

    serve_services(only=["verifier"], host=host, workers=workers)


@app.command()
def upgrade() -> None:
    """Bring the database to the newest migration."""
    database = open_database(configuration.load())
    database.upgrade()
    database.dispose()
    typer.echo("the database is up to date")


@app.command()
def doctor() -> None:
    """Check this verifier; exits with 1 if something is not well."""
    found = findings()
    for item in found:
        advice = f"\n    {item.advice}" if item.advice and not item.is_well else ""
        typer.echo(f"{'良 ok' if item.is_well else '否 no'}  {item.subject}{advice}")
    if not all(item.is_well for item in found):
        raise typer.Exit(1)


@operations.command()
def csr(
    organisation: Annotated[str, typer.Option(help="The organisation's official name.")],
) -> None:
    """Print a certificate request (PKCS#10, PEM) for the key that signs requests."""
    typer.echo(_verifier().signing.certificate_request(organisation, _now()).decode("ascii"), nl=False)


@operations.command("install-certificate")
def install_certificate(
    file: Annotated[Path, typer.Argument(help="The certificate chain (PEM, leaf first).", exists=True)],
) -> None:
    """Install the certificate that answers the request."""
    key_id = _verifier().signing.install(_read(file, _MAX_CERTIFICATE_BYTES), _now())
    typer.echo(f"installed for key {key_id}")


@trust.command("load")
def trust_load(
    file: Annotated[Path, typer.Argument(help="The signed list of issuers.", exists=True)],
) -> None:
    """Load a list of issuers from a file, for installations without an outbound network."""
    found = _verifier().trust.load(_read(file, trust_list_format.MAX_BYTES).strip(), file.name, _now())
    typer.echo(f"list {found.sequence}, {len(found.organisations)} organisations")


@trust.command("refresh")
def trust_refresh() -> None:
    """Ask for the list of issuers now."""
    found = _verifier().trust.refresh(_now())
    typer.echo(f"list {found.sequence}, {len(found.organisations)} organisations")


@tenant.command("create")
def tenant_create(
    name: Annotated[str, typer.Argument(help="The official name, in Japanese.")],
    name_en: Annotated[str, typer.Option(help="The name in English.")] = "",
    corporate_number: Annotated[str, typer.Option(help="法人番号, 13 digits.")] = "",
) -> None:
    """Register an organisation; prints its id."""
    with _verifier().database.writing(durable=True) as connection:
        typer.echo(tenants.add(connection, Text(name, name_en), corporate_number, _now()).id)


@tenant.command("list")
def tenant_list() -> None:
    """Print the organisations that are registered."""
    with _verifier().database.reading() as connection:
        for item in tenants.every(connection):
            typer.echo(f"{item.id}  {item.names.ja}  {item.names.en}")


@operations.command("staff-add")
def staff_add(
    login: Annotated[str, typer.Option(help="利用者ID: an e-mail address or staff number.")],
    name: Annotated[str, typer.Option(help="氏名")],
    tenant_id: Annotated[str, typer.Option("--tenant", help="The organisation's id (tenant list).")],
    name_latin: Annotated[str, typer.Option(help="The name in Latin letters.")] = "",
) -> None:
    """Add a person who asks and verifies, and print the one-time link to register a passkey."""
    verifier, now = _verifier(), _now()
    staff = StaffService(verifier.settings, verifier.database, STAFF, AUDIT)
    with verifier.database.writing(durable=True) as connection:
        if tenants.by_id(connection, tenant_id) is None:
            raise NotFound("no such tenant")
        new = NewAccount(tenant_id, login, name, name_latin or name)
        account = staff.accounts.create(connection, ACTOR, new, now)
        grant = Grant(Role.VERIFIER_STAFF, tenant_id, None, today(now), None)
        staff.accounts.grant(connection, ACTOR, account.id, grant, now)
        token = staff.accounts.invite(connection, ACTOR, account.id, now)
    typer.echo(f"{verifier.settings.public_origin}/invitations/{token}")


@api_key.command("create")
def api_key_create(
    tenant_id: Annotated[str, typer.Option("--tenant", help="The organisation's id (tenant list).")],
    name: Annotated[str, typer.Option(help="What the key is for.")],
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do (repeatable); all if left out.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="How long it is good.")] = 365,
) -> None:
    """Make an API key; it is printed once."""
    now = _now()
    scopes = frozenset(scope or Scope)
    typer.echo(_verifier().keys.create(tenant_id, name, scopes, now, now + timedelta(days=days)))


@api_key.command("revoke")
def api_key_revoke(
    prefix: Annotated[str, typer.Argument(help="The part between the underscores.")],
    tenant_id: Annotated[str, typer.Option("--tenant", help="The organisation's id (tenant list).")],
) -> None:
    """End an API key at once."""
    _verifier().keys.revoke(tenant_id, prefix, _now())
    typer.echo("revoked")


@webhook.command("add")
def webhook_add(
    url: Annotated[str, typer.Argument(help="An https address.")],
    tenant_id: Annotated[str, typer.Option("--tenant", help="The organisation's id (tenant list).")],
) -> None:
    """Register an address; prints the secret that signs its messages, once."""
    identifier, secret = _verifier().webhooks.register(tenant_id, url, _now())
    typer.echo(f"{identifier}  {secret}")


def _read(path: Path, limit: int) -> bytes:
    if path.stat().st_size > limit:
        raise MalformedInput(f"{path.name} is larger than {limit} bytes")
    return path.read_bytes()


def main() -> None:
    """Run the command; a refusal is told in both languages, without a trace, and exits with 1."""
    try:
        app(standalone_mode=True)
    except TegataError as error:
        console = Console(stderr=True)
        console.print(f"{error.public.ja}\n{error.public.en}", markup=False)
        if error.detail:
            console.print(f"({error.kind}: {error.detail})", markup=False)
        sys.exit(1)
