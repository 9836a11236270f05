"""Signing in at the OpenID provider of the organisation: there, and back again."""

import hmac
from typing import Any
from uuid import uuid4

from litestar import Request, Response, get
from litestar.datastructures import Cookie, State
from litestar.response import Redirect

from service import arrivals, auth, ceremonies, logs, provider_subjects
from service.openid import Provider
from service.provide import Db, Now
from service.refusals import NotFound, ProviderAway, ProviderRefused
from service.settings import Settings, secret
from service.web import entrance, onward

UNTOLD = {"Referrer-Policy": "no-referrer"}  # the address of the way back holds the provider's code


@get("/sign-in/provider", include_in_schema=False, guards=[auth.may("logins", "begin")])
async def begin(request: Request[Any, Any, Any], db: Db, now: Now, state: State) -> Response[Any]:
    """Off to the provider. This browser keeps the state, too: nobody can hand it a sign-in that others began."""
    provider, key, ceremony_id = _provider(state), secret(state.settings), uuid4()
    answer = ceremonies.derived(key, ceremony_id, "state")
    try:
        address = await provider.address(
            state=answer.hex(),
            nonce=ceremonies.text(ceremonies.derived(key, ceremony_id, "nonce")),
            verifier=ceremonies.text(ceremonies.derived(key, ceremony_id, "verifier")),
            now=now,
        )
    except (ProviderAway, ProviderRefused) as refusal:
        return _refused(request, refusal)
    to = onward.safe(str(request.query_params.get("onward") or ""))
    async with db.transaction() as tx:
        await ceremonies.begin(tx, ceremony_id, "provider", answer=answer, onward=to, now=now)
    return Redirect(address, status_code=302, cookies=[_cookie(state.settings, answer.hex())])


@get("/sign-in/provider/return", include_in_schema=False, guards=[auth.may("logins", "begin")])
async def arrive(request: Request[Any, Any, Any], db: Db, now: Now, state: State) -> Response[Any]:
    """Back from the provider, with a code for whoever signed in there. What was begun here is answered once."""
    provider, key = _provider(state), secret(state.settings)
    try:
        code, answer = _answered(request, provider)
        async with db.transaction() as tx:
            ceremony = await ceremonies.answered(tx, "provider", answer, now=now)
        if ceremony is None:
            raise ProviderRefused("nothing that was begun here, or too late")
        identity = await provider.identity(
            code,
            nonce=ceremonies.text(ceremonies.derived(key, ceremony.id, "nonce")),
            verifier=ceremonies.text(ceremonies.derived(key, ceremony.id, "verifier")),
            now=now,
        )
        async with db.transaction() as tx:
            account = await provider_subjects.account_of(
                tx, issuer=identity.issuer, subject=identity.subject, email=identity.email, now=now
            )
            cookie = await arrivals.arrive(tx, request, account, "provider")
    except (ProviderAway, ProviderRefused) as refusal:
        return _refused(request, refusal)
    over = _cookie(state.settings, "", seconds=0)
    return Redirect(ceremony.onward or entrance.HOME, status_code=303, cookies=[cookie, over], headers=UNTOLD)


def _answered(request: Request[Any, Any, Any], provider: Provider) -> tuple[str, bytes]:
    """Code and state. Refuses ProviderRefused: a no of the provider's, another browser, another issuer (RFC 9207)."""
    given = {name: str(request.query_params.get(name) or "") for name in ("state", "code", "iss")}
    held = request.cookies.get(_name(request.app.state.settings), "")
    if not held or not hmac.compare_digest(held.encode(), given["state"].encode()):
        raise ProviderRefused("another browser's state")
    if not given["code"]:
        raise ProviderRefused("no code")
    if given["iss"] not in ("", provider.issuer):
        raise ProviderRefused("another issuer")
    try:
        return given["code"], bytes.fromhex(given["state"])
    except ValueError:
        raise ProviderRefused("unreadable state") from None


def _refused(request: Request[Any, Any, Any], refusal: ProviderAway | ProviderRefused) -> Response[str]:
    """The page says that it did not work and what else there is; why is for the log, without anybody's name."""
    logs.say("sign-in at the provider failed", reason=str(refusal))
    response = entrance.form(request, status=503 if isinstance(refusal, ProviderAway) else 403, refusal=type(refusal))
    response.set_cookie(_cookie(request.app.state.settings, "", seconds=0))
    response.headers.update(UNTOLD)
    return response


def _provider(state: State) -> Provider:
    provider: Provider | None = state.provider
    if provider is None:
        raise NotFound
    return provider


def _name(settings: Settings) -> str:
    return "__Host-preuve-state" if settings.base_url.startswith("https://") else "preuve-state"


def _cookie(settings: Settings, value: str, *, seconds: int = int(ceremonies.VALID.total_seconds())) -> Cookie:
    """Lax, as the login's: the way back begins on the provider's site."""
    return Cookie(
        key=_name(settings),
        value=value,
        path="/",
        max_age=seconds,
        secure=settings.base_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )


HANDLERS = [begin, arrive]
