"""Rules about the key, the period, and the authority that signs."""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from tegata.identity.lints.rule import Rule
from tegata.identity.profiles import Request


def _has_a_curve_of_ours(request: Request, _authority: x509.Certificate | None) -> bool:
    material = request.public_key.material
    return not isinstance(material, ec.EllipticCurvePublicKey) or isinstance(
        material.curve, ec.SECP256R1 | ec.SECP384R1
    )


def _is_not_too_long(request: Request, _authority: x509.Certificate | None) -> bool:
    return timedelta() < request.not_after - request.not_before <= request.profile.longest


def _is_within_authority(request: Request, authority: x509.Certificate | None) -> bool:
    return authority is None or (
        authority.not_valid_before_utc <= request.not_before
        and request.not_after <= authority.not_valid_after_utc
    )


def _has_an_authority(request: Request, authority: x509.Certificate | None) -> bool:
    if authority is None:
        return request.profile.is_authority
    try:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = authority.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return constraints.ca and usage.key_cert_sign


def _leaves_room_in_the_path(request: Request, authority: x509.Certificate | None) -> bool:
    if authority is None or not request.profile.is_authority:
        return True
    try:
        allowed = authority.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length
    except x509.ExtensionNotFound:
        return False
    return allowed is None or (request.profile.path_length or 0) < allowed


def _is_not_the_authoritys_key(request: Request, authority: x509.Certificate | None) -> bool:
    return authority is None or authority.public_key() != request.public_key.material


RULES = (
    Rule("the key is P-256, P-384 or Ed25519", "HAIP 1.0 §7", _has_a_curve_of_ours),
    Rule("the lifetime is positive and within the profile's", "DESIGN §4", _is_not_too_long),
    Rule("the period lies within the authority's", "RFC 5280 §6.1", _is_within_authority),
    Rule("a certification authority issues it", "RFC 5280 §4.2.1.9", _has_an_authority),
    Rule("the authority's path length leaves room for it", "RFC 5280 §4.2.1.9", _leaves_room_in_the_path),
    Rule("it is not issued to the authority's own key", "HAIP 1.0 §6.1.1", _is_not_the_authoritys_key),
)
