"""More schools beside the one at work: of the same legal person, and of another."""

from datetime import datetime, timedelta

from issuer import samples
from issuer.organisations import service as organisations
from issuer.organisations.school import School
from issuer.registrar.service import Grant as Permission
from tegata.codec.dates import today
from tests.simulators.school import ReadySchool


def sister_school(ready: ReadySchool, now: datetime) -> School:
    """Enrol a school of the same legal person that may issue everything."""
    profile = samples.profile()
    profile["school"] |= {
        "name": "例示県立みなと高等学校",
        "nameLatin": "Reiji Prefectural Minato High School",
        "schoolCode": "D100299999912",
    }
    return _enrol(ready, profile, now)


def strange_school(ready: ReadySchool, now: datetime) -> School:
    """Enrol a university of another legal person that may issue everything."""
    profile = samples.profile()
    profile["legalPerson"] = {
        "name": "学校法人例示学園",
        "corporateNumber": "1000000999998",
        "kind": "school_corporation",
    }
    profile["authority"] = None
    profile["school"] |= {
        "name": "例示大学",
        "nameLatin": "Example University",
        "schoolCode": "F100399999906",
        "kind": "F1",
        "establishment": "3",
    }
    return _enrol(ready, profile, now)


def _enrol(ready: ReadySchool, profile: object, now: datetime) -> School:
    earlier = now - timedelta(days=1)
    enrolled = ready.registrar.enrol(profile, earlier)
    ready.registrar.certification.certify_school_keys(enrolled.school_id, earlier)
    types = tuple(item.vct for item in ready.workshop.catalogue.documents)
    ready.registrar.grant(Permission(enrolled.school_id, types), earlier)
    with ready.workshop.database.reading() as connection:
        return organisations.school(connection, enrolled.school_id, today(now), ready.settings)
