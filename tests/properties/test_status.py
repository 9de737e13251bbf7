"""One array, three published lists: whatever happens to the entries, the lists never contradict each other."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tegata.keys.software import SoftwareSigner
from tegata.status import bitstring_status_list as bsl
from tegata.status import token_status_list as tsl
from tegata.status.bitstring_entry import ClaimedEntry
from tegata.status.entries import MIN_SIZE, Entries, Status

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_END = _NOW + timedelta(days=1)
_TTL = timedelta(minutes=5)
_URL = "https://issuer.example/status/1"
_SIGNER = SoftwareSigner.generate()
_HISTORIES = st.lists(
    st.dictionaries(st.integers(0, MIN_SIZE - 1), st.sampled_from(Status), min_size=1, max_size=10),
    max_size=4,
)


def _bit(entries: Entries, purpose: str, index: int) -> bool:
    document = bsl.render(
        entries,
        purpose,
        url=_URL,
        issuer="did:web:issuer.example",
        valid_from=_NOW,
        valid_until=_END,
        ttl=_TTL,
    )
    return bsl.check(ClaimedEntry(purpose, index, _URL), document, lambda found: found, now=_NOW).is_set


@settings(deadline=None, max_examples=50)
@given(_HISTORIES)
def test_all_renderings_say_the_same(history: list[dict[int, Status]]) -> None:
    entries, expected = Entries.unallocated(), dict[int, Status]()
    for changes in history:
        entries = entries.changed(changes)
        expected |= changes
    token = tsl.sign(entries, uri=_URL, issued_at=_NOW, expires_at=_END, ttl=_TTL, signer=_SIGNER)
    found = tsl.verify(tsl.parse(token), _SIGNER.public_key, now=_NOW, expected_uri=_URL)
    for index in [*expected, 0, MIN_SIZE - 1][:8]:
        status = expected.get(index, Status.INVALID)
        assert found.status_at(index) == status
        assert _bit(entries, bsl.REVOCATION, index) == (status in {Status.INVALID, Status.USED})
        assert _bit(entries, bsl.SUSPENSION, index) == (status is Status.SUSPENDED)
