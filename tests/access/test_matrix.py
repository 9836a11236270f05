"""Every cell of the table, times whose thing it is, against the running service; none of them listed by hand.

What lies out of reach answers as what never was, to the letter; a refusal has changed nothing; and what is answered
names nothing of a world out of reach.
"""

import httpx
import pytest

from service.access import CAPACITIES, Column, Reach, columns_of
from tests.access import written
from tests.access.conftest import ACTORS, Actor, Ground
from tests.access.knocking import BODIES, QUERIES, Address, addresses, parameters
from tests.builders.worlds import World

WORLDS = ("nowhere", "own", "other", "elsewhere")
KEPT = {
    "feed_id",
    "login_id",
    "token_id",
    "passkey_id",
    "invitation_id",
    "bundle_id",
    "copy_id",
}  # by each for themselves
UNDER_API = ("/api", "/api/{path}")  # Litestar's own, which answer nobody
# Where somebody is let in and still told no: the link was never sent, the serial is a guess, there is no file.
SAID = {
    "POST /sign-in/{token}": (410,),
    "POST /certificates/{code}/holder": (422, 429),
    "POST /catalogue/imports": (422,),
    "POST /sign-in/password": (401, 404),  # passwords are off
    "POST /sign-in/passkey": (410, 422),  # no such key, and no challenge
    "GET /sign-in/provider": (404,),  # there is none
    "GET /sign-in/provider/return": (404, 410),
    "GET /password": (404,),
    "POST /password": (404,),
    "POST /password/removal": (404,),
    "POST /passkeys": (422,),
    "POST /bundles/{bundle_id}/cancellation": (404,),  # it is ready
    "POST /centre/bookings/{booking_id}/recognition": (409,),  # its scheme gives another kind of result …
    "POST /centre/bookings/{booking_id}/recognition/release": (404,),
    "POST /centre/bookings/{booking_id}/fee": (409,),  # … and is free of charge
    "POST /api/v1/bookings/{booking_id}/recognition": (409,),
    "PUT /api/v1/bookings/{booking_id}/fee": (409,),
    "POST /api/v1/bookings/{booking_id}/substitution": (404, 409, 422),  # the centre decides itself
    "POST /centre/bookings/{booking_id}/substitution": (422,),
    "POST /availability/calendar": (400, 422),  # there is no file
    "POST /centre/imports": (400, 404, 415, 422),
    "POST /api/v1/imports": (400, 415, 422),
    "DELETE /api/v1/certificates/{certificate_id}/suspension": (409,),
    "POST /centre/certificates/{certificate_id}/reinstatement": (409,),
    "POST /bookings/{booking_id}/rescheduling": (422,),  # the free place is for another unit
    "POST /api/v1/bookings/{booking_id}/rescheduling": (422,),
    "PUT /day/{session_id}/photos/{booking_id}/{photo_id}": (415,),
    "POST /api/v1/recordings/{recording_id}/corrections": (409,),
    **written.SAID,
    "POST /centre/bookings/{booking_id}/annulment": (409,),  # nobody of the jury has a tie
    "POST /api/v1/bookings/{booking_id}/annulment": (409,),
}
NEVER_ABSENT = ("GET /api/v1/certificates/{code}",)  # unknown is an answer: invariant 15


@pytest.mark.parametrize("name", ACTORS)
async def test_every_cell(ground: Ground, name: str) -> None:
    """Of everyone who may knock: each address, for things of their own, of others, of another centre, and of nobody."""
    actor = ground.actors[name]
    faults = [fault for address in addresses(ground.app) for fault in await _faults(ground, address, actor)]
    assert faults == []


async def _faults(ground: Ground, address: Address, actor: Actor) -> list[str]:
    """What this person meets at this address in every world, where it is not what the table says."""
    if address.path in UNDER_API:
        return []
    never, faults = None, []
    for world in WORLDS if address.names_something else ("own",):
        answer, names = await _knock(ground, address, actor, world)
        never = never or (answer, names)
        fault = _fault(ground, address, actor, world, answer)
        if fault is None and answer.status_code == 404 and _bare(answer, names) != _bare(*never):
            fault = "it is not what is said of what never was"
        if fault is not None:
            faults.append(f"{address.name} as {actor.name}, {world}: {answer.status_code}, {fault}")
    return faults


