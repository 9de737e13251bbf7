"""Everything that the register knows of one learner, as frozen values.

Codes are those of `schemas/data/codes`. An empty text, 0 where a number cannot be 0, and None mean "not recorded".
Names are character by character as the school recorded them. Not for tables or files: pure code works on these.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

#: The kinds of facts there are, in the order in which they are shown and stored.
Kind = Literal[
    "learner", "enrolment", "placement", "result", "attendance", "decision", "commute", "aid", "achievement"
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)

#: What tells two facts of one kind and one learner apart. The same course can be taken in two years.
KEYS: dict[Kind, tuple[str, ...]] = {
    "learner": (),
    "enrolment": (),
    "placement": ("school_year",),
    "result": ("school_year", "term", "course"),
    "attendance": ("school_year", "grade"),
    "decision": ("decision_date",),
    "commute": ("reported_on", "section"),
    "aid": ("school_year",),
    "achievement": ("achieved_on", "name"),
}


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One admission to the school, until the learner leaves. `status` is the one recorded last."""

    admission_date: date | None = None
    admission_kind: str = ""
    course_mode: str = ""
    faculty: str = ""
    faculty_en: str = ""
    department: str = ""
    department_en: str = ""
    stream: str = ""
    leaving_date: date | None = None
    status: str = "enrolled"

    def status_on(self, day: date) -> str:
        """Return the status on a day: who left later was still enrolled then; empty before the admission."""
        if self.admission_date is not None and day < self.admission_date:
            return ""
        if self.leaving_date is not None and day < self.leaving_date and self.status in _LEFT:
            return "enrolled"
        return self.status


_LEFT = frozenset({"graduated", "withdrawn", "transferred", "dismissed"})


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a learner sits in one school year (年度): year of study, class, 出席番号 (0 if there is none)."""

    school_year: int
    grade: str = ""
    home_class: str = ""
    attendance_number: int = 0


@dataclass(frozen=True, slots=True)
class CourseResult:
    """One course in one school year. `viewpoints` are three letters; `school_code` is where it was taken.

    `scheme` is the name of the grading scheme that `rating` is of, empty for the school's usual one; `points` are the
    grade points, where the record has them, as a decimal.
    """

    school_year: int
    subject_area: str
    course: str
    grade: str = ""
    term: str = ""
    course_en: str = ""
    school_code: str = ""
    credits: int = 0
    credits_earned: int = 0
    rating: str = ""
    points: str = ""
    scheme: str = ""
    course_code: str = ""
    viewpoints: str = ""
    result: str = "earned"


@dataclass(frozen=True, slots=True)
class AttendanceYear:
    """Attendance in one year, in days. `school_year` is 0 where the source names the year of study only."""

    school_year: int
    grade: str
    school_days: int
    suspended_or_bereavement: int
    days_required: int
    absent: int
    present: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What the school decided about graduation.

    `decision`: graduation (卒業認定), withheld (保留), withdrawal (退学), expected (卒業見込), completion (修了認定). It
    was taken on `decision_date` and takes effect on `effective_date`: the day of graduation, expected or real.
    """

    decision: str
    decision_date: date
    effective_date: date | None = None
    diploma_number: str = ""
    basis: str = ""
    programme: str = ""
    programme_en: str = ""
    degree: str = ""
    degree_en: str = ""


@dataclass(frozen=True, slots=True)
class CommuteSection:
    """One section of the route to school as it was reported on a day (通学区間の届出); the newest report counts.

    Stations are not unique by name, so the operator stands beside them. `distance_km` is 0 where it is not known.
    """

    reported_on: date
    section: int
    operator: str = ""
    line: str = ""
    from_station: str = ""
    to_station: str = ""
    via: str = ""
    distance_km: int = 0


@dataclass(frozen=True, slots=True)
class AidMembership:
    """Whether a learner is in the accident mutual aid (災害共済給付) in a school year; never which premium is paid."""

    school_year: int
    member: bool = False
    cover_start: date | None = None


@dataclass(frozen=True, slots=True)
class Achievement:
    """What a learner has achieved and the school has recognised; `kind` is of the code list `achievement-kind`."""

    achieved_on: date
    name: str
    name_en: str = ""
    kind: str = ""
    description: str = ""
    criteria: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True)
class LearnerRecord:
    """One learner with all facts. `version` rises with every change of any of them."""

    id: str
    tenant_id: str
    school_id: str
    source_id: str
    student_number: str
    family_name: str
    given_name: str
    middle_name: str
    family_name_kana: str
    given_name_kana: str
    middle_name_kana: str
    family_name_latin: str
    given_name_latin: str
    middle_name_latin: str
    preferred_family_name: str
    preferred_given_name: str
    preferred_middle_name: str
    birthdate: date
    sex: str
    email: str
    enabled: bool
    is_concealed: bool
    version: int
    enrolment: Enrolment | None = None
    placements: tuple[Placement, ...] = ()
    results: tuple[CourseResult, ...] = ()
    attendance: tuple[AttendanceYear, ...] = ()
    decisions: tuple[Decision, ...] = ()
    commutes: tuple[CommuteSection, ...] = ()
    aids: tuple[AidMembership, ...] = ()
    achievements: tuple[Achievement, ...] = ()

    @property
    def name(self) -> str:
        """The name of record with a full-width space between its parts, as pages show it."""
        return "　".join(filter(None, (self.family_name, self.middle_name, self.given_name)))

    def placement_in(self, school_year: int) -> Placement | None:
        """Return the placement of one school year."""
        return next((item for item in self.placements if item.school_year == school_year), None)

    def decision_on(self, day: date) -> Decision | None:
        """Return the decision that stands on a day: the latest taken until then."""
        taken = [item for item in self.decisions if item.decision_date <= day]
        return max(taken, key=lambda item: item.decision_date, default=None)

    def route_on(self, day: date) -> tuple[CommuteSection, ...]:
        """Return the sections of the route that was reported last until a day, in order."""
        reported = max((item.reported_on for item in self.commutes if item.reported_on <= day), default=None)
        return tuple(
            sorted(
                (item for item in self.commutes if item.reported_on == reported),
                key=lambda item: item.section,
            )
        )

    def aid_in(self, school_year: int) -> AidMembership | None:
        """Return the membership of one school year."""
        return next((item for item in self.aids if item.school_year == school_year), None)

    def achievement_on(self, day: date) -> Achievement | None:
        """Return what was achieved last until a day."""
        achieved = [item for item in self.achievements if item.achieved_on <= day]
        return max(achieved, key=lambda item: item.achieved_on, default=None)
