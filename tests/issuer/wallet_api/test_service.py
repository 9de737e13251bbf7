"""What a wallet may do and how often, on both databases; time is an argument."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from issuer.base import AUDIT
from issuer.issuance import store as documents
from issuer.issuance.entitlements import WALLETS, Invitation, claim_token, make_slip
from issuer.issuance.tables import Entitlement
from issuer.oid4vci.errors import (
    InvalidCredentialRequest,
    InvalidGrant,
    InvalidNonce,
    InvalidProof,
    InvalidRequest,
    InvalidToken,
    Oid4vciRefused,
    RequestDenied,
    TransactionCodeLocked,
    UnknownNotification,
    WrongTransactionCode,
)
from issuer.oid4vci.metadata import BATCH_SIZE
from issuer.status import store as status
from issuer.status.service import Change, Reason, StatusService
from issuer.wallet_api.service import (
    CODE_LIFETIME,
    CODE_REST,
    MAX_INSTANCES,
    TOKEN_LIFETIME,
    InvitationEnded,
)
from issuer.wallet_api.store import forget_nonces
from issuer.wallet_api.tables import Instance, UsedNonce
from tegata.codec import json
from tegata.errors import NotFound
from tegata.formats import data_integrity, sd_jwt_vc
from tegata.formats.credential import Verified
from tegata.identity.certificates import KeyUse
from tegata.keys import jwk
from tegata.keys.software import SoftwareSigner
from tegata.status.entries import Status
from tests.issuer.wallet_api.conftest import Wallet, token_of
from tests.simulators import claiming

_entitlement = Entitlement.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_instance = Instance.__table__  # type: ignore[attr-defined]  # same
_nonce = UsedNonce.__table__  # type: ignore[attr-defined]  # same
SECOND = timedelta(seconds=1)


def _code(wallet: Wallet, invitation: Invitation, later: timedelta = timedelta()) -> str:
    return claiming.code_of(wallet.service, wallet.school, token_of(invitation), wallet.now + later)


def _token(wallet: Wallet, code: str, transaction_code: str = "", later: timedelta = timedelta()) -> str:
    answer = claiming.token_of(wallet.service, wallet.school, code, wallet.now + later, transaction_code)
    return str(answer["access_token"])


def _claim(wallet: Wallet, invitation: Invitation, **more: Any) -> dict[str, Any]:
    return claiming.claim(wallet.service, wallet.school, token_of(invitation), wallet.now, **more)


def _copies(wallet: Wallet, token: str, *signers: SoftwareSigner, name: str = "graduation-sd-jwt") -> Any:
    answer = claiming.credential_of(wallet.service, wallet.school, token, name, wallet.now, signers)
    return [item["credential"] for item in answer["credentials"]]


def _row(wallet: Wallet, invitation: Invitation) -> Any:
    with wallet.ready.workshop.database.reading() as connection:
        query = select(_entitlement).where(_entitlement.c.id == invitation.entitlement_id)
        return connection.execute(query).one()


def _outcomes(count: int, call: Callable[[int], object]) -> list[str]:
    def one(step: int) -> str:
        try:
            call(step)
        except Oid4vciRefused as refused:
            return type(refused).__name__
        return "done"

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(one, range(count)))


# --- offers and codes ---


def test_an_offer_asked_for_again_is_the_same_until_its_code_is_used(wallet: Wallet) -> None:
    """eudi-app-android-wallet-ui#478: a wallet fetches the offer twice."""
    link = wallet.link()
    first = wallet.service.offer(wallet.school, token_of(link), wallet.now)
    again = wallet.service.offer(
        wallet.school, token_of(link), wallet.now + CODE_LIFETIME - CODE_REST - SECOND
    )
    assert again == first
    code = _code(wallet, link)
    _token(wallet, code)
    assert _code(wallet, link) != code


def test_an_offer_asked_for_by_many_at_once_has_one_code(wallet: Wallet) -> None:
    link = wallet.link()
    with ThreadPoolExecutor(8) as pool:
        codes = set(pool.map(lambda _: _code(wallet, link), range(8)))
    assert len(codes) == 1


def test_a_code_that_is_about_to_end_is_not_handed_out_any_more(wallet: Wallet) -> None:
    link = wallet.link()
    assert _code(wallet, link) != _code(wallet, link, CODE_LIFETIME - CODE_REST + SECOND)


