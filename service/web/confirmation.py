"""Step-up: "Please confirm that it is you", with what the account has, and back to where its owner was."""

from typing import Annotated, Any
from uuid import uuid4

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import URLEncodedBody
from msgspec import Meta, Struct

from service import auth, limits, passkeys, passwords, sign_in_links
from service.provide import Db, Now
from service.settings import secret
from service.web import entrance, onward
from service.web.look import render


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go afterwards."""

    onward: Annotated[str, Meta(max_length=500)] = ""


@get("/confirmation", include_in_schema=False, guards=[auth.in_person, auth.may("logins", "confirm")])
async def page(me: auth.Me, request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """Every way in that this account has."""
    async with db.read() as tx:
        has_passkey = bool(await passkeys.credentials_of(tx, me.id))
        has_password = await passwords.set_at(tx, me.id) is not None
    offered = entrance.offered(request)
    return render(
        request,
        "identity/confirmation.html",
        email=me.email,
        minutes=entrance.MINUTES,
        onward=onward.safe(str(request.query_params.get("onward") or "")),
        has_passkey=has_passkey,
        provider=offered["provider"] and me.role != "candidate",
        passwords=offered["passwords"] and has_password,
    )


@post("/confirmation", include_in_schema=False, guards=[auth.in_person, auth.may("logins", "confirm")], status_code=200)
async def send_link(
    data: URLEncodedBody[Wish], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, state: State
) -> Response[str]:
    """A link to my own address: followed in this browser, it confirms the login that runs."""
    origin = limits.origin(request, state.settings)
    key = secret(state.settings)
    async with db.transaction() as tx:
        await sign_in_links.ask(tx, me.email, origin=origin, key=key, link_id=uuid4(), now=now)
    response = render(request, "sign_in_asked.html", email=me.email, minutes=entrance.MINUTES)
    response.set_cookie(onward.kept(request, onward.safe(data.onward) or entrance.HOME))
    return response


HANDLERS = [page, send_link]
