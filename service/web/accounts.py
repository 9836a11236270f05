"""Accounts of staff, for administrators: found, made, given another role, closed. Each change asks for a fresh sign-in."""

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import centres
from service import auth, staff, versions
from service.accounts import Language, Role
from service.db import Database
from service.i18n import N_
from service.provide import Db, Now, Words
from service.refusals import AccountKnown, OwnAccount, RoleIncomplete
from service.web.declined import sentence
from service.web.look import render

# As browsers take one (HTML, type=email): nothing that a mail header would read as two of them, or as a name.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,189}", re.ASCII)
Centre = Annotated[
    str, Meta(pattern=r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$(?!\n)", max_length=36)
]  # "": none
WRONG_ADDRESS = N_("Write the whole address, as in name@example.org")


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """Who, as what, and where."""

    email: Annotated[str, Meta(max_length=254)] = ""
    role: Role = "manager"
    language: Language = "fr"
    centre_id: Centre = ""


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """As what, and where, from now on."""

    role: Role
    centre_id: Centre = ""
    version: versions.Version = ""


@get("/accounts", include_in_schema=False, guards=[auth.may("accounts", "read")])
async def everyone(request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """Who may sign in, found by address, name or centre; and the form for somebody new."""
    return await _list(request, db)


@post("/accounts", include_in_schema=False, guards=[auth.may("accounts", "change")])
async def create(
    data: URLEncodedBody[Form], request: Request[Any, Any, Any], db: Db, now: Now, words: Words
) -> Response[Any]:
    """Let somebody sign in."""
    if not ADDRESS.fullmatch(data.email.strip()):
        return await _list(request, db, status=422, errors={"email": words.gettext(WRONG_ADDRESS)}, form=data)
    try:
        async with db.transaction() as tx:
            account_id = await staff.create(
                tx,
                email=data.email.strip(),
                role=data.role,
                language=data.language,
                centre_id=_centre(data.centre_id),
                now=now,
            )
    except (AccountKnown, RoleIncomplete) as refusal:
        said = {"email" if isinstance(refusal, AccountKnown) else "role": sentence(words, type(refusal))}
        return await _list(request, db, status=422, errors=said, form=data)
    return Redirect(f"/accounts/{account_id}", status_code=303)


@get("/accounts/{account_id:uuid}", include_in_schema=False, guards=[auth.may("accounts", "read")])
async def one(account_id: FromPath[UUID], me: auth.Me, request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """What the account may do, and how to change that."""
    return await _one(request, db, account_id, me.id)


@post("/accounts/{account_id:uuid}/role", include_in_schema=False, guards=[auth.may("accounts", "change")])
async def change_role(
    account_id: FromPath[UUID],
    data: URLEncodedBody[Change],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Another role: whoever has it is signed out everywhere, and their tokens are revoked."""
    try:
        async with db.transaction() as tx:
            await staff.hold(tx, account_id)
            if versions.is_stale(data.version, _editable(await staff.member(tx, account_id))):
                said = {"role": words.gettext(versions.CHANGED)}
                return await _one(request, db, account_id, me.id, status=412, errors=said)
            await staff.change_role(tx, account_id, data.role, centre_id=_centre(data.centre_id), by=me.id, now=now)
    except (OwnAccount, RoleIncomplete) as refusal:
        said = {"role": sentence(words, type(refusal))}
        return await _one(request, db, account_id, me.id, status=422, errors=said)
    return Redirect(f"/accounts/{account_id}", status_code=303)


@post(
    "/accounts/{account_id:uuid}/disablement",
    include_in_schema=False,
    guards=[auth.may("accounts", "change")],
)
async def disable(account_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """No more access, at once."""
    async with db.transaction() as tx:
        await staff.disable(tx, account_id, by=me.id, now=now)
    return Redirect(f"/accounts/{account_id}", status_code=303)


def _editable(known: staff.Member) -> tuple[str, str | None, datetime | None]:
    """What a change of role replaces."""
    return known.role, known.centre, known.disabled_at


def _centre(given: str) -> UUID | None:
    return UUID(given) if given else None


async def _list(
    request: Request[Any, Any, Any],
    db: Database,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    form: Form | None = None,
) -> Response[str]:
    sought = str(request.query_params.get("q") or "")[:100]
    async with db.read() as tx:
        found, every = await staff.search(tx, sought), await centres.every(tx)
    return render(
        request,
        "identity/accounts.html",
        status=status,
        found=found,
        sought=sought,
        most=staff.MOST,
        roles=staff.ROLES,
        centres=every,
        errors=errors or {},
        form=form or Form(),
        is_fresh=auth.is_fresh(request),
    )


async def _one(
    request: Request[Any, Any, Any],
    db: Database,
    account_id: UUID,
    my_id: UUID,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        account, every = await staff.member(tx, account_id), await centres.every(tx)
    return render(
        request,
        "identity/account.html",
        status=status,
        account=account,
        roles=staff.ROLES,
        centres=every,
        errors=errors or {},
        version=versions.of_form(_editable(account)),
        is_mine=account_id == my_id,
        is_fresh=auth.is_fresh(request),
    )


HANDLERS = [everyone, create, one, change_role, disable]
