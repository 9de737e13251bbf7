"""An organisation with a request in every state that one can be in, and results of every verdict."""

from dataclasses import dataclass, replace
from datetime import timedelta

from schemas import catalogue
from tegata.codec import json
from tegata.doubles.wallet.present import present
from tegata.doubles.wallet.request import read_request
from tegata.doubles.wallet.store import Held, WalletStore, new_key
from tegata.formats.credential import StatusReference
from tegata.status.entries import Status
from tests.verifier.conftest import World
from tests.verifier.console.desk import Staff, add_staff
from tests.verifier.wallet_api.answers import form_of
from verifier.api.keys import Scope
from verifier.requests.expansion import expand
from verifier.requests.templates import get
from verifier.wallet_api.service import Order, RequestView

REVOKED, SUSPENDED = 7, 8
SESSION = "a browser that started on this device"


@dataclass(frozen=True)
class Scenes:
    """The ids of what there is, and who can look at it."""

    world: World
    staff: Staff
    beginner: Staff
    open: str
    fetched: str
    ending: str
    awaited: str
    expired: str
    declined: str
    refused: str
    valid: str
    several: str
    unasked: str
    revoked: str
    suspended: str
    undecided: str
    ask_open: str
    ask_answered: str
    ask_declined: str
    ask_expired: str
    key: str
    master: str
    tampered: str
    bound: str

    def address_of(self, identifier: str) -> str:
        """Return the address on which somebody is asked."""
        return _address(_find(self.world, identifier))

    def new_return(self) -> str:
        """Let somebody answer on the device that shows the request; returns where their browser has to come back."""
        view = ask(self.world, self.staff, "return")
        link = self.world.verifier.presentations.start(_address(view), SESSION, self.world.now())
        return answer(self.world, link, held(self.world))


def ask(
    world: World, staff: Staff, reference: str, template: str = "graduation", **changes: object
) -> RequestView:
    """Make a request as somebody of the organisation."""
    query = expand(get(template).items, catalogue.load())
    order = Order(
        tenant_id=world.tenant_id,
        query=query,
        purpose=get(template).purpose.ja,
        template=template,
        reference=reference,
        created_by=staff.account_id,
    )
    at = world.now() - changes.pop("ago", timedelta())  # type: ignore[operator]  # a timedelta
    return world.verifier.presentations.create(replace(order, **changes), at)  # type: ignore[arg-type]


def held(
    world: World, name: str = "graduation", index: int = 0, *, lost: bool = False, w3c: bool = False
) -> Held:
    """Return a copy of a document in a wallet; one that is lost names a status list that is nowhere."""
    signer, pem = new_key()
    document = world.school.document(name, index)
    if lost:
        gone = f"{world.school.base}/gone"
        document = replace(document, status=StatusReference(index, gone, gone, gone))
    if w3c:
        credential = json.loads(world.school.w3c(document, signer.public_key))
    else:
        credential = world.school.sd_jwt_vc(document, signer.public_key).decode("ascii")
    return WalletStore(world.folder / "none").add(
        format="ldp_vc" if w3c else "dc+sd-jwt",
        configuration_id=name,
        credential_issuer=world.school.identifier,
        credential=credential,
        private_key_pem=pem,
    )


def answer(world: World, link: str, *copies: Held) -> str:
    """Answer a request with these copies alone; returns where the browser has to go next."""
    wallet = WalletStore(world.folder / f"wallet-{len(list(world.folder.iterdir()))}")
    for copy in copies:
        wallet.add(
            format=copy.format,
            configuration_id=copy.configuration_id,
            credential_issuer=copy.credential_issuer,
            credential=copy.credential,
            private_key_pem=copy.private_key_pem,
        )
    return present(link, wallet, world.http(), world.now, catalogue.contexts()).redirect_uri


