"""What everyone leaves who signs in: their account, and what they did with it. For the copies of service/personal_data.py.

Read by the id of a candidate or an assessor: who is both has the same one as each.
"""

from uuid import UUID

import asyncpg

from service.personal_readers import Reader


async def _accounts(tx: asyncpg.Connection, person_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select email, role, language::text, created_at, disabled_at from service.accounts
           where $1 in (candidate_id, assessor_id) order by created_at""",
        person_id,
    )


async def _logins(tx: asyncpg.Connection, person_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select l.signed_in_at, l.confirmed_at, l.method, l.device, l.seen_at, l.expires_at, l.ended_at
           from service.logins l join service.accounts a on a.id = l.account_id
           where $1 in (a.candidate_id, a.assessor_id) order by l.signed_in_at""",
        person_id,
    )


async def _tokens(tx: asyncpg.Connection, person_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select t.name, t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
           from service.tokens t join service.accounts a on a.id = t.account_id
           where $1 in (a.candidate_id, a.assessor_id) order by t.created_at""",
        person_id,
    )


async def _passkeys(tx: asyncpg.Connection, person_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select p.name, p.added_at, p.last_used_at
           from service.passkeys p join service.accounts a on a.id = p.account_id
           where $1 in (a.candidate_id, a.assessor_id) order by p.added_at""",
        person_id,
    )


async def _passwords(tx: asyncpg.Connection, person_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select p.set_at from service.passwords p join service.accounts a on a.id = p.account_id
           where $1 in (a.candidate_id, a.assessor_id)""",
        person_id,
    )


async def _provider_subjects(tx: asyncpg.Connection, person_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select s.issuer, s.subject as known_as, s.linked_at
           from service.provider_subjects s join service.accounts a on a.id = s.account_id
           where $1 in (a.candidate_id, a.assessor_id)""",
        person_id,
    )


async def _ceremonies(tx: asyncpg.Connection, person_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select c.kind, c.began_at, c.expires_at
           from service.ceremonies c join service.accounts a on a.id = c.account_id
           where $1 in (a.candidate_id, a.assessor_id) order by c.began_at""",
        person_id,
    )


async def _sign_in_links(tx: asyncpg.Connection, person_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select l.asked_at, l.expires_at, l.used_at
           from service.sign_in_links l join service.accounts a on a.id = l.account_id
           where $1 in (a.candidate_id, a.assessor_id) order by l.asked_at""",
        person_id,
    )


async def _keyed_writes(tx: asyncpg.Connection, person_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select i.first_at, i.seen, i.status as answer
           from service.idempotency i join service.accounts a on a.id = i.account_id
           where $1 in (a.candidate_id, a.assessor_id) order by i.first_at""",
        person_id,
    )


async def _feeds(tx: asyncpg.Connection, person_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select language::text, created_at, revoked_at from scheduling.feeds
           where kind in ('candidate', 'assessor') and owner_id = $1 order by created_at""",
        person_id,
    )


async def _mails(tx: asyncpg.Connection, person_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select m.recipient, m.subject, m.written_at, m.sent_at, m.given_up_at from service.mails m
           where lower(m.recipient) in (select lower(c.email) from assessments.candidates c where c.id = $1
                                        union select lower(p.email) from assessments.assessors p where p.id = $1
                                        union select lower(a.email) from service.accounts a
                                              where $1 in (a.candidate_id, a.assessor_id))
           order by m.written_at, m.id""",
        person_id,
    )


async def _exports(tx: asyncpg.Connection, person_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select language::text, asked_at, ready_at, expires_at from service.exports
           where $1 in (candidate_id, assessor_id) order by asked_at""",
        person_id,
    )


READERS: dict[str, Reader] = {
    "service.accounts": _accounts,
    "service.logins": _logins,
    "service.sign_in_links": _sign_in_links,
    "service.tokens": _tokens,
    "service.passkeys": _passkeys,
    "service.passwords": _passwords,
    "service.provider_subjects": _provider_subjects,
    "service.ceremonies": _ceremonies,
    "service.idempotency": _keyed_writes,
    "scheduling.feeds": _feeds,
    "service.mails": _mails,
    "service.exports": _exports,
}
