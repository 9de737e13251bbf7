"""`tegata wallet`: the wallet for people who build and test."""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from tegata.codec import base64url, json
from tegata.doubles.wallet.accept import accept as accept_offer
from tegata.doubles.wallet.http import WalletHttp
from tegata.doubles.wallet.matching import claims_of
from tegata.doubles.wallet.present import Contexts
from tegata.doubles.wallet.present import present as present_credentials
from tegata.doubles.wallet.store import WalletStore

app = typer.Typer(
    help="A wallet for people who build and test; it keeps its keys unencrypted. Not for learners.",
    no_args_is_help=True,
)
Folder = Annotated[Path, typer.Option("--wallet", help="Folder of the wallet.")]
DEFAULT_FOLDER = Path("var/wallet")


def installed_contexts() -> Contexts:
    """Return the JSON-LD contexts of the installed packages (entry points `tegata.contexts`)."""
    found: dict[str, bytes] = {}
    for point in entry_points(group="tegata.contexts"):
        found.update(point.load()())
    return found


def readable(value: Any) -> Any:
    """Return claims as JSON has them: byte strings, such as a mobile document's portrait, in base64url."""
    if isinstance(value, bytes):
        return base64url.encode(value)
    if isinstance(value, Mapping):
        return {name: readable(item) for name, item in value.items()}
    return [readable(item) for item in value] if isinstance(value, list) else value


def _now() -> datetime:
    return datetime.now(UTC)


@app.command()
def accept(
    uri: Annotated[str, typer.Argument(help="openid-credential-offer:// link")],
    tx_code: Annotated[str, typer.Option(help="確認番号, if the offer asks for one")] = "",
    format_name: Annotated[str, typer.Option("--format", help="dc+sd-jwt, mso_mdoc or ldp_vc")] = "dc+sd-jwt",
    type_name: Annotated[
        str, typer.Option("--type", help="A type of W3C credential, such as OpenBadgeCredential")
    ] = "",
    copies: Annotated[int, typer.Option(min=1, max=10, help="Copies, each for a key of its own")] = 1,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Take a credential that is offered (OID4VCI 1.0)."""
    held = accept_offer(
        uri,
        WalletStore(folder),
        WalletHttp(),
        _now,
        transaction_code=tx_code,
        credential_format=format_name,
        credential_type=type_name,
        copies=copies,
    )
    for item in held:
        Console().print(f"{item.identifier}  {item.format}  {item.configuration_id}", markup=False)


@app.command()
def present(
    uri: Annotated[str, typer.Argument(help="openid4vp:// link")], folder: Folder = DEFAULT_FOLDER
) -> None:
    """Answer a verifier's request (OID4VP 1.0) with what it asks for, and nothing else."""
    sent = present_credentials(uri, WalletStore(folder), WalletHttp(), _now, installed_contexts())
    console = Console()
    console.print(f"presented to {sent.client_id}", markup=False)
    for answer in sent.answers:
        console.print(
            f"  {answer.query_id}: {answer.held.identifier} {answer.held.configuration_id}", markup=False
        )
    if sent.redirect_uri:
        console.print(sent.redirect_uri, markup=False, soft_wrap=True)


@app.command("list")
def list_held(folder: Folder = DEFAULT_FOLDER) -> None:
    """List what the wallet holds."""
    for item in WalletStore(folder).all():
        Console().print(
            f"{item.identifier}  {item.format}  {item.configuration_id}  {item.credential_issuer}",
            markup=False,
        )


@app.command()
def show(identifier: str, folder: Folder = DEFAULT_FOLDER) -> None:
    """Show one credential's claims; nothing is verified."""
    Console().print_json(json.dumps(readable(claims_of(WalletStore(folder).get(identifier)))).decode())
