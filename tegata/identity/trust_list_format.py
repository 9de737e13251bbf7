"""The trust list on the wire: a compact JWS around the JSON of ETSI TS 119 602.

Unknown members are ignored, so that the list can grow; what is read is checked, and a list that cannot be read whole
is refused whole.
"""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tegata.codec import json
from tegata.codec.dates import format_instant, instant
from tegata.envelope import jws
from tegata.errors import Conflict, CryptographyFailed, MalformedInput, Misconfigured, Text
from tegata.identity.chain import validate_chain
from tegata.identity.profiles import KeyUse
from tegata.identity.trust_list import ListedKey, Right, TrustedOrganisation, TrustList
from tegata.keys import jwk
from tegata.keys.signer import PublicKey, Signer

TYP = "trust-list+jwt"
MEDIA_TYPE = "application/jwt"
MAX_BYTES = 256 * 1_048_576
_VERSION = 1
_LIST_TYPE = "https://w3id.org/tegata/trust/list/1"
_SERVICE_TYPE = "https://w3id.org/tegata/trust/service/"


class TrustListRefused(CryptographyFailed):
    """A list that is not signed by the pinned operator, or not a list."""

    kind = "trust_list_refused"
    text = Text("発行機関の一覧が正しく署名されていません。", "The list of issuers is not properly signed.")


class ListRolledBack(Conflict):
    """A list older than one that was seen before."""

    kind = "trust_list_rolled_back"
    text = Text("発行機関の一覧が前の版より古いものです。", "The list of issuers is older than the last one.")


def build(trust_list: TrustList, signer: Signer) -> str:
    """Sign a list with a `trust_list` key; its certificate chain goes along, the anchor does not.

    Raises `Misconfigured` if the key has no certificates.
    """
    if not signer.certificates:
        raise Misconfigured("the trust-list key has no certificate")
    scheme = {
        "LoTEVersionIdentifier": _VERSION,
        "LoTESequenceNumber": trust_list.sequence,
        "LoTEType": _LIST_TYPE,
        "SchemeOperatorName": _names(trust_list.operator),
        "SchemeTerritory": "JP",
        "ListIssueDateTime": format_instant(trust_list.issued_at),
        "NextUpdate": format_instant(trust_list.next_update),
        "TegataMdocAuthorities": [_certificate(der) for der in trust_list.mdoc_authorities],
    }
    entities = [_entity(organisation) for organisation in trust_list.organisations]
    content = {"LoTE": {"ListAndSchemeInformation": scheme, "TrustedEntitiesList": entities}}
    header = {"typ": TYP, "x5c": [base64.b64encode(der).decode("ascii") for der in signer.certificates]}
    return jws.sign(header, json.dumps(content), signer)


def load(
    compact: str | bytes, *, anchors: tuple[bytes, ...], now: datetime, minimum_sequence: int = 0
) -> TrustList:
    """Read a list and believe it, or raise.

    1. It is a JWS of type trust-list+jwt with a certificate chain.
    2. The chain leads to a pinned anchor, now, and its leaf is for signing trust lists.
    3. The signature holds with the leaf's key.
    4. It is a list of the version that we know, whole and well-formed.
    5. It is not older than `minimum_sequence`.

    Raises `TrustListRefused`, `ChainRefused` or `ListRolledBack`. Whether it is too old is asked of the list itself.
    """
    try:
        parsed = jws.parse(compact, max_bytes=MAX_BYTES)
        chain = tuple(base64.b64decode(item, validate=True) for item in parsed.header["x5c"])
        if parsed.header.get("typ") != TYP:
            raise TrustListRefused("not of type trust-list+jwt")
        leaf = validate_chain(chain, anchors=anchors, at=now, use=KeyUse.TRUST_LIST)
        found = _read(json.loads(_payload(parsed, leaf.public_key), max_bytes=MAX_BYTES))
    except (MalformedInput, LookupError, TypeError, ValueError, AttributeError) as error:
        raise TrustListRefused(f"not a list that can be read: {type(error).__name__} {error}") from None
    if found.sequence < minimum_sequence:
        raise ListRolledBack(f"list {found.sequence}, but {minimum_sequence} was seen before")
    return found


def _payload(parsed: jws.ParsedJws, key: PublicKey) -> bytes:
    try:
        return jws.verify(parsed, key)
    except CryptographyFailed as error:
        raise TrustListRefused(f"the list's signature: {error.detail}", clause=error.clause) from None


def _names(text: Text) -> list[dict[str, str]]:
    return [{"lang": "ja", "value": text.ja}, {"lang": "en", "value": text.en}]


def _entity(organisation: TrustedOrganisation) -> dict[str, Any]:
    identifiers = {
        "uri": organisation.identifier,
        "did": organisation.did,
        "corporateNumber": organisation.corporate_number,
        "schoolCode": organisation.school_code,
        "boardCode": organisation.board_code,
    }
    extension = {
        "identifiers": identifiers,
        "establisher": organisation.establisher,
        "test": organisation.is_test,
        "closedOn": organisation.closed_on,
        "successor": organisation.successor,
        "history": list(organisation.history),
        "rights": [_right(right) for right in organisation.rights],
    }
    return {
        "TrustedEntityInformation": {"TEName": _names(organisation.names), "TegataOrganisation": extension},
        "TrustedEntityServices": [_service(item) for item in organisation.keys],
    }