def build_scenes(world: World) -> Scenes:
    """Bring everything about over the real protocol."""
    world.school.set_status(REVOKED, Status.INVALID)
    world.school.set_status(SUSPENDED, Status.SUSPENDED)
    world.school.publish(world.server)
    staff = add_staff(world, "admission@university.example")
    beginner = add_staff(world, "begin@college.example", world.new_tenant("例示短期大学"), name="新任 太郎")

    def answered(reference: str, *copies: Held, template: str = "graduation") -> str:
        view = ask(world, staff, reference, template)
        answer(world, _cross(view), *copies)
        return view.id

    opened, fetched = ask(world, staff, "A-0001"), ask(world, staff, "A-0002")
    ending = ask(world, staff, "A-0003", lifetime=timedelta(seconds=100))
    read_request(_cross(fetched), world.http())
    awaited = ask(world, staff, "A-0004")
    answer(world, world.verifier.presentations.start(_address(awaited), "another", world.now()), held(world))
    expired = ask(world, staff, "A-0005", ago=timedelta(hours=1))
    declined, refused = (
        _declined(world, staff, "A-0006", "access_denied"),
        _declined(world, staff, "A-0007", "vp_formats_not_supported"),
    )
    valid = answered("A-0008", held(world))
    key = world.verifier.keys.create(
        world.tenant_id, "出願システム", frozenset({Scope.CREATE_REQUESTS, Scope.READ_REQUESTS}), world.now(),
        world.now() + timedelta(days=365),
    )  # fmt: skip
    old = world.verifier.keys.create(world.tenant_id, "以前の出願システム", frozenset(Scope), world.now())
    world.verifier.keys.revoke(world.tenant_id, old.split("_")[1], world.now())
    bound = str(held(world).credential)
    return Scenes(
        world=world,
        staff=staff,
        beginner=beginner,
        open=opened.id,
        fetched=fetched.id,
        ending=ending.id,
        awaited=awaited.id,
        expired=expired.id,
        declined=declined,
        refused=refused,
        valid=valid,
        several=answered("A-0009", held(world), held(world, "transcript"), template="admissions"),
        unasked=answered("A-0010", held(world, w3c=True)),
        revoked=answered("A-0011", held(world, index=REVOKED)),
        suspended=answered("A-0012", held(world, index=SUSPENDED)),
        undecided=answered("A-0013", held(world, lost=True)),
        ask_open=_address(opened),
        ask_answered=_stored_address(world, valid),
        ask_declined=_stored_address(world, declined),
        ask_expired=_stored_address(world, expired.id),
        key=key.split("_")[1],
        master=world.school.w3c(world.school.document("graduation"), None).decode("utf-8"),
        tampered=_tampered(bound),
        bound=bound,
    )


def _declined(world: World, staff: Staff, reference: str, error: str) -> str:
    view = ask(world, staff, reference)
    request = read_request(_cross(view), world.http())
    sent = world.client.post(request.response_uri, data=form_of(request, {"error": error}))
    assert sent.status_code == 200, sent.text
    return view.id


def _tampered(credential: str) -> str:
    """Return the credential with another signature of the same form."""
    token, _, rest = credential.partition("~")
    head, _, signature = token.rpartition(".")
    other = "B" if signature[10] == "A" else "A"
    return f"{head}.{signature[:10]}{other}{signature[11:]}~{rest}"


def _find(world: World, identifier: str) -> RequestView:
    return world.verifier.presentations.find(world.tenant_id, identifier, world.now())


def _cross(view: RequestView) -> str:
    assert view.links is not None
    return view.links.cross_device


def _address(view: RequestView) -> str:
    assert view.links is not None
    return view.links.same_device.rsplit("/", 1)[1]


def _stored_address(world: World, identifier: str) -> str:
    """Return the address of a request that is over: its page no longer says it."""
    from verifier.wallet_api import store  # noqa: PLC0415  beside its only use

    with world.verifier.database.reading() as connection:
        stored = store.by_id(connection, world.tenant_id, identifier)
    assert stored is not None
    return stored.terms.same_device_id
