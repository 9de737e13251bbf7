"""The contexts that the product trusts: within all of them a statement has one name.

Quads sign statements, readers look for names. Were there two names for one IRI, a signed document could be rewritten
from one to the other, over another of the trusted contexts, and the reader would no longer find what was signed.
"""

import json

from schemas import catalogue
from tegata.formats.data_integrity import Contexts


def _terms(context, prefixes):
    for item in context if isinstance(context, list) else [context]:
        here = prefixes | {name: value for name, value in item.items() if isinstance(value, str)}
        for name, definition in item.items():
            if name.startswith("@"):
                continue
            identifier = definition.get("@id") if isinstance(definition, dict) else definition
            if identifier is not None:
                prefix, _, rest = identifier.partition(":")
                yield name, here[prefix] + rest if prefix in here else identifier
            if isinstance(definition, dict) and definition.get("@context"):
                yield from _terms(definition["@context"], here)


def test_no_two_terms_of_the_trusted_contexts_stand_for_one_iri():
    names = {}
    for content in catalogue.contexts().values():
        for name, identifier in _terms(json.loads(content)["@context"], {}):
            names.setdefault(identifier, set()).add(name)
    # Open Badges names two properties as it names the types of their values. No reader here looks for either.
    badges = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
    assert {identifier: found for identifier, found in names.items() if len(found) > 1} == {
        f"{badges}Criteria": {"Criteria", "criteria"},
        f"{badges}GeoCoordinates": {"GeoCoordinates", "geo"},
    }
    assert names["@id"] == {"id"}
    assert len(names) > 150


def test_every_trusted_context_stands_on_its_own():
    assert Contexts.of(catalogue.contexts()) is Contexts.of(catalogue.contexts())