def test_a_code_works_once(wallet: Wallet) -> None:
    code = _code(wallet, wallet.link())
    _token(wallet, code)
    with pytest.raises(InvalidGrant):
        _token(wallet, code)


def test_of_many_who_use_one_code_at_once_exactly_one_wins(wallet: Wallet) -> None:
    """keycloak/keycloak#48902, walt-id/waltid-identity#2074: one offer was claimed by two wallets."""
    code = _code(wallet, wallet.link())
    outcomes = _outcomes(8, lambda _: _token(wallet, code))
    assert outcomes == ["InvalidGrant"] * 7 + ["done"]


def test_a_code_ends(wallet: Wallet) -> None:
    code = _code(wallet, wallet.link())
    with pytest.raises(InvalidGrant):
        _token(wallet, code, later=CODE_LIFETIME + SECOND)


@pytest.mark.parametrize("whose", ["sister", "stranger"])
def test_a_link_or_a_code_of_this_school_is_nothing_at_another(wallet: Wallet, whose: str) -> None:
    other = getattr(wallet, whose)
    link = wallet.link()
    code = _code(wallet, link)
    with pytest.raises(NotFound):
        wallet.service.offer(other, token_of(link), wallet.now)
    with pytest.raises(InvalidGrant):
        claiming.token_of(wallet.service, other, code, wallet.now)
    _token(wallet, code)


def test_a_link_that_nobody_made_is_not_found(wallet: Wallet) -> None:
    made = claim_token(b"x" * 32, wallet.link().entitlement_id)
    for text in (made, "", "A" * 43, "あ", "\x00", claim_token(wallet.ready.workshop.secret, "0" * 32)):
        with pytest.raises(NotFound):
            wallet.service.offer(wallet.school, text, wallet.now)


def test_an_ended_link_says_so_and_its_code_ends_with_it(wallet: Wallet) -> None:
    link = wallet.link()
    with pytest.raises(InvitationEnded):
        _code(wallet, link, link.claim_until - wallet.now + SECOND)
    code = _code(wallet, link, link.claim_until - wallet.now - SECOND)
    with pytest.raises(InvalidGrant):
        _token(wallet, code, later=link.claim_until - wallet.now + SECOND)


def test_as_many_wallets_as_allowed_take_a_place_and_no_more(wallet: Wallet) -> None:
    link = wallet.link()
    for _ in range(WALLETS):
        _claim(wallet, link)
    with pytest.raises(InvitationEnded):
        _claim(wallet, link)


def test_the_last_place_goes_to_one_of_those_who_ask_at_once(wallet: Wallet) -> None:
    link = wallet.link()
    tokens = [_token(wallet, _code(wallet, link)) for _ in range(WALLETS + 2)]
    outcomes = _outcomes(len(tokens), lambda step: _copies(wallet, tokens[step]))
    assert outcomes == ["RequestDenied"] * 2 + ["done"] * WALLETS
    assert _row(wallet, link).wallets_claimed == WALLETS


def test_a_wallet_that_asks_several_times_at_once_takes_one_place(wallet: Wallet) -> None:
    link = wallet.link()
    token = _token(wallet, _code(wallet, link))
    assert _outcomes(6, lambda _: _copies(wallet, token)) == ["done"] * 6
    assert _row(wallet, link).wallets_claimed == 1


# --- 確認番号 ---


def _wrong(slip: Invitation) -> str:
    return f"{(int(slip.transaction_code) + 1) % 1_000_000:06d}"


def test_a_slip_is_claimed_with_its_number_however_it_is_typed(wallet: Wallet) -> None:
    slip = wallet.slip()
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in slip.transaction_code)
    assert len(_claim(wallet, slip, transaction_code=full_width)["credentials"]) == 1


def test_a_wrong_number_burns_nothing(wallet: Wallet) -> None:
    """keycloak/keycloak#49787: a wrong tx_code burned the code, so anyone could kill an offer."""
    slip = wallet.slip()
    code = _code(wallet, slip)
    for left in (4, 3):
        with pytest.raises(WrongTransactionCode, match="wrong tx_code") as refused:
            _token(wallet, code, _wrong(slip))
        assert f"あと{left}回" in refused.value.public.ja
    _token(wallet, code, slip.transaction_code)
    assert _row(wallet, slip).wrong_attempts == 0


