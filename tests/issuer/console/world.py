"""The issuer's app with schools in every state, and everybody who can stand before it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from fastapi import FastAPI

from issuer import samples
from issuer.app import create_app
from issuer.organisations import service as organisations
from issuer.registrar.service import Grant as Permission
from tegata.codec.dates import today
from tegata.service.staff.principal import Role
from tests.issuer.console.scenes import Scenes, build_scenes, second_school
from tests.issuer.console.visitor import Visitor
from tests.simulators.school import ORIGIN, Person, ReadySchool, add_person, build, settings_for


@dataclass(frozen=True)
class World:
    """The app, what is in it, and people at its pages: signed in, or nobody in particular."""

    app: FastAPI
    ready: ReadySchool
    scenes: Scenes
    people: dict[str, Visitor]
    authenticators: dict[str, Person]

    @property
    def clerk(self) -> Visitor:
        """The clerk of the school at work."""
        return self.people["clerk"]

    @property
    def approver(self) -> Visitor:
        """Its approver."""
        return self.people["approver"]

    @property
    def nobody(self) -> Visitor:
        """Somebody without a session."""
        return Visitor(self.app, ORIGIN)

    def approve(self, path: str, **fields: str) -> httpx.Response:
        """Let the approver do the ceremony of a page."""
        return self.approver.approve(path, self.ready.approver.authenticator, **fields)

    def close(self) -> None:
        """Let go of the database."""
        self.ready.workshop.database.dispose()


def make_world(folder: Path) -> World:
    """Build the world in an empty folder."""
    now = datetime.now(UTC)
    ready = build(settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder), now)
    scenes = build_scenes(ready, now)
    neighbour = second_school(ready, now)
    stranger = _stranger(ready, now)
    app = create_app(ready.settings)
    logins = {
        "clerk": ("clerk@school.example", ready.clerk),
        "approver": ("head@school.example", ready.approver),
        "both": ("both@school.example", scenes.both),
        "neighbour": ("begin@school.example", neighbour),
        "stranger": ("stranger@university.example", stranger),
    }
    people = {}
    for who, (login, person) in logins.items():
        people[who] = Visitor(app, ORIGIN)
        people[who].sign_in(login, person.authenticator)
    return World(app, ready, scenes, people, {who: person for who, (_, person) in logins.items()})


def _stranger(ready: ReadySchool, now: datetime) -> Person:
    """Enrol a university of another legal person; returns somebody who is clerk and approver there."""
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
    earlier = now - timedelta(days=1)
    enrolled = ready.registrar.enrol(profile, earlier)
    ready.registrar.certification.certify_school_keys(enrolled.school_id, earlier)
    types = tuple(item.vct for item in ready.workshop.catalogue.documents)
    ready.registrar.grant(Permission(enrolled.school_id, types), earlier)
    with ready.workshop.database.reading() as connection:
        school = organisations.school(connection, enrolled.school_id, today(now), ready.settings)
    roles = (Role.CLERK, Role.APPROVER)
    return add_person(
        ready.settings, ready.staff, school, "stranger@university.example", "他校 次郎", roles, now
    )
