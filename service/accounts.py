"""Accounts: who may sign in, as what, and for whom they act. A person with two roles has two addresses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.refusals import NotFound

Role = Literal["candidate", "assessor", "manager", "planner", "reception", "auditor", "administrator"]
Language = Literal["fr", "nl", "en", "de"]


class Account(Struct, frozen=True):
    """`centre_id`: the one centre of a manager, planner, reception or auditor; an auditor without one reads them all.

    A manager who sits on juries has an `assessor_id` too.
    """

    id: UUID
    email: str
    role: Role
    centre_id: UUID | None
    candidate_id: UUID | None
    assessor_id: UUID | None
    language: Language


async def register(
    tx: asyncpg.Connection,
    *,
    email: str,
    role: Role,
    language: Language,
    now: datetime,
    centre_id: UUID | None = None,
    candidate_id: UUID | None = None,
    assessor_id: UUID | None = None,
) -> UUID:
    """Let the owner of a mail address sign in; return the account's id. Refuses AccountKnown."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into service.accounts (email, role, centre_id, candidate_id, assessor_id, language, created_at)
           values (lower($1), $2, $3, $4, $5, $6, $7) returning id""",
        email,
        role,
        centre_id,
        candidate_id,
        assessor_id,
        language,
        now,
    )


async def register_candidates(
    tx: asyncpg.Connection, people: Sequence[tuple[UUID, str, Language]], *, now: datetime
) -> None:
    """Let candidates sign in, each with their id, address and language; all or none. Refuses AccountKnown."""
    await tx.executemany(
        """insert into service.accounts (candidate_id, email, language, role, created_at)
           values ($1, lower($2), $3, 'candidate', $4)""",
        [(*person, now) for person in people],
    )


async def get(tx: asyncpg.Connection, account_id: UUID) -> Account:
    """The account, disabled or not. Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, email, role, centre_id, candidate_id, assessor_id, language
           from service.accounts where id = $1""",
        account_id,
    )
    if row is None:
        raise NotFound
    return Account(**row)


async def change_role(
    tx: asyncpg.Connection, account_id: UUID, role: Role, *, centre_id: UUID | None, assessor_id: UUID | None
) -> None:
    """What the account may do from now on; staff.change_role ends what it had open. Nothing of it stays of before."""
    await tx.execute(
        "update service.accounts set role = $2, centre_id = $3, assessor_id = $4 where id = $1",
        account_id,
        role,
        centre_id,
        assessor_id,
    )


async def change_email(tx: asyncpg.Connection, candidate_id: UUID, email: str) -> list[UUID]:
    """Where a candidate's links to sign in go, from now on; return the ids of their accounts. Refuses AccountKnown."""
    rows = await tx.fetch(
        "update service.accounts set email = lower($2) where candidate_id = $1 returning id", candidate_id, email
    )
    return [row["id"] for row in rows]


async def disable(tx: asyncpg.Connection, account_id: UUID, *, now: datetime) -> None:
    """No more sign-in, and no more requests of logins that still run. Doing it twice changes nothing."""
    await tx.execute(
        "update service.accounts set disabled_at = coalesce(disabled_at, $2) where id = $1", account_id, now
    )


async def erase(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> list[UUID]:
    """Close every account of an erased candidate and forget its address; return their ids."""
    rows = await tx.fetch(
        """update service.accounts set email = id || '@erased.invalid', disabled_at = coalesce(disabled_at, $2)
           where candidate_id = $1 returning id""",
        candidate_id,
        now,
    )
    return [row["id"] for row in rows]


async def erase_assessor(tx: asyncpg.Connection, assessor_id: UUID, *, now: datetime) -> list[UUID]:
    """Close every account of an erased assessor and forget its address; return their ids."""
    rows = await tx.fetch(
        """update service.accounts set email = id || '@erased.invalid', disabled_at = coalesce(disabled_at, $2)
           where assessor_id = $1 returning id""",
        assessor_id,
        now,
    )
    return [row["id"] for row in rows]
