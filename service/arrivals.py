"""Where every kind of sign-in ends: a login under a new secret, in this browser."""

from typing import Any

import asyncpg
from litestar import Request
from litestar.datastructures import Cookie

from service import auth, claims, devices, logins
from service.accounts import Account
from service.logins import Method
from service.settings import secret


async def arrive(tx: asyncpg.Connection, request: Request[Any, Any, Any], account: Account, method: Method) -> Cookie:
    """The cookie of the login that the account has in this browser from now on.

    One that it has here already goes on, confirmed; one of somebody else's ends. Either way the secret is new: whoever
    knew the former one, or planted it, has nothing (session fixation).
    """
    state = request.app.state
    now, settings = state.running.now(), state.settings
    fresh, former = auth.new_secret(), auth.cookie_secret(request, settings)
    goes_on = former is not None and await logins.confirm(
        tx, former, account_id=account.id, secret=fresh, method=method, now=now
    )
    if not goes_on:
        if former is not None:
            await logins.end(tx, former, now=now)
        device = devices.described(request.headers.get("user-agent", ""))
        await logins.begin(tx, account.id, secret=fresh, now=now, method=method, device=device)
    return auth.cookie(settings, claims.with_claim(secret(settings), fresh, account))
