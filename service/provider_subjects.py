"""Whom an OpenID provider means: its subject, linked once to an account of staff by an address that it has verified.

From then on the subject decides and no longer the address: a provider may give an address to somebody else.
"""

from datetime import datetime
from uuid import UUID

import asyncpg

from service.accounts import Account
from service.refusals import ProviderRefused


async def account_of(tx: asyncpg.Connection, *, issuer: str, subject: str, email: str | None, now: datetime) -> Account:
    """The account that the provider means; `email` is an address it has verified, or None.

    Refuses ProviderRefused: nobody here, an account that is disabled or a candidate's, or one that is linked to another
    subject of the same provider.
    """
    account_id = await tx.fetchval(
        "select account_id from service.provider_subjects where issuer = $1 and subject = $2", issuer, subject
    )
    if account_id is None and email is not None:
        account_id = await _link(tx, issuer, subject, email, now=now)
    row = await tx.fetchrow(
        """select id, email, role, centre_id, candidate_id, assessor_id, language from service.accounts
           where id = $1 and role <> 'candidate' and disabled_at is null""",
        account_id,
    )
    if row is None:
        raise ProviderRefused("no account of staff for this subject")
    return Account(**row)


async def _link(tx: asyncpg.Connection, issuer: str, subject: str, email: str, *, now: datetime) -> UUID | None:
    """Of two first sign-ins at once, one links; the other finds nothing and is refused."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into service.provider_subjects (issuer, subject, account_id, linked_at)
           select $1, $2, a.id, $4 from service.accounts a
           where a.email = lower($3) and a.role <> 'candidate' and a.disabled_at is null
           on conflict do nothing returning account_id""",
        issuer,
        subject,
        email.strip(),
        now,
    )


async def is_linked(tx: asyncpg.Connection, account_id: UUID, *, issuer: str) -> bool:
    """Whether the account has signed in with this provider before."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select exists (select from service.provider_subjects where account_id = $1 and issuer = $2)",
        account_id,
        issuer,
    )


async def erase(tx: asyncpg.Connection, account_id: UUID) -> None:
    """Forget whom providers meant by an account that is closed for good."""
    await tx.execute("delete from service.provider_subjects where account_id = $1", account_id)
