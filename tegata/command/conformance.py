"""`tegata conformance`: a VC-API for the W3C's test suites."""

from pathlib import Path
from typing import Annotated

import typer

from tegata.command.wallet import installed_contexts
from tegata.doubles.conformance.command import serve
from tegata.service.settings import Mode


def conformance(
    port: Annotated[int, typer.Option(help="Port on the loopback.")] = 40443,
    mode: Annotated[Mode, typer.Option(help="It works in every mode but production.")] = Mode.PRODUCTION,
    manifest: Annotated[
        Path | None, typer.Option(help="Write the implementation for the suites' localConfig.cjs here.")
    ] = None,
    context: Annotated[
        list[str] | None, typer.Option(help="A further JSON-LD context, as URL=FILE (repeatable).")
    ] = None,
) -> None:
    """Sign and verify whatever the W3C's test suites send; over https on the loopback, for nobody else."""
    contexts = dict(installed_contexts())
    for item in context or []:
        url, _, file = item.rpartition("=")
        contexts[url] = Path(file).read_bytes()
    serve(port, contexts, mode, manifest)
