"""1EdTech's forms of a document: which it may be of, whether it follows the rules of what schools make, and what it says.

A form is signed by the school with a key of its own, about the holder of a wallet, and withdrawn with its document.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from schemas.catalogue import Catalogue, load
from schemas.education import checking
from schemas.education.forms import FormDefinition, documents_of, form_of_types
from schemas.education.source import FormRefused
from tegata.errors import Text
from tegata.formats.credential import Verified
from tegata.formats.vcdm import model
from verifier.verification import texts
from verifier.verification.documents import Note
from verifier.verification.report import CheckName, Outcome

#: Members of a course that have to be the record's own.
_SHARED = ("issuer", "credentialStatus", "validFrom", "validUntil")
#: What people call what `claims_of_form` returns.
LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "holder_name": Text("氏名", "Name"),
        "achievement": Text("内容", "Achievement"),
        "achievement_type": Text("種類", "Kind"),
        "achievement_description": Text("説明", "Description"),
        "achievement_field": Text("分野", "Field"),
        "achievement_from": Text("始まり", "From"),
        "achievement_until": Text("終わり", "Until"),
        "achievement_licence": Text("番号", "Number"),
        "achievement_term": Text("年度", "School year"),
        "achievement_credits": Text("単位数", "Credits"),
        "achievement_result": Text("成績", "Result"),
        "achievement_courses": Text("科目", "Courses"),
    }
)
_CLAUSE = {"open-badge": "Open Badges 3.0 §B.1.2", "clr": "CLR 2.0 §B.1.2"}


def form_of(verified: Verified) -> FormDefinition | None:
    """Return the form that a credential is; None for any other."""
    return form_of_types(verified.types)


def types_of_form(form: FormDefinition, verified: Verified, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the document types of which the form may be: one of them its issuer has to be allowed to issue."""
    return tuple(catalogue.get(name).vct for name in documents_of(form, verified.raw))


def title_of(form: FormDefinition, verified: Verified) -> Text:
    """Return what a report calls the form."""
    names = documents_of(form, verified.raw)
    if len(names) != 1:
        return form.title
    document = load().get(names[0]).title
    return Text(f"{document.ja}（{form.title.ja}）", f"{document.en} ({form.title.en})")


def check_form(note: Note, form: FormDefinition, verified: Verified) -> None:
    """Make check 7 for a form: it is such a one as schools make, and a record's courses belong to it."""
    name, clause = CheckName.SCHEMA, _CLAUSE[form.name]
    try:
        checking.check(form.name, verified.raw)
        if form.name == "clr":
            _check_belonging(verified.raw)
    except FormRefused as error:
        note(name, Outcome.FAILED, texts.SCHEMA_FAILED, clause, problem=error.detail[:200])
        return
    note(name, Outcome.PASSED, texts.SCHEMA_PASSED, clause)


def claims_of_form(form: FormDefinition, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form says of its learner, in few words; what is missing is left out."""
    subject = raw["credentialSubject"]
    if not isinstance(subject, Mapping):
        return {}
    if form.name == "open-badge":
        return _without_nothing({**_learner(subject), **_achievement(subject)})
    programmes = [item for item in model.as_list(subject.get("achievement")) if isinstance(item, Mapping)]
    courses = [
        _without_nothing(_course(inner))
        for item in model.as_list(subject.get("verifiableCredential"))
        if isinstance(inner := item.get("credentialSubject"), Mapping)
    ]
    programme = programmes[0].get("name") if programmes else None
    return _without_nothing({**_learner(subject), "achievement": programme, "achievement_courses": courses})


def _check_belonging(record: Mapping[str, Any]) -> None:
    subject = record["credentialSubject"]
    for item in subject["verifiableCredential"]:
        if any(item.get(member) != record.get(member) for member in _SHARED):
            raise FormRefused("a course with an issuer, a status or dates that are not the record's")
        if item["credentialSubject"].get("id") != subject.get("id"):
            raise FormRefused("a course of another learner")


def _learner(subject: Mapping[str, Any]) -> dict[str, Any]:
    entries = [item for item in model.as_list(subject.get("identifier")) if isinstance(item, Mapping)]
    names = [item.get("identityHash") for item in entries if item.get("identityType") == "name"]
    return {"holder_name": names[0] if names else None}


def _achievement(subject: Mapping[str, Any]) -> dict[str, Any]:
    achievement = subject.get("achievement")
    stated: Mapping[str, Any] = achievement if isinstance(achievement, Mapping) else {}
    return {
        "achievement": stated.get("name"),
        "achievement_type": stated.get("achievementType"),
        "achievement_description": stated.get("description"),
        "achievement_field": stated.get("fieldOfStudy"),
        "achievement_from": subject.get("activityStartDate"),
        "achievement_until": subject.get("activityEndDate"),
        "achievement_licence": subject.get("licenseNumber"),
        "achievement_term": subject.get("term"),
        "achievement_credits": subject.get("creditsEarned"),
    }


def _course(subject: Mapping[str, Any]) -> dict[str, Any]:
    stated = subject.get("achievement")
    return {
        "achievement_term": subject.get("term"),
        "achievement": stated.get("name") if isinstance(stated, Mapping) else None,
        "achievement_credits": subject.get("creditsEarned"),
        "achievement_result": _results(model.as_list(subject.get("result"))),
    }


def _results(results: Sequence[Any]) -> str | None:
    found = [item.get("value") or item.get("status") for item in results if isinstance(item, Mapping)]
    return ", ".join(str(item) for item in found if item) or None


def _without_nothing(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
