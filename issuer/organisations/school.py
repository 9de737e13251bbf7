"""A school as the rest of the issuer sees it: one frozen view, whatever rows it was read from."""

from dataclasses import dataclass

from tegata.errors import Text
from tegata.identity.did import did_web


@dataclass(frozen=True, slots=True)
class Head:
    """Who heads a school at a date: the name that its documents carry (校長, 学長)."""

    title: str
    name: str
    title_latin: str = ""
    name_latin: str = ""


@dataclass(frozen=True, slots=True)
class School:
    """A school with its names, address and head as they are at one date.

    `tenant_id` is the legal person (設置者) that it stands under; `issuer` is its https identifier, which is the
    `iss` of its credentials, its Credential Issuer Identifier (OID4VCI 1.0 §12.2.1) and the base of its did:web.
    With `is_name_hidden` the school's very name is sensitive: it is shown only where the holder chooses to.
    """

    id: str
    tenant_id: str
    public_id: str
    issuer: str
    code: str
    kind: str
    name: str
    establisher: str
    corporate_number: str
    name_latin: str = ""
    address: str = ""
    address_latin: str = ""
    board: str = ""
    board_code: str = ""
    is_test: bool = False
    is_name_hidden: bool = False
    head: Head | None = None

    @property
    def did(self) -> str:
        """The did:web of the same school, for W3C formats."""
        return did_web(self.issuer)

    @property
    def names(self) -> Text:
        """The school's name in both languages; the Japanese one where there is no other."""
        return Text(self.name, self.name_latin or self.name)

    @property
    def public_names(self) -> Text:
        """The name that stands where everybody sees it: the establisher's, where the school's own is sensitive."""
        return Text(self.establisher, self.establisher) if self.is_name_hidden else self.names
