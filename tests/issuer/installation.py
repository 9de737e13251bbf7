"""An issuer as tests need it: settings, an empty database with all tables, key ring and registrar, and profiles."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from issuer.database import Base
from issuer.organisations.keys import KeyRing
from issuer.registrar.service import Grant, Registrar
from issuer.settings import IssuerSettings
from tegata.service.database import Database

KEY_ENCRYPTION_KEY = "A" * 43 + "="
GRADUATION = "https://w3id.org/tegata/vct/graduation/1"
TRANSCRIPT = "https://w3id.org/tegata/vct/transcript/1"
#: Some fixed instants: a day in Tokyo begins at 15:00 UTC of the day before.
NOW = datetime(2026, 4, 10, 3, 0, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)

_PROFILE: dict[str, Any] = {
    "test": True,
    "legalPerson": {
        "name": "例示県",
        "nameLatin": "Reiji Prefecture",
        "corporateNumber": "7000020009997",
        "kind": "prefecture",
        "localGovernmentCode": "009997",
    },
    "authority": {"name": "例示県教育委員会", "nameLatin": "Reiji Board", "boardCode": "009990"},
    "school": {
        "name": "例示県立みらい台高等学校",
        "nameLatin": "Miraidai High School",
        "schoolCode": "D100299999903",
        "kind": "D1",
        "establishment": "2",
        "address": "例示県例示市みらい台一丁目1番1号",
        "addressLatin": "1-1-1 Miraidai, Reiji City",
        "principals": [
            {
                "name": "東雲 一樹",
                "nameLatin": "SHINONOME Kazuki",
                "title": "校長",
                "titleLatin": "Principal",
                "from": "2024-04-01",
                "until": None,
            }
        ],
    },
}


def profile(**changes: Any) -> dict[str, Any]:
    """A profile like the sample's; `school__name="…"` changes a member of a part, None as a whole part removes it."""
    content = copy.deepcopy(_PROFILE)
    for place, value in changes.items():
        part, _, member = place.partition("__")
        if not member:
            content[part] = value
        elif value is ...:
            del content[part][member]
        else:
            content[part][member] = value
    return content


def other_school(**changes: Any) -> dict[str, Any]:
    """A second school of the same legal person."""
    second = {"school__schoolCode": "D100299999912", "school__name": "例示県立ひがし高等学校"}
    return profile(**{**second, "school__nameLatin": "Higashi High School", **changes})


def university(**changes: Any) -> dict[str, Any]:
    """A school of another legal person."""
    return profile(
        **{
            "legalPerson": {
                "name": "学校法人例示学園",
                "corporateNumber": "1000000999998",
                "kind": "school_corporation",
            },
            "authority": None,
            "school": {"name": "例示大学", "schoolCode": "F100399999906"},
            **changes,
        }
    )


@dataclass(frozen=True)
class Installation:
    """What a test works with."""

    settings: IssuerSettings
    database: Database
    ring: KeyRing
    registrar: Registrar
    root_file: Path

    def initialise(self, now: datetime = NOW) -> bytes:
        """Set up the registrar; returns the anchor."""
        return self.registrar.certification.initialise(
            now, operator="例示運営機構", operator_latin="Example Operator", root_file=self.root_file
        )

    def school(self, content: Any = None, now: datetime = NOW) -> str:
        """Enrol a school, certify its keys, let it issue graduations; returns its id."""
        enrolled = self.registrar.enrol(content or profile(), now)
        self.registrar.certification.certify_school_keys(enrolled.school_id, now)
        self.registrar.grant(Grant(enrolled.school_id, (GRADUATION,)), now)
        return enrolled.school_id


def settings_for(url: str, folder: Path, **changes: Any) -> IssuerSettings:
    """Settings of a test installation."""
    return IssuerSettings(
        **{
            "mode": "test",
            "public_origin": "https://issuer.example",
            "database_url": url,
            "data_directory": folder,
            "test_identifiers": True,
            "key_encryption_key": KEY_ENCRYPTION_KEY,
            **changes,
        }
    )


@contextmanager
def installed(url: str, folder: Path, **changes: Any) -> Iterator[Installation]:
    """An installation on an empty database."""
    settings = settings_for(url, folder, **changes)
    database = Database(url, schema="public", package="issuer", threads=4)
    Base.metadata.create_all(database.engine)
    ring = KeyRing(settings, database)
    try:
        registrar = Registrar(settings, database, ring)
        yield Installation(settings, database, ring, registrar, folder / "root" / "root.json")
    finally:
        database.dispose()
