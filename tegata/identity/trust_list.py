"""The trust list: which organisations exist, which keys are theirs, what they may issue; signed, versioned, dated.

The shape is that of ETSI TS 119 602 (a List of Trusted Entities), carried as a compact JWS whose `x5c` leads to a
pinned anchor. Trust is three questions, and each is one function here: `keys_of`, `organisation_of`, `may_issue`.
All are judged at issue time, so that rotation, retirement, closure and merger break nothing that was right then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from tegata.errors import Forbidden, NotFound, Text, Unavailable
from tegata.identity.profiles import KeyUse
from tegata.keys.signer import PublicKey


class UnknownOrganisation(NotFound):
    """No organisation of the list has this identifier."""

    kind = "unknown_organisation"
    text = Text("発行機関の一覧にない機関です。", "This organisation is not on the list of issuers.")


class KeyNotTrusted(Forbidden):
    """The organisation has no such key for this use, or not at that time, or it was compromised by then."""

    kind = "key_not_trusted"
    text = Text(
        "発行した時点で、この機関の有効な鍵ではありませんでした。",
        "At the time of issue this was not a valid key of this organisation.",
    )


class NotPermitted(Forbidden):
    """The organisation was not allowed to issue this type about this school at that time."""

    kind = "not_permitted"
    text = Text(
        "発行日の時点で、この機関はこの種類の証明書を発行できる機関ではありませんでした。本人ではなく、発行機関に問い合わせてください。",
        "On the day of issue this organisation was not allowed to issue this type. Ask the issuer, not the applicant.",
    )


class ListTooOld(Unavailable):
    """The list should have been renewed by now: nothing can be decided with it."""

    kind = "trust_list_too_old"
    text = Text(
        "発行機関の一覧が古いため、判定できません。", "Cannot decide: the list of issuers is too old."
    )


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key of an organisation and when it was good; instants are UTC."""

    key: PublicKey
    use: KeyUse
    active_from: datetime
    active_until: datetime | None = None
    compromised_from: datetime | None = None
    certificate: bytes = b""

    def was_good(self, at: datetime) -> bool:
        """Whether a signature made with this key at that instant is to be believed."""
        if at < self.active_from or (self.active_until is not None and at > self.active_until):
            return False
        return self.compromised_from is None or at < self.compromised_from


@dataclass(frozen=True, slots=True)
class Right:
    """A document type (its vct) that the organisation may issue, about one school, in a period."""

    document_type: str
    school: str
    valid_from: datetime
    valid_until: datetime | None = None
    as_custodian: bool = False


@dataclass(frozen=True, slots=True)
class TrustedOrganisation:
    """One organisation: who it is, its keys, its rights. `identifier` is its https URI, `did` the same as did:web."""

    identifier: str
    did: str
    names: Text
    establisher: str
    corporate_number: str
    school_code: str
    board_code: str
    is_test: bool
    keys: tuple[ListedKey, ...]
    rights: tuple[Right, ...]
    closed_on: str = ""
    successor: str = ""
    history: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class TrustList:
    """A whole list, as read and believed.

    `mdoc_authorities` are the operator's IACA certificates (DER), past ones too: anchors of document signers alone.
    """

    sequence: int
    issued_at: datetime
    next_update: datetime
    operator: Text
    organisations: tuple[TrustedOrganisation, ...] = field(repr=False)
    mdoc_authorities: tuple[bytes, ...] = field(default=(), repr=False)

    @cached_property
    def by_identifier(self) -> Mapping[str, TrustedOrganisation]:
        """Every organisation by its identifier and by its DID."""
        found = {organisation.identifier: organisation for organisation in self.organisations}
        found.update({organisation.did: organisation for organisation in self.organisations})
        return found

    def check_fresh(self, now: datetime) -> None:
        """Raise `ListTooOld` if the list should have been renewed by now."""
        if now > self.next_update:
            raise ListTooOld(f"list {self.sequence} was due on {self.next_update.isoformat()}")


def organisation_of(trust_list: TrustList, identifier: str) -> TrustedOrganisation:
    """Which organisation is that? `identifier` is its https URI, its DID, or a verification method's URL.

    Raises `UnknownOrganisation`.
    """
    found = trust_list.by_identifier.get(identifier.partition("#")[0])
    if found is None:
        raise UnknownOrganisation(f"{identifier[:200]} is not on list {trust_list.sequence}")
    return found


def keys_of(
    trust_list: TrustList, identifier: str, *, uses: Sequence[KeyUse], at: datetime
) -> tuple[ListedKey, ...]:
    """Which keys has this identifier, for these uses, at that time?

    A verification method's URL (`…#<key id>`) selects that key alone. Raises `UnknownOrganisation`, or
    `KeyNotTrusted` if there is none that was good.
    """
    organisation = organisation_of(trust_list, identifier)
    wanted = identifier.partition("#")[2]
    listed = [
        item for item in organisation.keys if item.use in uses and (not wanted or item.key.key_id == wanted)
    ]
    good = tuple(item for item in listed if item.was_good(at))
    if not good:
        reason = "has no such key" if not listed else f"has no such key that was good at {at.isoformat()}"
        raise KeyNotTrusted(f"{organisation.identifier} {reason}")
    return good


def may_issue(organisation: TrustedOrganisation, document_type: str, school: str, *, at: datetime) -> Right:
    """May it issue this type, about this school, at that time?

    `school` is the school's identifier: the organisation's own, or one whose register it keeps. Raises `NotPermitted`.
    """
    for right in organisation.rights:
        if right.document_type != document_type or right.school != school:
            continue
        if right.valid_from <= at and (right.valid_until is None or at <= right.valid_until):
            return right
    raise NotPermitted(
        f"{organisation.identifier} may not issue {document_type} about {school} at {at.isoformat()}"
    )
