"""Accounts of staff, as an administrator sees to them: who there is, new ones, other roles, no more access.

What an account may do changes at once: with its role every login ends and every token is revoked, in the same
transaction.
"""

from datetime import datetime
from typing import get_args
from uuid import UUID

import asyncpg
from msgspec import Struct

from service import accounts, logins, tokens
from service.accounts import Account, Language, Role
from service.refusals import NotFound, OwnAccount, RoleIncomplete

ROLES: tuple[Role, ...] = tuple(role for role in get_args(Role) if role != "candidate")
AT_A_CENTRE: frozenset[str] = frozenset({"manager", "planner", "reception"})  # roles that mean one centre
MAYBE_AT_ONE: frozenset[str] = AT_A_CENTRE | {"auditor"}  # an auditor without a centre reads all of them
ON_THE_REGISTER: frozenset[str] = frozenset({"assessor"})  # roles that mean a person of the register of assessors
MAY_SIT: tuple[Role, ...] = ("assessor", "manager", "administrator")  # in a jury, under the same address
MOST = 100


class Member(Struct, frozen=True):
    """One account of staff, with what it stands for."""

    id: UUID
    email: str
    role: Role
    language: Language
    centre: str | None
    name: str | None
    created_at: datetime
    disabled_at: datetime | None
    seen_at: datetime | None


async def search(tx: asyncpg.Connection, sought: str = "") -> list[Member]:
    """Accounts of staff whose address, name or centre contains `sought`, by address; at most a hundred."""
    return await _members(tx, sought=sought.strip())


async def member(tx: asyncpg.Connection, account_id: UUID) -> Member:
    """One of them. Refuses NotFound, for a candidate's too."""
    found = await _members(tx, account_id=account_id)
    if not found:
        raise NotFound
    return found[0]


async def _members(tx: asyncpg.Connection, *, sought: str = "", account_id: UUID | None = None) -> list[Member]:
    rows = await tx.fetch(
        """select a.id, a.email, a.role, a.language::text, c.name as centre,
                  s.given_name || ' ' || s.family_name as name, a.created_at, a.disabled_at,
                  (select max(l.seen_at) from service.logins l where l.account_id = a.id) as seen_at
           from service.accounts a
           left join scheduling.centres c on c.id = a.centre_id
           left join assessments.assessors s on s.id = a.assessor_id
           where a.candidate_id is null and ($2::uuid is null or a.id = $2)
             and ($1 = '' or position(lower($1) in lower(concat_ws(' ', a.email, c.name, s.given_name, s.family_name))) > 0)
           order by a.email limit $3""",
        sought,
        account_id,
        MOST,
    )
    return [Member(**row) for row in rows]


async def get(tx: asyncpg.Connection, account_id: UUID) -> Account:
    """An account of staff. Refuses NotFound, for a candidate's too."""
    account = await accounts.get(tx, account_id)
    if account.role == "candidate":
        raise NotFound
    return account


async def hold(tx: asyncpg.Connection, account_id: UUID) -> None:
    """Until the transaction ends nobody else changes what the account may do."""
    await tx.execute("select from service.accounts where id = $1 for no key update", account_id)


async def create(
    tx: asyncpg.Connection,
    *,
    email: str,
    role: Role,
    language: Language,
    centre_id: UUID | None,
    now: datetime,
) -> UUID:
    """Let a member of staff sign in; whoever is on the register of assessors under the address acts as that person.

    Refuses AccountKnown, and RoleIncomplete where the role asks for a centre or a person that there is not.
    """
    assessor_id = await _on_the_register(tx, email)
    centre_id = await _known(tx, centre_id)
    _complete(role, centre_id, assessor_id)
    return await accounts.register(
        tx,
        email=email,
        role=role,
        language=language,
        now=now,
        centre_id=centre_id if role in MAYBE_AT_ONE else None,
        assessor_id=assessor_id,
    )


async def change_role(
    tx: asyncpg.Connection, account_id: UUID, role: Role, *, centre_id: UUID | None, by: UUID, now: datetime
) -> None:
    """Another role, or another centre: every login of the account ends and every token is revoked.

    Refuses NotFound (also of a candidate's account: that is a person's file, not a role), OwnAccount, RoleIncomplete.
    """
    account = await get(tx, account_id)
    if account.id == by:
        raise OwnAccount
    assessor_id = account.assessor_id or await _on_the_register(tx, account.email) if role in MAY_SIT else None
    centre_id = await _known(tx, centre_id)
    _complete(role, centre_id, assessor_id)
    centre_id = centre_id if role in MAYBE_AT_ONE else None
    await accounts.change_role(tx, account_id, role, centre_id=centre_id, assessor_id=assessor_id)
    await _end(tx, account_id, now=now)


async def disable(tx: asyncpg.Connection, account_id: UUID, *, by: UUID, now: datetime) -> None:
    """No more access, at once. Refuses NotFound and OwnAccount. Twice is once."""
    account = await get(tx, account_id)
    if account.id == by:
        raise OwnAccount
    await accounts.disable(tx, account_id, now=now)
    await _end(tx, account_id, now=now)


async def _end(tx: asyncpg.Connection, account_id: UUID, *, now: datetime) -> None:
    await logins.end_all(tx, account_id, now=now)
    await tokens.revoke_all(tx, account_id, now=now)


def _complete(role: Role, centre_id: UUID | None, assessor_id: UUID | None) -> None:
    is_missing = (role in AT_A_CENTRE and centre_id is None) or (role in ON_THE_REGISTER and assessor_id is None)
    if is_missing or role not in ROLES:
        raise RoleIncomplete


async def _known(tx: asyncpg.Connection, centre_id: UUID | None) -> UUID | None:
    return await tx.fetchval("select id from scheduling.centres where id = $1", centre_id)  # type: ignore[no-any-return]


async def _on_the_register(tx: asyncpg.Connection, email: str) -> UUID | None:
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select id from assessments.assessors where lower(email) = lower($1) and retired_at is null", email.strip()
    )