def _service(item: ListedKey) -> dict[str, Any]:
    digital: dict[str, Any] = {
        "PublicKeyValues": [{**jwk.to_jwk(item.key), "kid": item.key.key_id, "alg": item.key.algorithm.value}]
    }
    if item.certificate:
        digital["X509Certificates"] = [_certificate(item.certificate)]
    period = {
        "activeFrom": format_instant(item.active_from),
        "activeUntil": format_instant(item.active_until) if item.active_until else None,
        "compromisedFrom": format_instant(item.compromised_from) if item.compromised_from else None,
    }
    return {
        "ServiceInformation": {
            "ServiceTypeIdentifier": f"{_SERVICE_TYPE}{item.use.value}",
            "ServiceDigitalIdentity": digital,
            "TegataPeriod": period,
        }
    }


def _certificate(der: bytes) -> dict[str, str]:
    return {"val": base64.b64encode(der).decode("ascii")}


def _right(right: Right) -> dict[str, Any]:
    return {
        "documentType": right.document_type,
        "school": right.school,
        "validFrom": format_instant(right.valid_from),
        "validUntil": format_instant(right.valid_until) if right.valid_until else None,
        "asCustodian": right.as_custodian,
    }


def _read(content: Any) -> TrustList:
    scheme = content["LoTE"]["ListAndSchemeInformation"]
    sequence = scheme["LoTESequenceNumber"]
    if scheme["LoTEVersionIdentifier"] != _VERSION or scheme["LoTEType"] != _LIST_TYPE:
        raise TrustListRefused("a list of another kind or version")
    if isinstance(sequence, bool) or not isinstance(sequence, int) or sequence < 1:
        raise TrustListRefused("a list without a number")
    organisations = tuple(_organisation(item) for item in content["LoTE"]["TrustedEntitiesList"])
    if len({name for item in organisations for name in (item.identifier, item.did)}) != 2 * len(
        organisations
    ):
        raise TrustListRefused("two organisations with one identifier")
    return TrustList(
        sequence=sequence,
        issued_at=instant(scheme["ListIssueDateTime"]),
        next_update=instant(scheme["NextUpdate"]),
        operator=_text(scheme["SchemeOperatorName"]),
        organisations=organisations,
        mdoc_authorities=tuple(
            base64.b64decode(item["val"], validate=True) for item in scheme.get("TegataMdocAuthorities") or ()
        ),
    )


def _organisation(entity: Mapping[str, Any]) -> TrustedOrganisation:
    information = entity["TrustedEntityInformation"]
    extension = information["TegataOrganisation"]
    identifiers = extension["identifiers"]
    return TrustedOrganisation(
        identifier=str(identifiers["uri"]),
        did=str(identifiers["did"]),
        names=_text(information["TEName"]),
        establisher=str(extension["establisher"]),
        corporate_number=str(identifiers["corporateNumber"]),
        school_code=str(identifiers["schoolCode"]),
        board_code=str(identifiers["boardCode"]),
        is_test=extension["test"] is True,
        keys=tuple(_key(item["ServiceInformation"]) for item in entity["TrustedEntityServices"]),
        rights=tuple(_read_right(item) for item in extension["rights"]),
        closed_on=str(extension.get("closedOn", "")),
        successor=str(extension.get("successor", "")),
        history=tuple(extension.get("history", ())),
    )


def _key(information: Mapping[str, Any]) -> ListedKey:
    digital, period = information["ServiceDigitalIdentity"], information["TegataPeriod"]
    certificates = digital.get("X509Certificates") or []
    return ListedKey(
        key=jwk.from_jwk(digital["PublicKeyValues"][0]),
        use=KeyUse(information["ServiceTypeIdentifier"].removeprefix(_SERVICE_TYPE)),
        active_from=instant(period["activeFrom"]),
        active_until=_optional(period.get("activeUntil")),
        compromised_from=_optional(period.get("compromisedFrom")),
        certificate=base64.b64decode(certificates[0]["val"], validate=True) if certificates else b"",
    )


def _read_right(item: Mapping[str, Any]) -> Right:
    return Right(
        document_type=str(item["documentType"]),
        school=str(item["school"]),
        valid_from=instant(item["validFrom"]),
        valid_until=_optional(item.get("validUntil")),
        as_custodian=item["asCustodian"] is True,
    )


def _optional(text: str | None) -> datetime | None:
    return None if text is None else instant(text)


def _text(names: list[Mapping[str, str]]) -> Text:
    by_language = {item["lang"]: item["value"] for item in names}
    return Text(by_language["ja"], by_language.get("en", by_language["ja"]))
