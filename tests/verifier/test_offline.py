"""`tegata verify FILE`: with what lies beside it, and nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tegata.codec import base64url, json
from tegata.identity import certificates
from tegata.identity.certificates import KeyUse
from tegata.keys.software import SoftwareSigner
from tegata.status.entries import Status
from tests.simulators.issuer import Scheme, School
from verifier.app import service
from verifier.cli import app

SCHOOL = "https://issuer.example/s/abc"


class Files:
    """The files of one check."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = datetime.now(UTC)
        self.scheme = Scheme.start(self.now)
        self.school = School.enrol(self.scheme, SCHOOL, self.now)
        self.write("anchor.pem", certificates.to_pem(self.scheme.anchors))
        self.write("list.jwt", self.scheme.trust_list(self.school.trusted(), now=self.now))
        self.publish()

    def publish(self) -> None:
        self.write("status.jwt", self.school.status_token())
        self.write("status.cwt", self.school.status_cwt())
        self.write("revocation.json", self.school.bitstring("revocation"))
        self.write("suspension.json", self.school.bitstring("suspension"))

    def write(self, name: str, data: bytes) -> str:
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def credential(self, *, w3c: bool, index: int = 0) -> str:
        make = self.school.w3c if w3c else self.school.sd_jwt_vc
        return self.write(
            "credential",
            make(self.school.document("graduation", index), SoftwareSigner.generate().public_key),
        )

    def mobile(self, index: int = 0) -> tuple[str, str]:
        """A mobile document by a school of its own, as bytes and as text."""
        self.school = School.enrol(self.scheme, SCHOOL, self.now, use=KeyUse.MDOC_DS)
        self.write("list.jwt", self.scheme.trust_list(self.school.trusted(), now=self.now))
        self.publish()
        holder = SoftwareSigner.generate().public_key
        sealed = self.school.mobile(self.school.document("graduation", index), holder)
        text = base64url.encode(sealed).encode("ascii")
        return self.write("document.cbor", sealed), self.write("document.txt", text + b"\n")

    def verify(
        self, credential: str, *extra: str, lists: bool = True, status: bool = True
    ) -> tuple[int, str]:
        arguments = ["verify", credential, "--accept-test", *extra]
        if lists:
            arguments += ["--trust-list", self.path("list.jwt"), "--trust-anchor", self.path("anchor.pem")]
        if status:
            for name in ("status.jwt", "status.cwt", "revocation.json", "suspension.json"):
                arguments += ["--status", self.path(name)]
        result = CliRunner().invoke(app, arguments)
        return result.exit_code, result.output


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.mark.parametrize("w3c", [False, True], ids=["dc+sd-jwt", "ldp_vc"])
def test_with_everything_at_hand_it_is_valid(files: Files, w3c: bool) -> None:
    code, output = files.verify(files.credential(w3c=w3c), "--json")
    report = json.loads(output)
    assert (code, report["verdict"]) == (0, "valid"), output
    assert report["credentials"][0]["document"] == "graduation"


def test_a_mobile_document_is_checked_from_its_bytes_and_from_text(files: Files) -> None:
    for credential in files.mobile():
        code, output = files.verify(credential, "--json")
        report = json.loads(output)
        assert (code, report["verdict"]) == (0, "valid"), output
        assert report["credentials"][0]["format"] == "mso_mdoc"
    files.school.set_status(0, Status.INVALID)
    files.publish()
    assert files.verify(files.path("document.cbor"), "--status", files.path("status.cwt"))[0] == 1


@pytest.mark.parametrize("w3c", [False, True], ids=["dc+sd-jwt", "ldp_vc"])
def test_a_revoked_one_is_invalid(files: Files, w3c: bool) -> None:
    credential = files.credential(w3c=w3c, index=3)
    files.school.set_status(3, Status.INVALID)
    files.publish()
    assert files.verify(credential)[0] == 1


def test_without_a_list_of_issuers_it_cannot_be_decided(files: Files) -> None:
    code, output = files.verify(files.credential(w3c=False), lists=False)
    assert code == 3
    assert "判定できません" in output


def test_without_a_status_list_it_cannot_be_decided(files: Files) -> None:
    assert files.verify(files.credential(w3c=False), status=False)[0] == 3


def test_as_of_another_day(files: Files) -> None:
    credential = files.credential(w3c=False)
    far = (files.now + timedelta(days=30)).isoformat()
    # The list of issuers and the status list are too old by then.
    assert files.verify(credential, "--at", far)[0] == 3


def test_a_holders_proof_can_be_required(files: Files) -> None:
    code, output = files.verify(files.credential(w3c=False), "--require-holder-binding", "--json")
    failed = [
        check["check"]
        for check in json.loads(output)["credentials"][0]["checks"]
        if check["outcome"] == "failed"
    ]
    assert (code, failed) == (1, ["holder_binding"])


def test_a_test_organisation_is_refused_unless_accepted(files: Files) -> None:
    credential = files.credential(w3c=False)
    arguments = ["verify", credential, "--trust-list", files.path("list.jwt")]
    result = CliRunner().invoke(app, [*arguments, "--trust-anchor", files.path("anchor.pem")])
    assert result.exit_code == 1


def test_a_list_under_another_anchor_is_refused(files: Files) -> None:
    other = Scheme.start(files.now)
    files.write("anchor.pem", certificates.to_pem(other.anchors))
    code, _ = files.verify(files.credential(w3c=False))
    assert code == 1


def test_something_else_is_invalid(files: Files) -> None:
    assert files.verify(files.write("x", b"\x89PNG"))[0] == 1


def test_the_command_comes_out_under_its_own_name(files: Files) -> None:
    outer = typer.Typer()

    @outer.command("other")
    def other() -> None:
        """Keep `verify` from being the only command."""

    for commands in service.commands:
        outer.add_typer(commands)
    result = CliRunner().invoke(outer, ["verify", files.write("x", b"nothing"), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.output)["verdict"] == "invalid"
