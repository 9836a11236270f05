"""Fees: what a scheme asks for a test, by the candidate's situation, and whether that was paid or waived.

The schemes own the amounts (0: free). A fee is of one booking and is settled once. A test in the place of one that does
not count costs nothing: the first that was taken after the right to it, whatever was paid for the other.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments.refusals import FeeNotDue, NotFound

Status = Literal["free", "due", "paid", "waived"]
Settled = Literal["paid", "waived"]


class Fee(Struct, frozen=True):
    """`amount_cents`: euro cents, as asked when it was settled, or as they would be now."""

    status: Status
    amount_cents: int
    reason: str
    settled_at: datetime | None


async def of_booking(tx: asyncpg.Connection, booking_id: UUID) -> Fee:
    """Refuses NotFound for no such booking."""
    row = await tx.fetchrow(
        """select coalesce(f.amount_cents, case when r.is_free then 0
                      when c.status = 'jobseeker' then s.fee_cents_jobseeker else s.fee_cents end) as amount_cents,
                  f.settled_as, coalesce(f.reason, '') as reason, f.settled_at
           from scheduling.bookings b join assessments.candidates c on c.id = b.candidate_id
           join assessments.units u on u.id = b.unit_id join assessments.trades t on t.id = u.trade_id
           join assessments.schemes s on s.code = t.scheme
           left join assessments.fees f on f.booking_id = b.id
           cross join lateral (select exists (
               select from assessments.new_tests n join scheduling.bookings o on o.id = n.booking_id
               where o.candidate_id = b.candidate_id and o.unit_id = b.unit_id and n.granted_at <= b.booked_at
                 and not exists (select from scheduling.bookings x
                                 where x.candidate_id = b.candidate_id and x.unit_id = b.unit_id
                                   and x.attended_at is not null and x.booked_at >= n.granted_at
                                   and x.booked_at < b.booked_at)) as is_free) r
           where b.id = $1""",
        booking_id,
    )
    if row is None:
        raise NotFound
    status: Status = row["settled_as"] or ("due" if row["amount_cents"] else "free")
    return Fee(status, row["amount_cents"], row["reason"], row["settled_at"])


async def settle(
    tx: asyncpg.Connection, booking_id: UUID, settled_as: Settled, *, reason: str, by: UUID | None, now: datetime
) -> None:
    """Note that it was paid, or is not asked for. Refuses NotFound, FeeNotDue, ReasonMissing for one that is waived."""
    fee = await of_booking(tx, booking_id)
    settled = fee.status == "due" and await tx.fetchval(
        """insert into assessments.fees (booking_id, amount_cents, settled_as, reason, settled_at, settled_by)
           values ($1, $2, $3, $4, $5, $6) on conflict (booking_id) do nothing returning true""",
        booking_id,
        fee.amount_cents,
        settled_as,
        reason.strip(),
        now,
        by,
    )
    if not settled:
        raise FeeNotDue


async def wipe(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Of an erased candidate: the words of the reason go, the amount stays."""
    await tx.execute(
        """update assessments.fees f set reason = '–' from scheduling.bookings b
           where b.id = f.booking_id and b.candidate_id = $1 and f.reason <> ''""",
        candidate_id,
    )
