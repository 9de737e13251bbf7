"""Whether a caller has what it asks for already (RFC 9110 §13.1.2)."""


def is_known(if_none_match: str, etag: str) -> bool:
    """Tell whether an `If-None-Match` names an entity tag: weakly or not, among others, or by `*`.

    `etag` is the quoted tag of what would be sent. Quotes may be missing: nobody is served better by a refusal.
    """
    named = {part.strip().removeprefix("W/").strip('"') for part in if_none_match.split(",")}
    return bool(named & {etag.strip('"'), "*"})
