"""Root, intermediate, trust-list key, schools' keys, verifiers' requests: made, resumed, renewed, refused."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from issuer.base import AUDIT
from issuer.organisations import key_store
from issuer.organisations.errors import NoSigningKey, UnknownSchool
from issuer.organisations.key_store import KeyState
from issuer.organisations.keys import OPERATOR
from issuer.registrar import listing, root, store
from issuer.registrar.certification import SCHOOL_USES
from issuer.registrar.errors import NotInitialised, RootKeyMissing
from tegata.errors import MalformedInput, Misconfigured
from tegata.identity import trust_list_format
from tegata.identity.certificates import KeyUse, LintRefused, OrganisationSubject
from tegata.identity.chain import ChainRefused, pem_to_der, validate_chain
from tegata.identity.organisation import CodeRefused
from tegata.keys.software import SoftwareSigner
from tests.issuer.installation import LATER, NOW, Installation, other_school, profile

YEAR = timedelta(days=365)


def actions(issuer: Installation) -> list[str]:
    with issuer.database.reading() as connection:
        return sorted(connection.execute(select(AUDIT.row.c.action)).scalars())


def request_pem(signer: SoftwareSigner) -> bytes:
    der = signer.certificate_request(OrganisationSubject("だれでも").name())
    return x509.load_der_x509_csr(der).public_bytes(Encoding.PEM)


def certify_request(issuer: Installation, pem: bytes, *names: str, number: str = "1000000999998") -> bytes:
    return issuer.registrar.certification.certify_request(
        pem, names or ("verifier.example",), organisation="例示大学", corporate_number=number, now=LATER
    )


def test_initialising_makes_the_three_authorities_and_records_them(issuer: Installation) -> None:
    anchor = issuer.initialise()
    certificate = x509.load_der_x509_certificate(anchor)
    assert certificate.subject == certificate.issuer
    signer, _ = issuer.ring.signer(OPERATOR, KeyUse.TRUST_LIST, NOW)
    leaf = validate_chain(signer.certificates, anchors=(anchor,), at=NOW, use=KeyUse.TRUST_LIST)
    assert leaf.public_key.key_id == signer.public_key.key_id
    assert actions(issuer) == [
        "certificate.intermediate",
        "certificate.root",
        "certificate.trust_list",
        "registrar.operator",
    ]


def test_initialising_again_changes_nothing_and_needs_no_root_key(issuer: Installation) -> None:
    anchor = issuer.initialise()
    before = actions(issuer)
    issuer.root_file.unlink()
    assert issuer.initialise(LATER) == anchor
    assert actions(issuer) == before


def test_several_who_initialise_at_once_make_one_of_each(issuer: Installation) -> None:
    threads = [threading.Thread(target=issuer.initialise) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    anchor = issuer.initialise()
    assert actions(issuer) == [
        "certificate.intermediate",
        "certificate.root",
        "certificate.trust_list",
        *["registrar.operator"] * actions(issuer).count("registrar.operator"),
    ]
    signer, _ = issuer.ring.signer(OPERATOR, KeyUse.TRUST_LIST, NOW)
    assert validate_chain(signer.certificates, anchors=(anchor,), at=NOW, use=KeyUse.TRUST_LIST)


def test_a_root_key_whose_certificate_was_lost_is_certified_by_the_next_run(small: Installation) -> None:
    made = root.create(small.root_file, small.settings)
    anchor = x509.load_der_x509_certificate(small.initialise())
    assert anchor.public_key() == made.public_key.material


def test_without_its_file_the_root_certifies_nothing(small: Installation) -> None:
    small.initialise()
    small.root_file.unlink()
    with pytest.raises(RootKeyMissing):
        small.initialise(NOW + 9 * YEAR)


def test_another_root_key_cannot_renew_the_intermediate_authority(
    small: Installation, tmp_path: Path
) -> None:
    small.initialise()
    small.root_file.unlink()
    root.create(small.root_file, small.settings)
    with pytest.raises(Misconfigured):
        small.initialise(NOW + 9 * YEAR)


def test_the_intermediate_authority_is_renewed_in_its_last_year(small: Installation) -> None:
    anchor = small.initialise()
    before, _ = small.ring.signer(OPERATOR, KeyUse.INTERMEDIATE, NOW)
    assert small.initialise(NOW + 9 * YEAR) == anchor
    after, _ = small.ring.signer(OPERATOR, KeyUse.INTERMEDIATE, NOW + 9 * YEAR)
    assert after.public_key.key_id != before.public_key.key_id


def test_every_use_of_a_school_gets_a_key(issuer: Installation) -> None:
    anchor = issuer.initialise()
    school_id = issuer.registrar.enrol(profile(), NOW).school_id
    made = issuer.registrar.certification.certify_school_keys(school_id, NOW)
    assert [key.use for key in made] == list(SCHOOL_USES)
    assert all(key.state is KeyState.ACTIVE for key in made)
    for use in (KeyUse.DOCUMENT, KeyUse.COPY, KeyUse.FORM, KeyUse.STATUS, KeyUse.METADATA):
        signer, _ = issuer.ring.signer(school_id, use, NOW)
        leaf = validate_chain(signer.certificates, anchors=(anchor,), at=NOW, use=use)
        assert leaf.public_key.key_id == signer.public_key.key_id
        assert leaf.organisation_identifier == "NTRJP-7000020009997"
        assert leaf.school_code == "D100299999903"
        assert len(leaf.uris) == 1
        assert leaf.dns_names == ()
        for other in {KeyUse.DOCUMENT, KeyUse.COPY, KeyUse.STATUS} - {use}:
            with pytest.raises(ChainRefused):
                validate_chain(signer.certificates, anchors=(anchor,), at=NOW, use=other)


@pytest.mark.clause("ISO/IEC 18013-5 Annex B")
def test_a_schools_signer_of_mobile_documents_is_certified_by_an_authority_of_their_own(
    small: Installation,
) -> None:
    small.initialise()
    school_id = small.school()
    signer, _ = small.ring.signer(school_id, KeyUse.MDOC_DS, NOW)
    with small.database.reading() as connection:
        (iaca,) = listing.mdoc_authorities(connection)
    found = validate_chain(signer.certificates, anchors=(iaca,), at=NOW, use=KeyUse.MDOC_DS)
    assert len(signer.certificates) == 1
    assert (found.organisation_identifier, len(found.uris)) == ("NTRJP-7000020009997", 1)
    with pytest.raises(ChainRefused):
        validate_chain(signer.certificates, anchors=(small.initialise(),), at=NOW, use=KeyUse.MDOC_DS)
    with pytest.raises(ChainRefused):
        validate_chain(signer.certificates, anchors=(iaca,), at=NOW, use=KeyUse.COPY)
    said = trust_list_format.load(small.registrar.publish(NOW).jws, anchors=(small.initialise(),), now=NOW)
    assert said.mdoc_authorities == (iaca,)


def test_two_schools_share_the_authority_and_its_successor_stands_beside_it(small: Installation) -> None:
    small.initialise()
    small.school()
    small.school(other_school())
    with small.database.reading() as connection:
        (first,) = listing.mdoc_authorities(connection)
    late = NOW + 19 * YEAR
    small.initialise(late - 10 * YEAR)
    small.initialise(late)
    school_id = small.registrar.enrol(profile(school__schoolCode="D100299999921"), late).school_id
    small.registrar.certification.certify_school_keys(school_id, late)
    with small.database.reading() as connection:
        newest, former = listing.mdoc_authorities(connection)
    assert former == first
    signer, _ = small.ring.signer(school_id, KeyUse.MDOC_DS, late)
    assert validate_chain(signer.certificates, anchors=(newest, former), at=late, use=KeyUse.MDOC_DS)


def test_certifying_again_makes_no_keys(small: Installation) -> None:
    small.initialise()
    school_id = small.school()
    before = actions(small)
    assert small.registrar.certification.certify_school_keys(school_id, LATER) == ()
    assert actions(small) == before


def test_a_key_that_ends_soon_is_followed_by_a_new_one(small: Installation) -> None:
    small.initialise()
    school_id = small.school()
    moment = NOW + timedelta(days=380)
    made = small.registrar.certification.certify_school_keys(school_id, moment)
    assert [key.use for key in made] == [KeyUse.COPY, KeyUse.FORM]
    assert small.ring.signer(school_id, KeyUse.COPY, moment)[1] == moment


def test_a_key_is_rotated_when_asked(issuer: Installation) -> None:
    issuer.initialise()
    school_id = issuer.school()
    former, _ = issuer.ring.signer(school_id, KeyUse.DOCUMENT, NOW)
    made = issuer.registrar.certification.certify_school_keys(school_id, LATER, rotate=(KeyUse.DOCUMENT,))
    assert [key.use for key in made] == [KeyUse.DOCUMENT]
    assert issuer.ring.signer(school_id, KeyUse.DOCUMENT, LATER)[0].public_key.key_id == made[0].key_id
    assert former.public_key.key_id != made[0].key_id


def test_a_key_that_waits_is_certified_instead_of_a_new_one(issuer: Installation) -> None:
    issuer.initialise()
    enrolled = issuer.registrar.enrol(profile(), NOW)
    with issuer.database.writing() as connection:
        waiting = issuer.ring.create(
            connection,
            tenant_id=enrolled.tenant_id,
            organisation_id=enrolled.school_id,
            use=KeyUse.DOCUMENT,
            now=NOW,
        )
    issuer.registrar.certification.certify_school_keys(enrolled.school_id, LATER)
    with issuer.database.reading() as connection:
        found = key_store.of_organisation(connection, enrolled.school_id, uses=(KeyUse.DOCUMENT,))
    assert [(key.id, key.state) for key in found] == [(waiting.id, KeyState.ACTIVE)]


def test_a_school_whose_name_is_hidden_is_not_named_in_its_certificates(small: Installation) -> None:
    small.initialise()
    school_id = small.school(profile(school__nameHidden=True))
    signer, _ = small.ring.signer(school_id, KeyUse.DOCUMENT, NOW)
    subject = x509.load_der_x509_certificate(signer.certificates[0]).subject
    assert [item.value for item in subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == ["例示県"]
    assert not subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    assert not subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)


def test_a_name_that_no_certificate_takes_is_refused_and_leaves_no_key(small: Installation) -> None:
    small.initialise()
    school_id = small.registrar.enrol(profile(school__name="校" * 65), NOW).school_id
    with pytest.raises(LintRefused):
        small.registrar.certification.certify_school_keys(school_id, NOW)
    with pytest.raises(NoSigningKey):
        small.ring.signer(school_id, KeyUse.DOCUMENT, NOW)
    with small.database.reading() as connection:
        assert key_store.of_organisation(connection, school_id) == ()


def test_a_long_japanese_name_is_certified_whole_and_its_label_is_cut(small: Installation) -> None:
    small.initialise()
    name = "例示県立みらい台総合科学技術国際高等学校附属中等教育研究学校"
    signer, _ = small.ring.signer(small.school(profile(school__name=name)), KeyUse.DOCUMENT, NOW)
    subject = x509.load_der_x509_certificate(signer.certificates[0]).subject
    assert [item.value for item in subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)] == [name]
    (label,) = (str(item.value) for item in subject.get_attributes_for_oid(NameOID.COMMON_NAME))
    assert name.startswith(label)
    assert len(label.encode()) in range(62, 65)


def test_nothing_is_certified_before_the_registrar_is_set_up(small: Installation) -> None:
    school_id = small.registrar.enrol(profile(), NOW).school_id
    with pytest.raises(NotInitialised):
        small.registrar.certification.certify_school_keys(school_id, NOW)
    with pytest.raises(NotInitialised):
        certify_request(small, request_pem(SoftwareSigner.generate()))


def test_an_unknown_school_gets_no_keys(small: Installation) -> None:
    small.initialise()
    with pytest.raises(UnknownSchool):
        small.registrar.certification.certify_school_keys("f" * 32, NOW)


def test_two_schools_never_share_a_key(small: Installation) -> None:
    small.initialise()
    first, second = small.school(), small.school(other_school())
    keys = [small.ring.signer(school, KeyUse.COPY, NOW)[0] for school in (first, second)]
    assert keys[0].public_key.key_id != keys[1].public_key.key_id
    names = [
        validate_chain(key.certificates, anchors=(small.initialise(),), at=NOW, use=KeyUse.COPY).uris
        for key in keys
    ]
    assert names[0] != names[1]


@pytest.mark.clause("OID4VP 1.0 §5.9.3")
def test_a_verifiers_request_is_certified_for_its_host(small: Installation) -> None:
    anchor = small.initialise()
    signer = SoftwareSigner.generate()
    chain = pem_to_der(certify_request(small, request_pem(signer), "Verifier.Example"))
    leaf = validate_chain(chain, anchors=(anchor,), at=LATER, use=KeyUse.REQUEST_SIGNING)
    assert leaf.public_key.key_id == signer.public_key.key_id
    assert leaf.dns_names == ("verifier.example",)
    assert leaf.organisation_identifier == "NTRJP-1000000999998"
    assert "だれでも" not in leaf.subject
    assert anchor not in chain


def test_the_same_request_returns_the_same_chain(issuer: Installation) -> None:
    issuer.initialise()
    pem = request_pem(SoftwareSigner.generate())
    assert certify_request(issuer, pem) == certify_request(issuer, pem)
    assert certify_request(issuer, pem, "other.example") != certify_request(issuer, pem)
    with issuer.database.reading() as connection:
        assert len(store.certificates(connection, KeyUse.REQUEST_SIGNING)) == 2


@pytest.mark.parametrize(
    "names", [("*.example",), ("verifier.example/x",), ("",), ("-x.example",), ("a" * 254,), ("校.example",)]
)
def test_a_name_that_is_no_host_is_refused(small: Installation, names: tuple[str, ...]) -> None:
    small.initialise()
    with pytest.raises((LintRefused, MalformedInput)):
        certify_request(small, request_pem(SoftwareSigner.generate()), *names)


def test_a_request_without_a_host_name_is_refused(small: Installation) -> None:
    small.initialise()
    with pytest.raises(MalformedInput):
        small.registrar.certification.certify_request(
            request_pem(SoftwareSigner.generate()),
            (),
            organisation="例示大学",
            corporate_number="1000000999998",
            now=NOW,
        )


def test_a_wrong_corporate_number_is_refused(small: Installation) -> None:
    small.initialise()
    with pytest.raises(CodeRefused):
        certify_request(small, request_pem(SoftwareSigner.generate()), number="1000000999999")


@pytest.mark.clause("RFC 2986 §4.2")
def test_what_is_no_request_or_proves_nothing_is_refused(small: Installation) -> None:
    small.initialise()
    good = request_pem(SoftwareSigner.generate())
    der = bytearray(x509.load_pem_x509_csr(good).public_bytes(Encoding.DER))
    der[-1] ^= 1
    broken = x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM)
    for pem in (b"", b"not PEM", good[:-40], broken, b"x" * 40_000):
        with pytest.raises(MalformedInput):
            certify_request(small, pem)
    with small.database.reading() as connection:
        assert store.certificates(connection, KeyUse.REQUEST_SIGNING) == ()
