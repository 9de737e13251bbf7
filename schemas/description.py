"""What there is to say about a document type, in words: the data behind its page, in Japanese and English.

Not for layout: `schemas.pages` writes Markdown, and the issuer its own pages.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from schemas import dictionary, samples
from schemas.catalogue import (
    ClaimPath,
    DocumentDefinition,
    NeverShown,
    Retention,
    Validity,
)
from schemas.catalogue import load as load_catalogue
from schemas.dictionary import DATA, CodeList, Definition
from tegata.errors import Text


class Disclosure(Enum):
    """Who decides whether a field reaches the verifier."""

    ALWAYS = "always"
    SELECTABLE = "selectable"
    TOGETHER = "together"

    @property
    def text(self) -> Text:
        """What a person reads."""
        return _DISCLOSURES[self]


_DISCLOSURES = {
    Disclosure.ALWAYS: Text("必ず渡る", "Always shown"),
    Disclosure.SELECTABLE: Text("選んで渡せる", "Holder chooses"),
    Disclosure.TOGETHER: Text("まとめて渡る", "With the field above"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the table of fields; `depth` is 0 at the top, `sample` the sample's value where it is a single one."""

    path: ClaimPath
    name: str
    label: Text
    says: Text
    disclosure: Disclosure
    mandatory: bool
    depth: int
    code_list: str | None
    sample: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list of facts; `code` says that the value is a signed name or another string for machines."""

    label: Text
    value: Text
    code: bool = False


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Everything that the page of one document says."""

    name: str
    title: Text
    description: Text
    facts: tuple[Row, ...]
    names: tuple[Row, ...]
    fields: tuple[Field, ...]
    never: tuple[NeverShown, ...]
    rules: tuple[Row, ...]
    code_lists: tuple[CodeList, ...]
    sample: Mapping[str, Any]


@cache
def document_page(definition: DocumentDefinition) -> DocumentPage:
    """Return the page of a document."""
    fields = tuple(_fields(definition))
    used = dict.fromkeys(field.code_list for field in fields if field.code_list)
    return DocumentPage(
        name=definition.name,
        title=definition.title,
        description=definition.description,
        facts=tuple(_facts(definition)),
        names=_names(definition),
        fields=fields,
        never=definition.never,
        rules=tuple(Row(_same(rule), _rule_texts()[rule]) for rule in definition.rules),
        code_lists=tuple(dictionary.code_lists()[name] for name in used),
        sample=samples.load(definition),
    )


def _facts(definition: DocumentDefinition) -> Iterator[Row]:
    kinds = [dictionary.label("school-kind", kind) for kind in definition.school_kinds]
    needed = [dictionary.label("fact", fact) for fact in definition.required_facts]
    yield Row(Text("渡す根拠", "Legal basis"), _BASES[definition.legal_basis])
    yield Row(Text("発行する学校", "Issued by"), _joined(kinds))
    yield Row(Text("発行に必要な記録", "Rests on"), _joined(needed))
    yield Row(
        Text("受け取るときの本人確認", "Identity check of the holder"),
        _ASSURANCES[definition.minimum_assurance],
    )
    yield Row(Text("有効期間", "Lifetime"), validity_text(definition.validity))
    yield Row(Text("失効の公開", "Status"), _STATUS[definition.has_status])
    if definition.followed_by:
        yield Row(Text("次の証明書", "Followed by"), load_catalogue().get(definition.followed_by).title)
    yield Row(Text("もとの記録の保存", "Retention of the record"), retention_text(definition.retention))
    if definition.hideable:
        claims = _joined([definition.labels[path] for path in definition.hideable])
        yield Row(
            Text("学校名を伏せる場合", "Where the school's name is sensitive"),
            Text(
                f"学校名そのものに配慮が必要な学校では、「{claims.ja}」も選んで渡せる項目にできます。",
                f"A school whose very name is sensitive can let the holder choose “{claims.en}” as well.",
            ),
        )


def _names(definition: DocumentDefinition) -> tuple[Row, ...]:
    found = (
        Row(Text("SD-JWT VC の種類（vct）", "SD-JWT VC type (vct)"), _same(definition.vct), code=True),
        Row(
            Text("種類の説明の検査値", "Integrity of its type metadata"),
            _same(definition.vct_integrity),
            code=True,
        ),
        Row(Text("W3C VC の種類", "W3C type"), _same(definition.w3c_type), code=True),
        Row(Text("W3C VC の種類（IRI）", "W3C type as an IRI"), _same(definition.type_iris[-1]), code=True),
        Row(Text("JSON-LD コンテキスト", "JSON-LD context"), _same(definition.context_url), code=True),
        Row(Text("JSON Schema", "JSON Schema"), _same(definition.schema_url), code=True),
    )
    if definition.mdoc is None:
        return found
    doctype = Text("ISO mdoc の種類（doctype）と名前空間", "ISO mdoc doctype and namespace")
    renamed = [
        f"{'.'.join(element.path)} → {element.identifier}"
        for element in definition.mdoc.elements
        if element.path != (element.identifier,)
    ]
    return (
        *found,
        Row(doctype, _same(definition.mdoc.doctype), code=True),
        Row(
            Text("ISO mdoc で名前が変わる項目", "Fields of another name in ISO mdoc"),
            _same(", ".join(renamed)),
        ),
    )


