"""The register's tables: learners, their facts, every change of a fact, and imports on their way in.

Values that get signed stand as they were recorded; folded forms for finding people stand in columns of their own.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, String, Text, UniqueConstraint
from sqlmodel import Field

from issuer.base import Base
from tegata.service.columns import Instant, JsonBytes

#: Kana in the order of their code points, which is 五十音順 once folded, whatever the database's own collation is.
_BY_CODE_POINT = String(700).with_variant(String(700, collation="C"), "postgresql")


class LearnerRow(Base, table=True):
    """A person at a school. `source_id` is the school system's own identifier; `version` rises with every change."""

    __tablename__ = "learner"
    __table_args__ = (
        UniqueConstraint("tenant_id", "school_id", "source_id"),
        Index("ix_learner_school_id_student_number", "tenant_id", "school_id", "student_number"),
        Index("ix_learner_school_id_sort_key", "tenant_id", "school_id", "sort_key", "id"),
    )

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32)
    source_id: str = Field(max_length=200)
    student_number: str = Field(default="", max_length=60)
    family_name: str = Field(max_length=200)
    given_name: str = Field(default="", max_length=200)
    middle_name: str = Field(default="", max_length=200)
    family_name_kana: str = Field(default="", max_length=200)
    given_name_kana: str = Field(default="", max_length=200)
    middle_name_kana: str = Field(default="", max_length=200)
    family_name_latin: str = Field(default="", max_length=200)
    given_name_latin: str = Field(default="", max_length=200)
    middle_name_latin: str = Field(default="", max_length=200)
    preferred_family_name: str = Field(default="", max_length=200)
    preferred_given_name: str = Field(default="", max_length=200)
    preferred_middle_name: str = Field(default="", max_length=200)
    birthdate: date
    sex: str = Field(default="", max_length=16)
    email: str = Field(default="", max_length=254)
    enabled: bool = True
    is_concealed: bool = False
    search_key: str = Field(sa_type=Text)
    sort_key: str = Field(sa_column=Column("sort_key", _BY_CODE_POINT, nullable=False))
    version: int = 1
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)


class EnrolmentRow(Base, table=True):
    """The learner's admission to the school; one a learner, who is another one if admitted anew."""

    __tablename__ = "enrolment"

    learner_id: str = Field(primary_key=True, max_length=32, foreign_key="learner.id")
    tenant_id: str = Field(max_length=32)
    admission_date: date | None = None
    admission_kind: str = Field(default="", max_length=32)
    course_mode: str = Field(default="", max_length=32)
    faculty: str = Field(default="", max_length=200)
    faculty_en: str = Field(default="", max_length=200)
    department: str = Field(default="", max_length=200)
    department_en: str = Field(default="", max_length=200)
    stream: str = Field(default="", max_length=200)
    leaving_date: date | None = None
    status: str = Field(default="enrolled", max_length=32, index=True)


class PlacementRow(Base, table=True):
    """Grade, class and 出席番号 in one school year."""

    __tablename__ = "placement"

    learner_id: str = Field(primary_key=True, max_length=32, foreign_key="learner.id")
    school_year: int = Field(primary_key=True)
    tenant_id: str = Field(max_length=32)
    grade: str = Field(default="", max_length=8)
    home_class: str = Field(default="", max_length=200)
    attendance_number: int = 0


class CourseResultRow(Base, table=True):
    """The result of one course in one school year."""

    __tablename__ = "course_result"

    learner_id: str = Field(primary_key=True, max_length=32, foreign_key="learner.id")
    school_year: int = Field(primary_key=True)
    term: str = Field(primary_key=True, max_length=60)
    course: str = Field(primary_key=True, max_length=200)
    tenant_id: str = Field(max_length=32)
    subject_area: str = Field(default="", max_length=200)
    course_en: str = Field(default="", max_length=200)
    grade: str = Field(default="", max_length=8)
    school_code: str = Field(default="", max_length=13)
    credits: int = 0
    credits_earned: int = 0
    rating: str = Field(default="", max_length=10)
    points: str = Field(default="", max_length=10)
    scheme: str = Field(default="", max_length=40)
    course_code: str = Field(default="", max_length=60)
    viewpoints: str = Field(default="", max_length=3)
    result: str = Field(default="earned", max_length=32)