def test_a_number_that_is_missing_or_not_asked_for_is_refused_and_not_counted(wallet: Wallet) -> None:
    slip, link = wallet.slip(), wallet.link()
    with pytest.raises(InvalidRequest):
        _token(wallet, _code(wallet, slip))
    with pytest.raises(InvalidRequest):
        _token(wallet, _code(wallet, link), "123456")
    assert _row(wallet, slip).wrong_attempts == 0


def test_after_five_wrong_numbers_the_invitation_rests_and_each_rest_is_twice_as_long(wallet: Wallet) -> None:
    slip = wallet.slip()
    later = timedelta()
    for minutes in (15, 30, 60):
        code = _code(wallet, slip, later)
        for _ in range(4):
            with pytest.raises(WrongTransactionCode):
                _token(wallet, code, _wrong(slip), later)
        with pytest.raises(TransactionCodeLocked):
            _token(wallet, code, _wrong(slip), later)
        rest = timedelta(minutes=minutes)
        with pytest.raises(TransactionCodeLocked):
            _token(wallet, code, slip.transaction_code, later + rest - SECOND)
        later += rest
    _token(wallet, _code(wallet, slip, later), slip.transaction_code, later)
    row = _row(wallet, slip)
    assert (row.wrong_attempts, row.lock_count, row.locked_until) == (0, 0, None)


def test_guesses_made_at_once_are_all_counted(wallet: Wallet) -> None:
    slip = wallet.slip()
    code = _code(wallet, slip)
    outcomes = _outcomes(8, lambda _: _token(wallet, code, _wrong(slip)))
    assert outcomes == ["TransactionCodeLocked"] * 4 + ["WrongTransactionCode"] * 4


def test_a_new_slip_kills_the_old_one_and_its_open_code_at_once(wallet: Wallet) -> None:
    old = wallet.slip()
    code = _code(wallet, old)
    token = _token(wallet, _code(wallet, old), old.transaction_code)
    new = make_slip(wallet.ready.workshop, wallet.school.tenant_id, old.document_id, "clerk", wallet.now)
    with pytest.raises(InvitationEnded):
        _code(wallet, old)
    with pytest.raises(InvalidGrant):
        _token(wallet, code, old.transaction_code)
    with pytest.raises(RequestDenied):
        _copies(wallet, token)
    assert len(_claim(wallet, new, transaction_code=new.transaction_code)["credentials"]) == 1


def test_a_new_slip_and_a_claim_at_once_never_block_each_other(wallet: Wallet) -> None:
    slip = wallet.slip()
    token = _token(wallet, _code(wallet, slip), slip.transaction_code)
    tenant = wallet.school.tenant_id

    def act(step: int) -> object:
        if step % 2:
            return make_slip(wallet.ready.workshop, tenant, slip.document_id, "clerk", wallet.now)
        return _copies(wallet, token)

    assert set(_outcomes(8, act)) <= {"done", "RequestDenied"}


# --- nonces and tokens ---


def test_a_nonce_is_accepted_only_once(wallet: Wallet) -> None:
    token = _token(wallet, _code(wallet, wallet.link()))
    nonce = wallet.service.nonce(wallet.school, wallet.now)

    def ask(_step: int = 0) -> object:
        proof = claiming.proof(SoftwareSigner.generate(), wallet.school, nonce, wallet.now)
        body = {"credential_configuration_id": "graduation-sd-jwt", "proofs": {"jwt": [proof]}}
        return wallet.service.credential(wallet.school, token, body, wallet.now)

    assert _outcomes(6, ask) == ["InvalidNonce"] * 5 + ["done"]
    with pytest.raises(InvalidNonce):
        ask()


def test_a_used_nonce_is_forgotten_when_it_would_have_ended(wallet: Wallet) -> None:
    link = wallet.link()
    _claim(wallet, link)
    much_later = wallet.now + timedelta(hours=1)
    with wallet.ready.workshop.database.reading() as connection:
        before = connection.execute(select(func.count()).select_from(_nonce)).scalar_one()
    claiming.claim(wallet.service, wallet.school, token_of(link), much_later)
    with wallet.ready.workshop.database.writing() as connection:
        assert forget_nonces(connection, much_later) == before
        assert forget_nonces(connection, much_later) == 0
        after = connection.execute(select(func.count()).select_from(_nonce)).scalar_one()
    assert before >= 1
    assert after == 1


