"""Passwords: argon2id with the second parameters of RFC 9106 §4 (64 MiB), a few at a time."""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tegata.service.staff.errors import PasswordRefused

SHORTEST, LONGEST = 12, 256
_FEWEST_CHARACTERS = 5
_hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)
# Each hash holds 64 MiB: a burst of sign-ins must queue rather than exhaust the machine.
_places = threading.BoundedSemaphore(2)
#: Checked when there is no such account, so that the answer takes as long.
_DECOY = "$argon2id$v=19$m=65536,t=3,p=4$dGVnYXRhIGRlY295IHNhbHQ$mD3lqRAnlTxkZ4Gv1PSkGcr7rLOl0X0qPVBvrhYJmkU"


def hash_password(password: str) -> str:
    """Hash a password that `check_new` accepted."""
    with _places:
        return _hasher.hash(_bytes(password))


def is_right(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; takes as long without a hash, and is then always False."""
    with _places:
        try:
            _hasher.verify(password_hash or _DECOY, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def check_new(password: str, *own_words: str) -> None:
    """Raise `PasswordRefused` for a password that is too short, too long, or made of the person's own words."""
    folded = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(folded) <= LONGEST:
        raise PasswordRefused("length")
    if len(set(folded)) < _FEWEST_CHARACTERS:
        raise PasswordRefused("too few different characters")
    plain = folded.lower()
    for word in own_words:
        rest = plain.replace(word.lower(), "") if word else plain
        if len(rest) < SHORTEST // 2:
            raise PasswordRefused("made of the person's own words")


def _bytes(password: str) -> bytes:
    # One spelling whatever keyboard typed it; cut, so that a huge body costs nothing.
    return unicodedata.normalize("NFKC", password[: LONGEST * 4]).encode("utf-8", "replace")