class AttendanceRow(Base, table=True):
    """Days of attendance in one year."""

    __tablename__ = "attendance"

    learner_id: str = Field(primary_key=True, max_length=32, foreign_key="learner.id")
    school_year: int = Field(primary_key=True)
    grade: str = Field(primary_key=True, max_length=8)
    tenant_id: str = Field(max_length=32)
    school_days: int
    suspended_or_bereavement: int
    days_required: int
    absent: int
    present: int


class GraduationDecisionRow(Base, table=True):
    """A decision about graduation; a later one stands beside it and takes its place from its date on."""

    __tablename__ = "graduation_decision"

    learner_id: str = Field(primary_key=True, max_length=32, foreign_key="learner.id")
    decision_date: date = Field(primary_key=True)
    tenant_id: str = Field(max_length=32)
    decision: str = Field(max_length=32)
    effective_date: date | None = None
    diploma_number: str = Field(default="", max_length=60)
    basis: str = Field(default="", max_length=200)
    programme: str = Field(default="", max_length=200)
    programme_en: str = Field(default="", max_length=200)
    degree: str = Field(default="", max_length=200)
    degree_en: str = Field(default="", max_length=200)
    recorded_by: str = Field(default="", max_length=64)
    recorded_at: datetime = Field(sa_type=Instant)


class CommuteRow(Base, table=True):
    """One section of a learner's route to school, by the day on which it was reported."""

    __tablename__ = "commute_section"

    learner_id: str = Field(primary_key=True, max_length=32, foreign_key="learner.id")
    reported_on: date = Field(primary_key=True)
    section: int = Field(primary_key=True)
    tenant_id: str = Field(max_length=32)
    operator: str = Field(default="", max_length=200)
    line: str = Field(default="", max_length=200)
    from_station: str = Field(default="", max_length=200)
    to_station: str = Field(default="", max_length=200)
    via: str = Field(default="", max_length=200)
    distance_km: int = 0


class AidRow(Base, table=True):
    """Membership in the accident mutual aid in one school year. The premium class is never stored: it tells of poverty."""

    __tablename__ = "aid_membership"

    learner_id: str = Field(primary_key=True, max_length=32, foreign_key="learner.id")
    school_year: int = Field(primary_key=True)
    tenant_id: str = Field(max_length=32)
    member: bool = False
    cover_start: date | None = None


class AchievementRow(Base, table=True):
    """Something that a learner has achieved."""

    __tablename__ = "achievement"

    learner_id: str = Field(primary_key=True, max_length=32, foreign_key="learner.id")
    achieved_on: date = Field(primary_key=True)
    name: str = Field(primary_key=True, max_length=200)
    tenant_id: str = Field(max_length=32)
    name_en: str = Field(default="", max_length=200)
    kind: str = Field(default="", max_length=32)
    description: str = Field(default="", max_length=1000)
    criteria: str = Field(default="", max_length=1000)
    result: str = Field(default="", max_length=200)


class FactChangeRow(Base, table=True):
    """A fact that was changed, as it was before and after: no fact is overwritten without a trace."""

    __tablename__ = "fact_change"
    __table_args__ = (ForeignKeyConstraint(["learner_id"], ["learner.id"]),)

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    learner_id: str = Field(max_length=32, index=True)
    import_id: str = Field(max_length=32, index=True)
    fact: str = Field(max_length=16)
    change: Any = Field(sa_type=JsonBytes)
    at: datetime = Field(sa_type=Instant)
    actor: str = Field(max_length=64)


class PracticeRow(Base, table=True):
    """What a school has decided about its documents beyond the law, as JSON that `practice` reads."""

    __tablename__ = "school_practice"

    school_id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    content: Any = Field(sa_type=JsonBytes)


class RegisterStateRow(Base, table=True):
    """How often a school's register has changed; a dry run holds for one state only."""

    __tablename__ = "register_state"

    school_id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    version: int = 0


class ImportJobRow(Base, table=True):
    """An import between upload and end. Content and report are personal data: sealed, and gone when it ends."""

    __tablename__ = "import_job"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32, index=True)
    state: str = Field(max_length=16)
    format: str = Field(max_length=16)
    digest: str = Field(max_length=64)
    content: bytes | None = Field(default=None, sa_type=LargeBinary)
    mapping: Any = Field(default=None, sa_type=JsonBytes, nullable=True)
    report: bytes | None = Field(default=None, sa_type=LargeBinary)
    register_version: int = 0
    counts: Any = Field(default=None, sa_type=JsonBytes, nullable=True)
    created_by: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)
    ended_by: str = Field(default="", max_length=64)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
