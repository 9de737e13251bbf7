"""RDF Dataset Canonicalization, RDFC-1.0, with a bound on its work.

The same graph gets the same text, whatever its blank nodes are called. Most documents are settled by the first hash
of each node; datasets made to be ambiguous cost exponential time, so every step of the deep search is counted and too
many are refused. Not for RDF syntaxes: quads come in as `nquads.Quad`.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Protocol

from tegata.errors import LimitExceeded
from tegata.formats.linked_data.nquads import Quad, Term, is_blank

_CLAUSE = "RDFC-1.0 §7.1"
_PREFIX = "_:c14n"
_TEMPORARY_PREFIX = "_:b"


@dataclass(frozen=True, slots=True)
class WorkLimit:
    """How much work one canonicalization may be.

    `max_steps` counts in the deep search: related nodes hashed, and nodes placed while permutations are tried. At a
    few microseconds each, the default is well under a second.
    """

    max_quads: int = 20_000
    max_blank_nodes: int = 5_000
    max_steps: int = 100_000
    max_depth: int = 100


DEFAULT_LIMIT = WorkLimit()


class _Hash(Protocol):
    def hexdigest(self) -> str: ...


class HashFactory(Protocol):
    """Makes a hash over bytes: `hashlib.sha256`, or `hashlib.sha384` for suites over P-384."""

    def __call__(self, data: bytes, /) -> _Hash:
        """Return the hash over `data`."""


@dataclass(frozen=True, slots=True)
class Canonical:
    """A canonicalized dataset: its lines in order, and the canonical label of every blank node it had."""

    lines: tuple[str, ...]
    labels: dict[Term, Term]

    @property
    def text(self) -> str:
        """The canonical N-Quads, ready to be hashed."""
        return "".join(self.lines)


def canonicalize(
    quads: Iterable[Quad], factory: HashFactory = hashlib.sha256, limit: WorkLimit = DEFAULT_LIMIT
) -> Canonical:
    """Canonicalize a dataset (RDFC-1.0 §4.4.3); raises `LimitExceeded` for more work than `limit` allows."""
    distinct = list(dict.fromkeys(quads))
    if len(distinct) > limit.max_quads:
        raise LimitExceeded(f"more than {limit.max_quads} quads", clause=_CLAUSE)
    labels = _Canonicalization(distinct, factory, limit).labels()
    if not labels:
        return Canonical(tuple(sorted([quad.line() for quad in distinct])), {})
    get = labels.get
    # Every blank node has a label of its own, so lines that were distinct stay so.
    lines = [
        f"{get(s, s)} {p} {get(o, o)} {get(g, g)} .\n" if g else f"{get(s, s)} {p} {get(o, o)} .\n"
        for s, p, o, g in distinct
    ]
    lines.sort()
    return Canonical(tuple(lines), labels)


class _Issuer:
    """Gives out labels in order, and remembers the order (§4.3)."""

    __slots__ = ("_prefix", "issued")

    def __init__(self, prefix: str, issued: dict[Term, Term] | None = None) -> None:
        self._prefix = prefix
        self.issued: dict[Term, Term] = {} if issued is None else issued

    def issue(self, node: Term) -> Term:
        label = self.issued.get(node)
        if label is None:
            label = self.issued[node] = f"{self._prefix}{len(self.issued)}"
        return label

    def copy(self) -> "_Issuer":
        return _Issuer(self._prefix, self.issued.copy())


class _Canonicalization:
    """The state of one run (§4.2)."""

    def __init__(self, quads: Sequence[Quad], factory: HashFactory, limit: WorkLimit) -> None:
        self._factory = factory
        self._limit = limit
        self._steps = 0
        self._canonical = _Issuer(_PREFIX)
        # A quad is listed once for a node, also where the node stands in it twice.
        self._mentions: defaultdict[Term, list[Quad]] = defaultdict(list)
        # Only blank nodes begin with "_": unrolled, because every quad comes by here.
        for quad in quads:
            subject, _, object_, graph = quad
            if subject[0] == "_":
                self._mentions[subject].append(quad)
            if object_[0] == "_" and object_ != subject:
                self._mentions[object_].append(quad)
            if graph and graph[0] == "_" and graph not in (subject, object_):
                self._mentions[graph].append(quad)
        if len(self._mentions) > limit.max_blank_nodes:
            raise LimitExceeded(f"more than {limit.max_blank_nodes} blank nodes", clause=_CLAUSE)
        self._first: dict[Term, str] = {}

    def labels(self) -> dict[Term, Term]:
        """Return the canonical label of every blank node (§4.4.3, steps 3 to 5)."""
        by_hash: defaultdict[str, list[Term]] = defaultdict(list)
        for node in self._mentions:
            self._first[node] = self._hash_first_degree(node)
            by_hash[self._first[node]].append(node)
        for _, nodes in sorted(by_hash.items()):
            if len(nodes) == 1:
                self._canonical.issue(nodes[0])
        for _, nodes in sorted(by_hash.items()):
            if len(nodes) > 1:
                self._settle(nodes)
        return self._canonical.issued

    def _settle(self, nodes: list[Term]) -> None:
        """Label nodes that share their first hash, by what surrounds them (§4.4.3, step 5)."""
        results = []
        for node in nodes:
            if node in self._canonical.issued:
                continue
            temporary = _Issuer(_TEMPORARY_PREFIX)
            temporary.issue(node)
            results.append(self._hash_n_degree(node, temporary, 0))
        for _, issuer in sorted(results, key=lambda result: result[0]):
            for node in issuer.issued:
                self._canonical.issue(node)

    def _digest(self, text: str) -> str:
        return self._factory(text.encode("utf-8")).hexdigest()

    def _hash_first_degree(self, node: Term) -> str:
        """Hash a node by the quads it stands in (§4.6.3)."""
        lines = []
        for subject, predicate, object_, graph in self._mentions[node]:
            if subject[0] == "_":
                subject = "_:a" if subject == node else "_:z"  # noqa: PLW2901  what stands in for it
            if object_[0] == "_":
                object_ = "_:a" if object_ == node else "_:z"  # noqa: PLW2901  same
            if not graph:
                lines.append(f"{subject} {predicate} {object_} .\n")
                continue
            if graph[0] == "_":
                graph = "_:a" if graph == node else "_:z"  # noqa: PLW2901  same
            lines.append(f"{subject} {predicate} {object_} {graph} .\n")
        lines.sort()
        return self._digest("".join(lines))

    def _hash_related(self, related: Term, issuer: _Issuer, way: tuple[str, Term, Term]) -> str:
        """Hash how a node is reached from another one: position, and predicate but for a graph's name (§4.7.3)."""
        label = self._canonical.issued.get(related) or issuer.issued.get(related) or self._first[related]
        return self._digest(f"{way[0]}{way[1]}{label}")

    def _hash_n_degree(self, node: Term, issuer: _Issuer, depth: int) -> tuple[str, _Issuer]:
        """Hash a node by everything around it, trying every order of what is still alike (§4.8.3)."""
        if depth > self._limit.max_depth:
            raise LimitExceeded("the dataset is nested too deeply to canonicalize", clause=_CLAUSE)
        parts = []
        for related_hash, related in sorted(self._related(node, issuer).items()):
            path, issuer = self._shortest_path(related, issuer, depth)
            parts.append(related_hash + path)
        return self._digest("".join(parts)), issuer

    def _related(self, node: Term, issuer: _Issuer) -> dict[str, list[Term]]:
        related: defaultdict[str, list[Term]] = defaultdict(list)
        hashes: dict[tuple[str, Term, Term], str] = {}
        for quad in self._mentions[node]:
            for position, term in (("s", quad.subject), ("o", quad.object), ("g", quad.graph)):
                if not is_blank(term) or term == node:
                    continue
                way = (position, "" if position == "g" else quad.predicate, term)
                if way not in hashes:
                    self._step()
                    hashes[way] = self._hash_related(term, issuer, way)
                related[hashes[way]].append(term)
        return related

    def _shortest_path(self, related: list[Term], issuer: _Issuer, depth: int) -> tuple[str, _Issuer]:
        chosen_path, chosen_issuer = "", issuer
        for order in _orders(related):
            found = self._path(order, issuer.copy(), chosen_path, depth)
            if found is not None and (not chosen_path or found[0] < chosen_path):
                chosen_path, chosen_issuer = found
        return chosen_path, chosen_issuer

    def _path(
        self, order: Sequence[Term], issuer: _Issuer, best: str, depth: int
    ) -> tuple[str, _Issuer] | None:
        """Return the path that this order gives, or None as soon as it cannot be better than the best."""
        path = ""
        deeper: list[Term] = []
        for node in order:
            self._step()
            label = self._canonical.issued.get(node)
            if label is None:
                if node not in issuer.issued:
                    deeper.append(node)
                label = issuer.issue(node)
            path += label
            if best and len(path) >= len(best) and path > best:
                return None
        for node in deeper:
            digest, below = self._hash_n_degree(node, issuer, depth + 1)
            path += f"{issuer.issue(node)}<{digest}>"
            issuer = below
            if best and len(path) >= len(best) and path > best:
                return None
        return path, issuer

    def _step(self) -> None:
        self._steps += 1
        if self._steps > self._limit.max_steps:
            raise LimitExceeded("the dataset is too ambiguous to canonicalize", clause=_CLAUSE)


def _orders(nodes: list[Term]) -> Iterator[Sequence[Term]]:
    """Return the orders of nodes that differ.

    A node is listed once for each quad that it is reached by, so the name of a graph stands there many times over;
    exchanging it with itself changes nothing, and trying that would make every presentation of two copies poison.
    """
    distinct = set(nodes)
    if len(distinct) == len(nodes):
        yield from permutations(nodes)
        return
    # The next order in the alphabet, until there is none.
    order = sorted(nodes)
    while True:
        yield tuple(order)
        rise = next((i for i in range(len(order) - 2, -1, -1) if order[i] < order[i + 1]), None)
        if rise is None:
            return
        other = next(i for i in range(len(order) - 1, rise, -1) if order[i] > order[rise])
        order[rise], order[other] = order[other], order[rise]
        order[rise + 1 :] = reversed(order[rise + 1 :])
