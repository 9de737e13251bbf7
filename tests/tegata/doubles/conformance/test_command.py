"""The double as its user starts it: over https on the loopback, never in production."""

import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from typer.testing import CliRunner

from tegata.command.main import build
from tegata.doubles.conformance.command import ConformanceRefused, certify, manifest, serve
from tegata.doubles.conformance.instances import make
from tegata.service.settings import Mode
from tests.benchmarks.servers import free_port

_BASE = "https://localhost:40443"
_VECTORS = Path(__file__).parents[3] / "vectors" / "contexts"
_EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"


def test_it_does_not_work_in_production(tmp_path):
    with pytest.raises(ConformanceRefused):
        serve(0, {}, Mode.PRODUCTION)
    answer = CliRunner().invoke(build(), ["conformance", "--manifest", str(tmp_path / "manifest.json")])
    assert answer.exit_code != 0
    assert isinstance(answer.exception, ConformanceRefused)
    assert not (tmp_path / "manifest.json").exists()


def test_the_manifest_names_one_issuing_address_for_each_key_and_suite():
    instances = make()
    found = manifest(instances, _BASE)
    addresses = [item["endpoint"] for item in found["issuers"]]
    assert len(set(addresses)) == len(addresses) == len(instances)
    for item in found["issuers"]:
        assert item["endpoint"].startswith(f"{_BASE}/issuers/")
        assert item["id"].startswith("did:key:z")
    suites = {(item["tags"][0], *item["supportedEcdsaKeyTypes"]) for item in found["issuers"]}
    assert {
        ("eddsa-rdfc-2022", "Ed25519"),
        ("eddsa-jcs-2022", "Ed25519"),
        ("ecdsa-rdfc-2019", "P-256"),
        ("ecdsa-rdfc-2019", "P-384"),
        ("ecdsa-jcs-2019", "P-256"),
        ("ecdsa-jcs-2019", "P-384"),
        ("ecdsa-sd-2023", "P-256"),
        ("bbs-2023", "Bls12381G2"),
        ("vc+jwt", "P-256"),
        ("vc+sd-jwt", "P-256"),
        ("vc+cose", "P-256"),
    } <= suites
    assert {item["endpoint"] for item in found["vcHolders"]} == {f"{_BASE}/credentials/derive"}


def test_its_certificate_is_signed_by_itself_and_for_the_loopback_alone(tmp_path):
    certificate, key = certify(tmp_path)
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    assert read.issuer == read.subject
    names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(item) for item in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)


@contextmanager
def _served(folder: Path) -> Iterator[tuple[str, Path]]:
    port, file = free_port(), folder / "manifest.json"
    command = [
        sys.executable,
        "-c",
        "from tegata.command import main; main()",
        "conformance",
        "--mode",
        "test",
    ]
    command += ["--port", str(port), "--manifest", str(file)]
    command += ["--context", f"{_EXAMPLES}={_VECTORS / 'credentials-examples-v2.jsonld'}"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
        try:
            yield f"https://localhost:{port}", file
        finally:
            process.terminate()
            process.wait(20)


def _client() -> httpx.Client:
    # It is signed by itself, and only while the test lasts: whoever else listens here could learn nothing.
    transport = httpx.HTTPTransport(verify=False, retries=9)
    return httpx.Client(transport=transport, timeout=20)


def test_it_signs_and_verifies_over_https_without_asking_who_calls(tmp_path):
    with _served(tmp_path) as (origin, file), _client() as client:
        assert client.get(origin).status_code == 404
        described: dict[str, Any] = json.loads(file.read_text("utf-8"))
        issuer = next(item for item in described["issuers"] if item["tags"][0] == "eddsa-rdfc-2022")
        credential = {
            "@context": ["https://www.w3.org/ns/credentials/v2", _EXAMPLES],
            "type": ["VerifiableCredential", "AlumniCredential"],
            "issuer": issuer["id"],
            "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
        }
        issued = client.post(issuer["endpoint"], json={"credential": credential})
        assert issued.status_code == 201
        body = {"verifiableCredential": issued.json(), "options": {"checks": ["proof"]}}
        assert client.post(described["verifiers"][0]["endpoint"], json=body).status_code == 200
        body["verifiableCredential"]["issuer"] = "did:example:other"
        assert client.post(described["verifiers"][0]["endpoint"], json=body).status_code == 400
