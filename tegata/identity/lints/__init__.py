"""Rules that a certificate must meet before it is signed: one rule, one function, one citation.

`rules()` lists them, so that documentation and reviewers see what is checked.
"""

from cryptography import x509

from tegata.errors import Forbidden, Text
from tegata.identity.lints import issuers, mdoc, names, subjects
from tegata.identity.lints.rule import Rule
from tegata.identity.profiles import Request

__all__ = ["LintRefused", "Rule", "lint", "rules"]


class LintRefused(Forbidden):
    """A certificate would break rules of its profile; `broken` are these rules."""

    kind = "certificate_refused"
    text = Text("証明書の内容が定めた形に合いません。", "The certificate would not fit its profile.")

    def __init__(self, broken: tuple[Rule, ...]) -> None:
        super().__init__("; ".join(f"{rule.name} ({rule.citation})" for rule in broken))
        self.broken = broken


def rules() -> tuple[Rule, ...]:
    """Return every rule, in the order in which they are reported."""
    return (*subjects.RULES, *names.RULES, *issuers.RULES, *mdoc.RULES)


def lint(request: Request, authority: x509.Certificate | None) -> None:
    """Raise `LintRefused` naming every rule that is broken; `authority` is None for a root."""
    broken = tuple(rule for rule in rules() if not rule.holds(request, authority))
    if broken:
        raise LintRefused(broken)
