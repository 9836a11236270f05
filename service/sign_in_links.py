"""Sign-in links: sent by mail, good for one sign-in within a quarter of an hour.

Asking does the same work and gives the same answer whether the address is known or not: it writes a row and its news.
The token is derived from the row's id and the installation's key, and only its hash is stored; so a copy of the
database opens nothing, and the worker that writes the mail needs no secret in the queue.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
from msgspec import Struct

from service.accounts import Account
from service.db import Database
from service.refusals import LinkSpent
from service.settings import Settings, secret

VALID = timedelta(minutes=15)
VALID_IN_DEVELOPMENT = timedelta(hours=24)
WINDOW = timedelta(minutes=15)
PER_ADDRESS = 5  # askings for one mail address within the window
PER_ORIGIN = 30  # from one network address: a classroom of candidates shares one
DEMONSTRATION = (
    ("Candidate", "candidate@example.org"),
    ("Evaluator", "evaluator@example.org"),
    ("Observer", "observer@example.org"),
    ("Manager of Digitalcity", "manager.digitalcity@example.org"),
    ("Manager of Technicity", "manager.technicity@example.org"),
    ("Manager of Logisticity", "manager.logisticity@example.org"),
    ("Manager of Construcity", "manager.construcity@example.org"),
    ("Administrator", "administrator@example.org"),
)


class Letter(Struct, frozen=True):
    """What the mail needs: to whom, in which language, and until when its link works."""

    email: str
    language: str
    expires_at: datetime


def token_of(key: bytes, link_id: UUID) -> str:
    """The token of a link: 256 bits that nobody finds without `key` (settings.secret)."""
    digest = hmac.digest(key, b"sign-in link " + link_id.bytes, "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def ask(tx: asyncpg.Connection, email: str, *, origin: str, key: bytes, link_id: UUID, now: datetime) -> None:
    """Take down that the owner of `email` wants a link; the outbox sends it if there is such an account.

    `origin` is the network address that asks. Beyond PER_ADDRESS or PER_ORIGIN in the window nothing happens, and
    nobody can tell: what the caller shows is always the same.
    """
    email = email.strip().lower()
    address_hash, origin_hash = (hmac.digest(key, text.encode(), "sha256") for text in (email, origin))
    # Exact over all processes: who asks for the same address, or from the same place, waits here for the other.
    await tx.execute(
        """select pg_advisory_xact_lock(1, hashtext(encode($1, 'hex'))), pg_advisory_xact_lock(2, hashtext(encode($2, 'hex')))""",
        address_hash,
        origin_hash,
    )
    await tx.execute(
        """with asked as (
               insert into service.sign_in_links
                      (id, token_hash, account_id, address_hash, origin_hash, asked_at, expires_at)
               select $1, $2, (select a.id from service.accounts a where a.email = $3 and a.disabled_at is null),
                      $4, $5, $6, $7
               where (select count(*) from service.sign_in_links l where l.address_hash = $4 and l.asked_at > $8) < $9
                 and (select count(*) from service.sign_in_links l where l.origin_hash = $5 and l.asked_at > $8) < $10
               returning id)
           insert into service.outbox (topic, aggregate, occurred_at)
           select 'sign_in_link.asked', id, $6 from asked""",
        link_id,
        _hash(token_of(key, link_id)),
        email,
        address_hash,
        origin_hash,
        now,
        now + VALID,
        now - WINDOW,
        PER_ADDRESS,
        PER_ORIGIN,
    )


async def letter(tx: asyncpg.Connection, link_id: UUID, *, now: datetime) -> Letter | None:
    """To whom the link goes; None when the address has no account, or the link is used or too old by now."""
    row = await tx.fetchrow(
        """select a.email, a.language, l.expires_at
           from service.sign_in_links l join service.accounts a on a.id = l.account_id
           where l.id = $1 and l.used_at is null and l.expires_at > $2 and a.disabled_at is null""",
        link_id,
        now,
    )
    return None if row is None else Letter(**row)


async def use(tx: asyncpg.Connection, token: str, *, now: datetime) -> Account:
    """Spend the link and say whose it is. Of two at once one gets it. Refuses LinkSpent."""
    row = await tx.fetchrow(
        """with used as (
               update service.sign_in_links set used_at = $2
               where token_hash = $1 and used_at is null and expires_at > $2 returning account_id)
           select a.id, a.email, a.role, a.centre_id, a.candidate_id, a.assessor_id, a.language
           from used join service.accounts a on a.id = used.account_id where a.disabled_at is null""",
        _hash(token),
        now,
    )
    if row is None:
        raise LinkSpent
    return Account(**row)


async def development_links(db: Database, settings: Settings, now: datetime) -> list[tuple[str, str]]:
    """For `preuve run` in development: who, and an address that signs them in once within a day.

    The people are the seed's; those that are not there are left out. Names are said, because a jury is chosen by name.
    """
    async with db.transaction() as tx:
        links = []
        for who, email in DEMONSTRATION:
            if (token := await _for_development(tx, email, key=secret(settings), now=now)) is not None:
                name = await _name(tx, email)
                links.append((f"{who}, {name}" if name else who, f"{settings.base_url}/sign-in/{token}"))
    return links


async def _name(tx: asyncpg.Connection, email: str) -> str | None:
    """None for an administrator, who is on no register of people."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """select coalesce(c.given_name || ' ' || c.family_name, s.given_name || ' ' || s.family_name)
           from service.accounts a
           left join assessments.candidates c on c.id = a.candidate_id
           left join assessments.assessors s on s.id = a.assessor_id
           where a.email = $1""",
        email,
    )


async def _for_development(tx: asyncpg.Connection, email: str, *, key: bytes, now: datetime) -> str | None:
    link_id = uuid4()
    token = token_of(key, link_id)
    made = await tx.fetchval(
        """insert into service.sign_in_links
                  (id, token_hash, account_id, address_hash, origin_hash, asked_at, expires_at)
           select $1, $2, a.id, $2, $2, $4, $5 from service.accounts a where a.email = $3 and a.disabled_at is null
           returning id""",
        link_id,
        _hash(token),
        email,
        now,
        now + VALID_IN_DEVELOPMENT,
    )
    return token if made else None


async def forget(tx: asyncpg.Connection, *, now: datetime) -> int:
    """Delete links that no longer work and no longer count; return how many."""
    status = await tx.execute(
        "delete from service.sign_in_links where expires_at < $1 and asked_at < $2", now, now - WINDOW
    )
    return int(status.rsplit(" ", 1)[1])


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


async def erase(tx: asyncpg.Connection, account_id: UUID) -> None:
    """Delete every link of an account that is closed for good, with the trace of its address."""
    await tx.execute("delete from service.sign_in_links where account_id = $1", account_id)
