"""`tegata conformance`: the double over https on the loopback, and the manifest that the W3C's suites read."""

import ssl
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tegata.codec import json
from tegata.doubles.conformance.app import build
from tegata.doubles.conformance.instances import BBS, ECDSA_SD, Instance, make
from tegata.errors import Forbidden, Text
from tegata.service.settings import Mode

LOOPBACK = "127.0.0.1"
_DAYS = 7
_TAGS = ("vc2.0", "localhost", "interop")


class ConformanceRefused(Forbidden):
    """The double was asked to work in production."""

    kind = "conformance_refused"
    text = Text(
        "適合試験用の発行は、本番環境では使えません。",
        "Issuing for conformance tests does not work in production.",
    )


def serve(port: int, contexts: Mapping[str, bytes], mode: Mode, manifest_file: Path | None = None) -> None:
    """Serve on the loopback until interrupted; the manifest goes into a file if one is named.

    Raises `ConformanceRefused` in production.
    """
    if mode is Mode.PRODUCTION:
        raise ConformanceRefused("the conformance double signs for anybody")
    instances, base = make(), f"https://localhost:{port}"
    if manifest_file is not None:
        manifest_file.write_bytes(json.dumps(manifest(instances, base)))
    app = build(instances, contexts, lambda: datetime.now(UTC), base)
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = certify(Path(folder))
        uvicorn.run(
            app,
            host=LOOPBACK,
            port=port,
            ssl_certfile=str(certificate),
            ssl_keyfile=str(key),
            ssl_version=ssl.PROTOCOL_TLS_SERVER,
            log_level="warning",
        )


def manifest(instances: Mapping[str, Instance], base: str) -> dict[str, Any]:
    """Return the implementation as the suites' `localConfig.cjs` names it; `base` is the double's origin."""

    def endpoint(instance: Instance, path: str) -> dict[str, Any]:
        tags = [instance.secures_with, *_TAGS]
        if instance.form is not None:
            tags.append("EnvelopingProof")
        if instance.has_status:
            tags.append("BitstringStatusList")
        return {
            "id": instance.did,
            "endpoint": f"{base}{path}",
            "supports": {"vc": ["2.0"]},
            "supportedEcdsaKeyTypes": [instance.key_type],
            "options": {},
            "tags": tags,
        }

    issuers = [endpoint(one, f"/issuers/{name}/credentials/issue") for name, one in instances.items()]
    verifiers = [endpoint(one, "/credentials/verify") for one in instances.values()]
    holders = [
        endpoint(one, "/credentials/derive")
        for one in instances.values()
        if one.secures_with in {ECDSA_SD, BBS}
    ]
    presenters = [endpoint(one, "/presentations/verify") for one in instances.values()]
    return {
        "name": "Tegata",
        "implementation": "Tegata",
        "issuers": issuers,
        "verifiers": verifiers,
        "vpVerifiers": presenters,
        "vcHolders": holders,
    }


def certify(folder: Path) -> tuple[Path, Path]:
    """Write a certificate that nobody vouches for, and its key, for the loopback; returns both paths."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address(LOOPBACK))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(names, critical=False)
        .sign(private, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths
