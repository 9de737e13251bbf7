"""What stands around the content of a page: in whose name one acts, who is signed in, where one can go."""

from dataclasses import dataclass

from tegata.errors import Text


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One entry of the side navigation. `count` is what waits there (承認、2件); 0 shows nothing.

    `is_statutory` puts it into the group of its own, 「法令に基づく送付」.
    """

    path: str
    text: Text
    count: int = 0
    is_statutory: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of one answer. The default is the frame of somebody who has not signed in.

    `organisation` is in whose name one acts; its code is shown on hover and spoken. `csrf` belongs to the sign-out
    form. An empty path leaves its link out.
    """

    organisation: Text | None = None
    organisation_code: str = ""
    organisation_path: str = ""
    person: str = ""
    role: Text | None = None
    account_path: str = ""
    sign_out_path: str = ""
    csrf: str = ""
    navigation: tuple[NavigationItem, ...] = ()
    home_path: str = "/"
    help_path: str = ""
    contact_path: str = ""
    accessibility_path: str = ""

    def is_current(self, item: NavigationItem, path: str) -> bool:
        """Whether the page at `path` lies below the entry, and below no closer one."""
        matching = [other.path for other in self.navigation if _is_below(path, other.path, self.home_path)]
        return bool(matching) and item.path == max(matching, key=len)


def _is_below(path: str, entry: str, home: str) -> bool:
    if entry == home:
        return path == entry
    return path == entry or path.startswith(entry.rstrip("/") + "/")