def test_an_access_token_ends_and_belongs_to_one_school(wallet: Wallet) -> None:
    token = _token(wallet, _code(wallet, wallet.link()))
    late = wallet.now + TOKEN_LIFETIME + SECOND
    for school, now in ((wallet.school, late), (wallet.sister, wallet.now), (wallet.stranger, wallet.now)):
        with pytest.raises(InvalidToken):
            claiming.credential_of(wallet.service, school, token, "graduation-sd-jwt", now)
    assert len(_copies(wallet, token)) == 1


def test_a_nonce_of_another_school_is_refused(wallet: Wallet) -> None:
    token = _token(wallet, _code(wallet, wallet.link()))
    nonce = wallet.service.nonce(wallet.sister, wallet.now)
    proof = claiming.proof(SoftwareSigner.generate(), wallet.school, nonce, wallet.now)
    body = {"credential_configuration_id": "graduation-sd-jwt", "proofs": {"jwt": [proof]}}
    with pytest.raises(InvalidNonce):
        wallet.service.credential(wallet.school, token, body, wallet.now)


# --- copies ---


def _verified(wallet: Wallet, credential: Any) -> Verified:
    workshop = wallet.ready.workshop
    signer, _ = workshop.keys.signer(wallet.school.id, KeyUse.COPY, wallet.now)
    if isinstance(credential, str):
        return sd_jwt_vc.verify(sd_jwt_vc.parse(credential.encode()), signer.public_key, now=wallet.now)
    parsed = data_integrity.parse(json.dumps(credential), workshop.contexts)
    return data_integrity.verify(parsed, signer.public_key, now=wallet.now)


def _number(wallet: Wallet, invitation: Invitation) -> str | None:
    with wallet.ready.workshop.database.reading() as connection:
        return documents.document(connection, wallet.school.tenant_id, invitation.document_id).number


@pytest.mark.parametrize("name", ["graduation-sd-jwt", "graduation-ldp"])
def test_a_copy_verifies_and_is_bound_to_the_wallets_key(wallet: Wallet, name: str) -> None:
    link, key = wallet.link(), SoftwareSigner.generate()
    token = _token(wallet, _code(wallet, link))
    (credential,) = _copies(wallet, token, key, name=name)
    verified = _verified(wallet, credential)
    assert verified.claims["document_number"] == _number(wallet, link)
    assert verified.issuer == (wallet.school.issuer if name.endswith("jwt") else wallet.school.did)
    with wallet.ready.workshop.database.reading() as connection:
        row = connection.execute(select(_instance).where(_instance.c.document_id == link.document_id)).one()
    assert row.holder_key_thumbprint == jwk.thumbprint(key.public_key)
    if isinstance(credential, str):
        assert verified.holder_key is not None
        assert jwk.thumbprint(verified.holder_key) == jwk.thumbprint(key.public_key)
    else:
        assert credential["credentialSubject"]["id"].startswith("did:")
        assert "id" not in credential, "an id of its own would link the copies"


@pytest.mark.parametrize("name", ["graduation-sd-jwt", "graduation-ldp"])
def test_each_copy_of_a_batch_has_salts_and_a_slot_of_its_own(wallet: Wallet, name: str) -> None:
    link = wallet.link()
    keys = [SoftwareSigner.generate() for _ in range(BATCH_SIZE)]
    copies = _copies(wallet, _token(wallet, _code(wallet, link)), *keys, name=name)
    assert len(copies) == BATCH_SIZE
    with wallet.ready.workshop.database.reading() as connection:
        slots = status.slots_of(connection, link.document_id)
    assert len(slots) == len(set(slots)) == BATCH_SIZE + 1
    if name.endswith("jwt"):
        disclosures = [part for copy in copies for part in copy.split("~")[1:-1]]
        assert len(disclosures) == len(set(disclosures))
    verified = [_verified(wallet, copy) for copy in copies]
    assert len({json.dumps(item.status) for item in verified}) == BATCH_SIZE
    claims = [{key: value for key, value in item.claims.items() if key != "id"} for item in verified]
    assert all(item == claims[0] for item in claims)


