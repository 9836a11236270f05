"""Passwords, where an installation has turned them on; elsewhere these addresses do not exist."""

import hashlib
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from service import arrivals, auth, limits, passwords, tries
from service.accounts import Account
from service.db import Database
from service.provide import Db, Now, Words
from service.refusals import NotFound, PasswordWeak
from service.web import entrance, onward
from service.web.declined import sentence
from service.web.look import render

TRIES, WINDOW = 10, 900  # wrong ones for one address in a quarter of an hour; the link by mail stays open
FROM_ONE_PLACE = 100  # a classroom shares a network address

Secret = Annotated[str, Meta(max_length=1000)]


class Claim(Struct, frozen=True, forbid_unknown_fields=True):
    """Who somebody says they are, and what only that person knows."""

    address: Annotated[str, Meta(max_length=254)] = ""
    password: Secret = ""
    onward: Annotated[str, Meta(max_length=500)] = ""


class Chosen(Struct, frozen=True, forbid_unknown_fields=True):
    """A new password; typed once: it can be shown, and there is always the link by mail."""

    password: Secret = ""


@post("/sign-in/password", include_in_schema=False, guards=[auth.may("logins", "begin")])
async def sign_in(
    data: URLEncodedBody[Claim], request: Request[Any, Any, Any], db: Db, now: Now, words: Words, state: State
) -> Response[Any]:
    """Unknown, without a password, wrong: the same answer after the same time."""
    _offered(state)
    origin = limits.origin(request, state.settings)
    what = [f"password:{_digest(data.address.strip().lower())}", f"passwords:{_digest(origin)}"]
    counted = [await tries.count(state.running, each, seconds=WINDOW) for each in what]
    if counted[0] > TRIES or counted[1] > FROM_ONE_PLACE:
        said = words.gettext("Too many tries. Wait a quarter of an hour, or ask for a link by email.")
        return _again(request, data, 429, said)
    async with db.read() as tx:
        account, hashed = await passwords.claimed(tx, data.address)
    if not await passwords.fits(hashed, data.password) or account is None:
        return _again(request, data, 422, words.gettext("The address or the password is not right"))
    for each in what:
        await tries.forgive(state.running, each)
    async with db.transaction() as tx:
        cookie = await arrivals.arrive(tx, request, account, "password")
    return Redirect(onward.safe(data.onward) or entrance.HOME, status_code=303, cookies=[cookie])


@get("/password", include_in_schema=False, guards=[auth.in_person, auth.may("passwords", "own")])
async def mine(me: auth.Me, request: Request[Any, Any, Any], db: Db, state: State) -> Response[str]:
    """Whether I have one, since when, and the form for another."""
    _offered(state)
    return await _page(request, db, me)


@post("/password", include_in_schema=False, guards=[auth.in_person, auth.may("passwords", "own"), auth.fresh])
async def choose(
    data: URLEncodedBody[Chosen],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    words: Words,
    state: State,
) -> Response[Any]:
    """Set it. Refuses one that is too short, known to others, or made of my own name."""
    _offered(state)
    async with db.read() as tx:
        names = await passwords.names_of(tx, me.id)
    try:
        hashed = await passwords.hashed_new(data.password, me=me, names=names, settings=state.settings)
    except PasswordWeak:
        return await _page(request, db, me, status=422, errors={"password": sentence(words, PasswordWeak)})
    async with db.transaction() as tx:
        await passwords.set_password(tx, me.id, hashed, now=now)
    return Redirect("/password", status_code=303)


@post("/password/removal", include_in_schema=False, guards=[auth.in_person, auth.may("passwords", "own"), auth.fresh])
async def remove(me: auth.Me, db: Db, state: State) -> Redirect:
    """I do without."""
    _offered(state)
    async with db.transaction() as tx:
        await passwords.remove(tx, me.id)
    return Redirect("/password", status_code=303)


def _offered(state: State) -> None:
    if state.settings.passwords != "on":
        raise NotFound


def _again(request: Request[Any, Any, Any], data: Claim, status: int, said: str) -> Response[str]:
    return entrance.form(request, status=status, email=data.address, errors={"password": said}, onward_to=data.onward)


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        set_at = await passwords.set_at(tx, me.id)
    return render(
        request,
        "identity/password.html",
        status=status,
        email=me.email,
        set_at=set_at,
        shortest=passwords.SHORTEST,
        errors=errors or {},
        is_fresh=auth.is_fresh(request),
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


HANDLERS = [sign_in, mine, choose, remove]
