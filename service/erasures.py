"""Erasure as pseudonymisation: every module forgets its part, in one transaction. The register of certificates, the
attempts and the decisions survive (domain.md, invariant 18), so that counters, appeals and reports stay true."""

from datetime import datetime
from uuid import UUID

import asyncpg

from assessments import (
    accommodations,
    appeals,
    candidates,
    complaints,
    consents,
    decisions,
    deliberations,
    entries,
    fees,
    mediations,
    national_numbers,
    photos,
    ratings,
    recognitions,
    recommendations,
    recordings,
)
from scheduling import alerts, asks, bookings, excuses, feeds
from scheduling import waiting as waiting_list
from scheduling.bookings import CancellationPolicy
from service import (
    accounts,
    audit,
    bundles,
    ceremonies,
    exports,
    external_references,
    idempotency,
    import_lines,
    logins,
    mails,
    passkeys,
    passwords,
    provider_subjects,
    rectifications,
    share_links,
    sign_in_links,
    text_wishes,
    texts,
    tokens,
)


async def ask(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> None:
    """Take down that a candidate wants to be forgotten; asking twice is asking once."""
    await tx.execute(
        "insert into service.erasures (candidate_id, asked_at) values ($1, $2) on conflict (candidate_id) do nothing",
        candidate_id,
        now,
    )


async def take_back(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """The candidate wants to stay after all, as long as nothing was erased."""
    await tx.execute("delete from service.erasures where candidate_id = $1 and carried_out_at is null", candidate_id)


async def asked_at(tx: asyncpg.Connection, candidate_id: UUID) -> datetime | None:
    """Since when a candidate's request waits; None where there is none."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select asked_at from service.erasures where candidate_id = $1 and carried_out_at is null", candidate_id
    )


async def waiting(tx: asyncpg.Connection) -> list[UUID]:
    """Who asked and is not erased yet, the oldest request first."""
    rows = await tx.fetch("select candidate_id from service.erasures where carried_out_at is null order by asked_at")
    return [row["candidate_id"] for row in rows]


async def carry_out(tx: asyncpg.Connection, candidate_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Erase a candidate; their coming tests are cancelled first, so that others get the seats. Twice is once.

    Refuses NotFound, DecisionAwaited, StillExpected (a seat of today that nobody has closed). Lock order as
    everywhere: sessions, then the candidate.
    """
    await bookings.cancel_coming(tx, candidate_id, policy=CancellationPolicy(), by=by, now=now)
    await waiting_list.leave_all(tx, candidate_id, now=now)
    addresses = await _addresses(tx, candidate_id)
    await asks.withdraw_all(tx, candidate_id, now=now)
    await candidates.erase(tx, candidate_id, by=by, now=now)
    await national_numbers.erase(tx, candidate_id)
    await consents.wipe(tx, candidate_id, now=now)
    await share_links.end_all(tx, candidate_id, now=now)
    await feeds.end_all(tx, "candidate", candidate_id, now=now)
    for wipe in (
        accommodations.wipe,
        excuses.wipe,
        appeals.wipe,
        mediations.wipe,
        deliberations.wipe,
        decisions.wipe,
        recordings.wipe,
        ratings.wipe,
        entries.wipe,
        recommendations.wipe,
        recognitions.wipe,
        fees.wipe,
    ):
        await wipe(tx, candidate_id)
    await complaints.wipe(tx, candidate_id, now=now)
    await photos.erase(tx, candidate_id)
    await alerts.erase(tx, candidate_id)
    await close(tx, await accounts.erase(tx, candidate_id, now=now))
    await mails.erase(tx, addresses)
    await texts.erase(tx, candidate_id)
    await text_wishes.end(tx, candidate_id)
    await exports.erase(tx, exports.Whose(candidate_id=candidate_id))
    await bundles.erase(tx, candidate_id)
    await import_lines.erase(tx, candidate_id, addresses)
    await external_references.erase(tx, "candidates", candidate_id)
    await rectifications.erase(tx, candidate_id)
    await _note(tx, candidate_id, now=now)
    await audit.erase(tx, candidate_id)  # last: what was done above is in the trail too


async def _addresses(tx: asyncpg.Connection, candidate_id: UUID) -> list[str]:
    rows = await tx.fetch(
        """select email from assessments.candidates where id = $1
           union select email from service.accounts where candidate_id = $1""",
        candidate_id,
    )
    return [row["email"] for row in rows]


async def close(tx: asyncpg.Connection, account_ids: list[UUID]) -> None:
    """Of accounts whose owner is erased: every way in."""
    for account_id in account_ids:
        for module in (logins, sign_in_links, tokens, passkeys, passwords, provider_subjects, ceremonies, idempotency):
            await module.erase(tx, account_id)


async def _note(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> None:
    await tx.execute(
        """insert into service.erasures as e (candidate_id, asked_at, carried_out_at) values ($1, $2, $2)
           on conflict (candidate_id) do update set carried_out_at = coalesce(e.carried_out_at, $2)""",
        candidate_id,
        now,
    )
