"""Who is asking: the login behind the cookie or the token of a program, and the guard by role; service/reach.py answers
"whose"."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.di import NamedDependency, Provide
from litestar.enums import ScopeType
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from service import access, claims, logins, tokens
from service.accounts import Account
from service.db import ACTING, STRANGER, Actor
from service.logins import Login
from service.refusals import NotFound, PersonNeeded, ScopeMissing, StepUpNeeded
from service.settings import Settings
from service.tokens import Token

Me = NamedDependency[Account]
MyLogin = NamedDependency[Login]
Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]  # a plain function would cost a thread a request


class Recognise(ASGIMiddleware):
    """Put the caller's Account, or None, into the scope as `user`, and as `auth` what they showed: a Login, a Token,
    or None; and tell the database who acts from here on.

    A token counts under /api/v1 only, and there before a cookie. Without either the database is not asked.
    """

    scopes = (ScopeType.HTTP,)
    exclude_path_pattern = ("^/static/", "^/health/")

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        connection: Connection = ASGIConnection(scope)
        state = connection.app.state
        bearer, secret = token_secret(connection), cookie_secret(connection, state.settings)
        scope["user"] = scope["auth"] = None
        if bearer is not None:
            async with state.running.db.glance() as session:
                token = await tokens.held(session, bearer, now=state.running.now())
            scope["user"], scope["auth"] = token or (None, None)
        elif secret is not None:
            login = await state.recognition(secret, state.running.now())
            scope["user"], scope["auth"] = login or (None, None)
        acting = ACTING.set(actor(scope["user"]))
        try:
            await next_app(scope, receive, send)
        finally:
            ACTING.reset(acting)


def actor(account: Account | None) -> Actor:
    """Who acts, as the database is told."""
    if account is None:
        return STRANGER
    return Actor(account.role, account.id, account.centre_id, account.candidate_id, account.assessor_id)


class May:
    """The guard of one line of the table in service/access.py; which one, every handler says. A line that weighs heavily
    asks for a fresh sign-in here, so that no handler of it can forget to."""

    def __init__(self, rule: access.Rule) -> None:
        self.rule = rule

    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        account: Account | None = connection.scope.get("user")
        if self.rule.admits(account):
            if self.rule.is_weighty:
                await fresh(connection, handler)
            return
        if account is None:
            raise NotAuthorizedException
        raise PermissionDeniedException


def may(resource: str, action: str) -> May:
    """The guard for an action on a resource; an address without one is found by tests/access."""
    return May(access.rule(resource, action))


def rule_of(handler: BaseRouteHandler) -> access.Rule | None:
    """The line of the table that a handler names."""
    return next((guard.rule for guard in handler.resolve_guards() if isinstance(guard, May)), None)


async def within_scope(connection: Connection, handler: BaseRouteHandler) -> None:
    """Of the whole interface for programs: what a token does lies within its scopes (service/api/v1.py says which).

    Refuses PersonNeeded where no scope leads, ScopeMissing where another one does; a token that does not work is 401.
    """
    if token_secret(connection) is None:
        return
    token = connection.scope.get("auth")
    if not isinstance(token, Token):
        raise NotAuthorizedException
    needed = handler.opt.get("token_scope")
    if needed is None:
        raise PersonNeeded
    if needed not in token.scopes:
        raise ScopeMissing


async def in_person(connection: Connection, handler: BaseRouteHandler) -> None:
    """Somebody who signed in, of whatever role. Refuses PersonNeeded to a token: none makes others, or ends a login."""
    if isinstance(connection.scope.get("auth"), Token):
        raise PersonNeeded
    if connection.scope.get("user") is None:
        raise NotAuthorizedException


async def fresh(connection: Connection, handler: BaseRouteHandler) -> None:
    """Step-up: who signed in showed within the last ten minutes who they are. Refuses StepUpNeeded, and PersonNeeded to
    a token: nothing that a program keeps shows that."""
    await in_person(connection, handler)
    if not is_fresh(connection):
        raise StepUpNeeded


def is_fresh(connection: Connection) -> bool:
    """Whether `fresh` would let this request through: a page offers the confirmation instead of a form in vain."""
    login = connection.scope.get("auth")
    return isinstance(login, Login) and login.is_fresh(connection.app.state.running.now())


async def decides(connection: Connection, handler: BaseRouteHandler) -> None:
    """Decisions are signed by a person of the register of assessors: an account without one takes none."""
    account: Account | None = connection.scope.get("user")
    if account is not None and account.assessor_id is None:
        raise PermissionDeniedException


def own(identity: UUID | None) -> UUID:
    """The candidate, assessor or centre that an account acts for. Refuses NotFound where it acts for none."""
    if identity is None:
        raise NotFound
    return identity


def new_secret() -> str:
    """What the cookie of a new login carries."""
    return secrets.token_urlsafe(logins.COOKIE_BYTES)


def cookie_name(settings: Settings) -> str:
    """__Host-: the browser takes it from this host alone, over https alone, for the whole site."""
    return "__Host-preuve" if settings.base_url.startswith("https://") else "preuve"


def cookie_secret(connection: Connection, settings: Settings) -> str | None:
    """Without the claim beside it, which opens nothing."""
    return connection.cookies.get(cookie_name(settings), "").partition(claims.MARK)[0] or None


def token_secret(connection: Connection) -> str | None:
    """The token that a program shows; None outside the interface for programs, where a token opens nothing."""
    if not connection.scope["path"].startswith("/api/v1/"):
        return None
    scheme, _, given = connection.headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else None


def cookie(settings: Settings, value: str, *, seconds: int = int(logins.ABSOLUTE.total_seconds())) -> Cookie:
    """The login's cookie, with what claims.with_claim says; with `seconds=0`, the one that takes it away."""
    return Cookie(
        key=cookie_name(settings),
        value=value,
        path="/",
        max_age=seconds,
        secure=settings.base_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )


def _me(scope: Scope) -> Account:
    account: Account | None = scope.get("user")
    if account is None:
        raise NotAuthorizedException
    return account


def _login(scope: Scope) -> Login:
    login = scope.get("auth")
    if not isinstance(login, Login):
        raise NotAuthorizedException
    return login


DEPENDENCIES = {"me": Provide(_me, sync_to_thread=False), "login": Provide(_login, sync_to_thread=False)}