def test_one_token_gives_a_limited_number_of_copies(wallet: Wallet) -> None:
    token = _token(wallet, _code(wallet, wallet.link()))
    for _ in range(MAX_INSTANCES // BATCH_SIZE):
        _copies(wallet, token, *[SoftwareSigner.generate() for _ in range(BATCH_SIZE)])
    with pytest.raises(RequestDenied):
        _copies(wallet, token)


def test_too_many_proofs_and_two_for_one_key_are_refused(wallet: Wallet) -> None:
    link = wallet.link()
    token = _token(wallet, _code(wallet, link))
    with pytest.raises(InvalidCredentialRequest):
        _copies(wallet, token, *[SoftwareSigner.generate() for _ in range(BATCH_SIZE + 1)])
    key = SoftwareSigner.generate()
    with pytest.raises(InvalidProof):
        _copies(wallet, token, key, key)
    with wallet.ready.workshop.database.reading() as connection:
        slots = status.slots_of(connection, link.document_id)
    assert len(slots) == 1, "the master's alone"


@pytest.mark.parametrize(
    "change", [Change(Status.INVALID, Reason.ERROR), Change(Status.SUSPENDED, Reason.INVESTIGATION)]
)
def test_a_document_that_is_not_valid_is_not_handed_out(wallet: Wallet, change: Change) -> None:
    link = wallet.link()
    token = _token(wallet, _code(wallet, link))
    workshop = wallet.ready.workshop
    service = StatusService(workshop.database, workshop.vault)
    service.change(wallet.school.tenant_id, link.document_id, change, "clerk", wallet.now)
    with pytest.raises(RequestDenied):
        _copies(wallet, token)


def test_a_refused_request_leaves_nothing_behind(wallet: Wallet) -> None:
    link = wallet.link()
    token = _token(wallet, _code(wallet, link))
    with wallet.ready.workshop.database.writing() as connection:
        closed = update(_entitlement).where(_entitlement.c.id == link.entitlement_id).values(state="replaced")
        connection.execute(closed)
    with pytest.raises(RequestDenied):
        _copies(wallet, token)
    with wallet.ready.workshop.database.reading() as connection:
        slots = status.slots_of(connection, link.document_id)
        copies = connection.execute(
            select(func.count()).where(_instance.c.document_id == link.document_id)
        ).scalar()
    assert (len(slots), copies, _row(wallet, link).wallets_claimed) == (1, 0, 0)


# --- notifications, audit ---


def test_a_notification_is_recorded_and_may_be_repeated(wallet: Wallet) -> None:
    link = wallet.link()
    token = _token(wallet, _code(wallet, link))
    answer = claiming.credential_of(wallet.service, wallet.school, token, "graduation-sd-jwt", wallet.now)
    body = {"notification_id": answer["notification_id"], "event": "credential_accepted"}
    for _ in range(2):
        wallet.service.notify(wallet.school, token, body, wallet.now)
    with wallet.ready.workshop.database.reading() as connection:
        row = connection.execute(select(_instance).where(_instance.c.document_id == link.document_id)).one()
    assert (row.event, row.event_at) == ("credential_accepted", wallet.now)


def test_a_notification_about_somebody_elses_copy_is_unknown(wallet: Wallet) -> None:
    answer = _claim(wallet, wallet.link())
    other = _token(wallet, _code(wallet, wallet.link()))
    body = {"notification_id": answer["notification_id"], "event": "credential_deleted"}
    with pytest.raises(UnknownNotification):
        wallet.service.notify(wallet.school, other, body, wallet.now)


def test_every_step_leaves_an_audit_row_without_a_name(wallet: Wallet) -> None:
    link = wallet.link()
    _claim(wallet, link)
    with wallet.ready.workshop.database.reading() as connection:
        copies = select(_instance.c.id).where(_instance.c.document_id == link.document_id)
        rows = connection.execute(
            select(AUDIT.row.c.action, AUDIT.row.c.actor).where(
                AUDIT.row.c.object_id.in_([link.entitlement_id, *connection.execute(copies).scalars()])
            )
        )
        found = {(row.action, row.actor) for row in rows}
    assert found == {("code.consumed", "wallet"), ("copy.recorded", "wallet")}