def validity_text(validity: Validity) -> Text:
    """Say how long a document is good for."""
    if validity.kind == "months":
        plural = "month" if validity.months == 1 else "months"
        return Text(f"発行から{validity.months}か月", f"{validity.months} {plural} from the day of issue")
    if validity.kind == "until_end_of_school_year":
        return Text("発行した年度の3月31日まで", "Until 31 March, the end of the school year of issue")
    return Text(
        "期限なし（いつまでに発行されたものを求めるかは、受け取る側が決めます）",
        "No end; who receives it decides how recent it has to be",
    )


def retention_text(retention: Retention) -> Text:
    """Say how long the record is kept, with the law."""
    if not retention.law:
        return retention.text
    return Text(f"{retention.text.ja}（{retention.law}）", f"{retention.text.en} ({retention.law})")


def _fields(definition: DocumentDefinition) -> Iterator[Field]:
    raw = json.loads((DATA / definition.name / "document.json").read_bytes())
    found = dictionary.load()
    sample = samples.load(definition)
    kinds: dict[ClaimPath, Definition] = {}
    for claim, entry, _ in found.of(raw):
        kinds |= dict(_kinds((claim,), entry))
    chosen = set(definition.selectable)
    # Items that come all together need no row of their own.
    shown = [path for path in definition.labels if path[-1] is not None or path in chosen]
    for path in shown:
        inside_choice = any(path[:length] in chosen for length in range(1, len(path)))
        together = Disclosure.TOGETHER if inside_choice else Disclosure.ALWAYS
        kind = kinds.get(path, {})
        yield Field(
            path=path,
            name=_name(path),
            label=definition.labels[path],
            says=_says(kind, found),
            disclosure=Disclosure.SELECTABLE if path in chosen else together,
            mandatory=path in definition.mandatory,
            depth=sum(path[:length] in shown for length in range(1, len(path))),
            code_list=definition.code_lists.get(path),
            sample=_sample(sample, path),
        )


def _kinds(path: ClaimPath, definition: Definition) -> Iterator[tuple[ClaimPath, Definition]]:
    yield path, definition
    for inside, members in (((), definition.get("members")), ((None,), definition.get("items"))):
        for name, member in (members or {}).items():
            yield from _kinds((*path, *inside, name), member)


def _says(definition: Definition, found: dictionary.Dictionary) -> Text:
    if "codes" in definition:
        title = dictionary.code_lists()[definition["codes"]].title
        return Text(f"コード：{title.ja}", f"code: {title.en}")
    if "schema" in definition:
        return dictionary.text(found.types[definition["schema"]]["says"])
    if "items" in definition:
        most = definition["max_items"]
        return Text(f"一覧（{most}件まで）", f"list of up to {most}")
    return Text("項目のまとまり", "group of fields")


def _sample(claims: Any, path: ClaimPath) -> str:
    value = claims
    for step in path:
        key: str | int = 0 if step is None else step
        try:
            value = value[key]
        except (KeyError, IndexError):
            return ""
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value)):
        return ""
    return value.replace("\n", " ") if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _name(path: ClaimPath) -> str:
    return "".join("[]" if step is None else f".{step}" for step in path).removeprefix(".")


@cache
def _rule_texts() -> Mapping[str, Text]:
    raw = json.loads((DATA / "rules.json").read_bytes())
    return {name: dictionary.text(value) for name, value in raw.items()}


def _joined(texts: list[Text]) -> Text:
    return Text("、".join(text.ja for text in texts), ", ".join(text.en for text in texts))


def _same(value: str) -> Text:
    return Text(value, value)


_BASES = {
    "consent": Text(
        "本人または保護者の同意（渡す相手と項目を、そのつど選びます）",
        "Consent of the learner or guardian, who chooses each time what goes to whom",
    ),
    "statutory": Text("法令に基づく学校間の送付", "Sent between schools as the law provides"),
    "sent_at_request": Text(
        "本人の申出により、学校が特定の相手へ封をして送付",
        "Asked for by the learner, sent sealed by the school to one named recipient",
    ),
}
_ASSURANCES = {
    "desk": Text("窓口、または確実なほかの方法", "At the school's desk, or a stronger check"),
    "guardian": Text(
        "保護者のマイナンバーカード、またはより確実な方法",
        "The guardian's My Number card, or a stronger check",
    ),
    "jpki": Text("本人のマイナンバーカード", "The holder's own My Number card"),
}
_STATUS = {
    True: Text("公開します（失効、一時停止）", "Published: revoked, suspended"),
    False: Text(
        "公開しません（有効期間が短く、年度ごとに新しくします）",
        "None: it is short-lived and renewed each school year",
    ),
}
