"""Rules about the subject: an organisation, named by its codes, and never a person."""

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tegata.errors import MalformedInput
from tegata.identity.lints.rule import Rule
from tegata.identity.organisation import CorporateNumber, SchoolCode
from tegata.identity.profiles import Request

_PERSONAL = (
    NameOID.GIVEN_NAME,
    NameOID.SURNAME,
    NameOID.EMAIL_ADDRESS,
    NameOID.PSEUDONYM,
    NameOID.TITLE,
    NameOID.INITIALS,
)
_ORGANISATION_PREFIX = "NTRJP-"
_MAX_CHARACTERS = 64


def _values(request: Request, oid: ObjectIdentifier) -> list[str]:
    return [str(item.value) for item in request.subject.get_attributes_for_oid(oid)]


def _is_in_japan(request: Request, _authority: x509.Certificate | None) -> bool:
    return _values(request, NameOID.COUNTRY_NAME) == ["JP"]


def _has_one_common_name(request: Request, _authority: x509.Certificate | None) -> bool:
    return len(_values(request, NameOID.COMMON_NAME)) == 1


def _is_not_a_person(request: Request, _authority: x509.Certificate | None) -> bool:
    return not any(_values(request, oid) for oid in _PERSONAL)


def _names_legal_person(request: Request, _authority: x509.Certificate | None) -> bool:
    found = _values(request, NameOID.ORGANIZATION_IDENTIFIER)
    if not found:
        return not request.profile.names_organisation
    if len(found) != 1 or not found[0].startswith(_ORGANISATION_PREFIX):
        return False
    number = found[0].removeprefix(_ORGANISATION_PREFIX)
    try:
        return CorporateNumber.parse(number, allow_test=True).value == number
    except MalformedInput:
        return False


def _names_school_by_code(request: Request, _authority: x509.Certificate | None) -> bool:
    schools = _values(request, NameOID.ORGANIZATIONAL_UNIT_NAME)
    codes = _values(request, NameOID.SERIAL_NUMBER)
    if not schools and not codes:
        return True
    if len(schools) != 1 or len(codes) != 1:
        return False
    try:
        return SchoolCode.parse(codes[0], allow_test=True).value == codes[0]
    except MalformedInput:
        return False


def _is_short_enough(request: Request, _authority: x509.Certificate | None) -> bool:
    return all(0 < len(str(item.value)) <= _MAX_CHARACTERS for item in request.subject)


RULES = (
    Rule("the country is JP, once", "DESIGN §4", _is_in_japan),
    Rule("there is one common name", "DESIGN §4", _has_one_common_name),
    Rule("no person is named in an organisation's certificate", "eシールに係る指針", _is_not_a_person),
    Rule("the legal person is named by its 法人番号, NTRJP-…", "EVG §7.1.4.2.8", _names_legal_person),
    Rule("a school is named with its 学校コード, or not at all", "DESIGN §4", _names_school_by_code),
    Rule("each part of the subject has 1 to 64 characters", "RFC 5280 appendix A.1", _is_short_enough),
)
