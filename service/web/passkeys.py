"""Passkeys: added, named and removed by whoever has signed in; and signing in with one.

The script static/js/passkeys.js fetches the options, lets the device answer, and sends the form with the answer in it.
"""

from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from service import arrivals, auth, ceremonies, passkeys
from service.accounts import Account
from service.db import Database
from service.provide import Db, Now, Words
from service.refusals import NotFound, PasskeyKnown, PasskeyRefused
from service.settings import secret
from service.web import entrance, onward
from service.web.declined import sentence
from service.web.look import render

Name = Annotated[str, Meta(max_length=100)]
Given = Annotated[str, Meta(max_length=20_000)]


class Added(Struct, frozen=True, forbid_unknown_fields=True):
    """What the device answered, and what its owner calls it."""

    answer: Given = ""
    name: Name = ""


class Named(Struct, frozen=True, forbid_unknown_fields=True):
    """Another name."""

    name: Name = ""


class Shown(Struct, frozen=True, forbid_unknown_fields=True):
    """What the device answered, and where to go."""

    answer: Given = ""
    onward: Annotated[str, Meta(max_length=500)] = ""


@get("/passkeys", include_in_schema=False, guards=[auth.in_person, auth.may("passkeys", "own")])
async def mine(me: auth.Me, request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """All of mine, and the form for another."""
    return await _page(request, db, me)


@post(
    "/passkeys/options",
    include_in_schema=False,
    guards=[auth.in_person, auth.may("passkeys", "own"), auth.fresh],
    status_code=200,
)
async def options_to_add(me: auth.Me, db: Db, now: Now, state: State) -> dict[str, Any]:
    """What the browser needs to make one."""
    ceremony_id = uuid4()
    challenge = ceremonies.derived(secret(state.settings), ceremony_id, "challenge")
    async with db.transaction() as tx:
        await ceremonies.begin(tx, ceremony_id, "registration", answer=challenge, account_id=me.id, now=now)
        known = await passkeys.credentials_of(tx, me.id)
    return passkeys.registration_options(state.settings, me, known, challenge=challenge)


@post("/passkeys", include_in_schema=False, guards=[auth.in_person, auth.may("passkeys", "own"), auth.fresh])
async def add(
    data: URLEncodedBody[Added],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    words: Words,
    state: State,
) -> Response[Any]:
    """Keep what the device made for the challenge that was begun for me."""
    try:
        challenge = passkeys.challenge_in(data.answer)
        async with db.transaction() as tx:
            ceremony = await ceremonies.answered(tx, "registration", challenge, now=now)
        if ceremony is None or ceremony.account_id != me.id:
            raise PasskeyRefused
        name = data.name.strip() or words.gettext("Passkey of %(day)s", day=words.short_day(now))
        async with db.transaction() as tx:
            await passkeys.add(tx, me.id, data.answer, name=name, challenge=challenge, settings=state.settings, now=now)
    except (PasskeyRefused, PasskeyKnown) as refusal:
        return await _page(request, db, me, status=422, errors={"": sentence(words, type(refusal))})
    return Redirect("/passkeys", status_code=303)


@post("/passkeys/{passkey_id:uuid}/name", include_in_schema=False, guards=[auth.in_person, auth.may("passkeys", "own")])
async def rename(
    passkey_id: FromPath[UUID],
    data: URLEncodedBody[Named],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    words: Words,
) -> Response[Any]:
    """Call one of mine something else."""
    if not data.name.strip():
        said = words.gettext("Give the passkey a name")
        return await _page(request, db, me, status=422, errors={f"name-{passkey_id}": said})
    async with db.transaction() as tx:
        if not await passkeys.rename(tx, passkey_id, account_id=me.id, name=data.name.strip()):
            raise NotFound
    return Redirect("/passkeys", status_code=303)


@post(
    "/passkeys/{passkey_id:uuid}/removal",
    include_in_schema=False,
    guards=[auth.in_person, auth.may("passkeys", "own"), auth.fresh],
)
async def remove(passkey_id: FromPath[UUID], me: auth.Me, db: Db) -> Redirect:
    """It opens nothing here any more."""
    async with db.transaction() as tx:
        if not await passkeys.remove(tx, passkey_id, account_id=me.id):
            raise NotFound
    return Redirect("/passkeys", status_code=303)


@post("/sign-in/passkey/options", include_in_schema=False, guards=[auth.may("logins", "begin")], status_code=200)
async def options_to_sign_in(db: Db, now: Now, state: State) -> dict[str, Any]:
    """What the browser needs to find one; the same for everybody, because nobody has said who they are."""
    ceremony_id = uuid4()
    challenge = ceremonies.derived(secret(state.settings), ceremony_id, "challenge")
    async with db.transaction() as tx:
        await ceremonies.begin(tx, ceremony_id, "passkey", answer=challenge, now=now)
    return passkeys.sign_in_options(state.settings, challenge=challenge)


@post("/sign-in/passkey", include_in_schema=False, guards=[auth.may("logins", "begin")])
async def sign_in(
    data: URLEncodedBody[Shown], request: Request[Any, Any, Any], db: Db, now: Now, state: State
) -> Response[Any]:
    """A login for whoever's device signed a challenge of ours."""
    try:
        challenge = passkeys.challenge_in(data.answer)
        async with db.transaction() as tx:
            ceremony = await ceremonies.answered(tx, "passkey", challenge, now=now)
        if ceremony is None:
            raise PasskeyRefused
        async with db.transaction() as tx:
            account = await passkeys.use(tx, data.answer, challenge=challenge, settings=state.settings, now=now)
            cookie = await arrivals.arrive(tx, request, account, "passkey")
    except PasskeyRefused:
        return entrance.form(request, status=422, refusal=PasskeyRefused, onward_to=data.onward)
    return Redirect(onward.safe(data.onward) or entrance.HOME, status_code=303, cookies=[cookie])


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        held = await passkeys.of_account(tx, me.id)
    return render(
        request,
        "identity/passkeys.html",
        status=status,
        passkeys=held,
        errors=errors or {},
        is_fresh=auth.is_fresh(request),
    )


HANDLERS = [mine, options_to_add, add, rename, remove, options_to_sign_in, sign_in]