def _fault(ground: Ground, address: Address, actor: Actor, world: str, answer: httpx.Response) -> str | None:
    status, expected = answer.status_code, _expectation(ground, address, actor, world)
    wrote = ground.forget()
    if expected != "in":
        return f"the table says {expected}" if status != expected else "something was written" if wrote else None
    if status >= 400 and status not in SAID.get(address.name, ()):
        return f"the table lets them in: {answer.text[:300]}"
    if status == 200 and (named := _out_of_reach(ground, address, actor, answer)):
        return f"it names {named}"
    return None


def _out_of_reach(ground: Ground, address: Address, actor: Actor, answer: httpx.Response) -> list[str]:
    """What the answer names of worlds that this line does not open to the caller."""
    worlds = ground.worlds.values()
    opened = [world for world in worlds if _is_open(address, actor, actor, world)]
    known = {name for world in opened for name in world.names}
    return [name for world in worlds if world not in opened for name in world.names - known if name in answer.text]


def _expectation(ground: Ground, address: Address, actor: Actor, name: str) -> str | int:
    assert address.rule is not None
    if not address.rule.admits(actor.account):
        return 403 if actor.account else 401
    if not address.names_something or address.name in NEVER_ABSENT:
        return "in"
    if name == "nowhere":
        return 404
    return "in" if _is_open(address, actor, _whose(ground, actor, name), ground.worlds[name]) else 404


def _is_open(address: Address, actor: Actor, owner: Actor, world: World) -> bool:
    """Whether by any of their columns the caller reaches what is in this world."""
    assert address.rule is not None
    reaches = [(column, address.rule.of(column)) for column in columns_of(actor.account)]
    return any(_is_within(reach, column, address, actor, owner, world) for column, reach in reaches)


def _is_within(reach: Reach, column: Column, address: Address, actor: Actor, owner: Actor, world: World) -> bool:
    """Whether a thing of this world lies within a reach."""
    if reach in ("any", "address"):
        return True
    account = actor.account
    if account is None or reach == "none":
        return False
    if reach == "centre":
        return account.centre_id == world.centre_id or (account.role == "auditor" and account.centre_id is None)
    if reach == "jury":
        return account.assessor_id is not None and account.assessor_id == world.jury[column]
    if KEPT & {*address.parameters}:
        return owner is actor
    if column == "reviewer":
        return account.assessor_id == world.reviewer_id
    if column in CAPACITIES:  # their own grid
        return account.assessor_id == world.jury[column] and ("booking_id" in address.parameters or owner is actor)
    if column == "candidate":
        return account.candidate_id == world.candidate_id
    return account.assessor_id in (*world.jury.values(), world.reviewer_id) and owner is actor


def _whose(ground: Ground, actor: Actor, name: str) -> Actor:
    """In the own world, what can be anybody's is the caller's; in all others somebody else's."""
    others = (ground.actors["candidate"], ground.actors["another candidate"])
    return actor if name == "own" and actor.account else next(one for one in others if one is not actor)


async def _knock(ground: Ground, address: Address, actor: Actor, name: str) -> tuple[httpx.Response, list[str]]:
    """Ask, with a valid body; and what the path named."""
    world = ground.worlds.get(name)
    owner = _whose(ground, actor, name)
    values = parameters(address, world, actor, owner)
    body = BODIES[address.name](world, actor, owner) if address.name in BODIES else None
    ground.client.cookies.clear()
    headers = {"Idempotency-Key": "the-matrix", "X-Request-ID": "the-matrix", "Accept-Language": "en", "If-Match": "*"}
    if actor.secret:
        headers["Cookie"] = f"preuve={actor.secret}"
    answer = await ground.client.request(
        address.method,
        address.path.format(**values),
        headers=headers,
        params=QUERIES[address.name](world, actor, owner) if address.name in QUERIES else None,
        **({"json" if address.is_api else "data": body} if body is not None else {}),
    )
    return answer, list(values.values())


def _bare(answer: httpx.Response, names: list[str]) -> str:
    """The body without what differs from one request to the next."""
    text = answer.text
    for name in names:
        text = text.replace(name, "…")
    return text
