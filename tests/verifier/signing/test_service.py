"""The request-signing key: made here, certified elsewhere, never leaves."""

from datetime import timedelta

import pytest
from cryptography import x509

from tegata.errors import NotFound
from tegata.identity import certificates
from tegata.identity.certificates import ChainRefused, KeyUse
from tegata.keys.software import SoftwareSigner
from tests.simulators.issuer import Scheme
from tests.verifier.conftest import World
from verifier.signing.service import CertificateRefused, NoRequestCertificate


def test_a_request_proves_possession_and_waits_for_its_certificate(world: World) -> None:
    first = world.verifier.signing.certificate_request("例示大学", world.now())
    second = world.verifier.signing.certificate_request("例示大学", world.now())
    keys = [x509.load_pem_x509_csr(item).public_key() for item in (first, second)]
    assert x509.load_pem_x509_csr(first).is_signature_valid
    assert keys[0] == keys[1]


def test_the_newest_certificate_signs(world: World) -> None:
    before = world.verifier.signing.signer(world.now())
    request = world.verifier.signing.certificate_request("例示大学", world.now())
    world.verifier.signing.install(world.scheme.request_certificate(request), world.now())
    after = world.verifier.signing.signer(world.now())
    assert before.public_key.key_id != after.public_key.key_id
    assert len(after.certificates) == 2
    after.public_key.verify(after.sign(b"x"), b"x")


def test_a_certificate_that_has_ended_signs_nothing(world: World) -> None:
    ends = world.verifier.signing.not_after()
    assert ends is not None
    with pytest.raises(NoRequestCertificate):
        world.verifier.signing.signer(ends + timedelta(seconds=1))


def test_a_certificate_for_another_host_is_refused(world: World) -> None:
    request = world.verifier.signing.certificate_request("例示大学", world.now())
    with pytest.raises(CertificateRefused):
        world.verifier.signing.install(
            world.scheme.request_certificate(request, "other.example"), world.now()
        )


def test_a_certificate_of_another_operator_is_refused(world: World) -> None:
    request = world.verifier.signing.certificate_request("例示大学", world.now())
    stranger = Scheme.start(world.now())
    with pytest.raises(ChainRefused):
        world.verifier.signing.install(stranger.request_certificate(request), world.now())


def test_a_certificate_for_another_key_or_use_is_refused(world: World) -> None:
    other = world.scheme.certify(SoftwareSigner.generate(), KeyUse.REQUEST_SIGNING, dns_names=("localhost",))
    with pytest.raises(NotFound):
        world.verifier.signing.install(certificates.to_pem(other.certificates), world.now())
    status = world.school.status_signer
    with pytest.raises(ChainRefused):
        world.verifier.signing.install(certificates.to_pem(status.certificates), world.now())
