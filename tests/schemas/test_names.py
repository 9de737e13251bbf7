from schemas import names


def test_a_term_that_is_absolute_stays_as_it_is() -> None:
    assert names.term("https://schema.org/name") == "https://schema.org/name"
    assert names.term("grade") == "https://w3id.org/tegata/vocab#grade"


def test_types_expand_to_the_credential_and_the_document() -> None:
    assert names.expanded_types("JpGraduationCredential") == (
        "https://www.w3.org/2018/credentials#VerifiableCredential",
        "https://w3id.org/tegata/vocab#JpGraduationCredential",
    )


def test_no_two_documents_share_a_name() -> None:
    found = [make(name) for name in names.documents() for make in (names.vct, names.context, names.schema)]
    assert len(found) == len(set(found)) == 3 * len(names.documents())
