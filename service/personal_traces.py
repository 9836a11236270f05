"""The second half of service/personal_data.py: what a candidate left behind by using the service."""

from uuid import UUID

import asyncpg

from service import personal_accounts
from service.personal_readers import Reader


async def _rebookings(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select u.code as unit, lower(o.during) as instead_of, lower(b.during) as starts_at, r.cause, r.rebooked_at
           from scheduling.rebookings r
           join scheduling.bookings b on b.id = r.booking_id join scheduling.bookings o on o.id = r.instead_of
           join assessments.units u on u.id = b.unit_id
           where b.candidate_id = $1 order by r.rebooked_at""",
        candidate_id,
    )


async def _turnings_away(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select u.code as unit, lower(b.during) as starts_at, t.cause, t.turned_at
           from scheduling.turnings_away t join scheduling.bookings b on b.id = t.booking_id
           join assessments.units u on u.id = b.unit_id
           where b.candidate_id = $1 order by t.turned_at""",
        candidate_id,
    )


async def _priorities(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select u.code as unit, p.cause, p.granted_at
           from scheduling.priorities p join assessments.units u on u.id = p.unit_id
           where p.candidate_id = $1 order by p.granted_at""",
        candidate_id,
    )


async def _consents(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select c.id as consent, c.scope, u.code as unit, c.recipient_kind, c.recipient_name, c.purpose, c.given_at,
                  c.expires_at, c.withdrawn_at
           from assessments.consents c left join assessments.units u on u.id = c.unit_id
           where c.candidate_id = $1 order by c.given_at""",
        candidate_id,
    )


async def _share_links(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select l.consent_id as consent, l.created_at, l.revoked_at
           from service.share_links l join assessments.consents c on c.id = l.consent_id
           where c.candidate_id = $1 order by l.created_at""",
        candidate_id,
    )


async def _rectifications(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select birth_date, email, former, asked_at, approved_at, ripe_at, sent_at, expires_at, carried_out_at, stopped_at,
                  ended_at
           from service.rectifications where candidate_id = $1 order by asked_at""",
        candidate_id,
    )


async def _share_views(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select l.consent_id as consent, v.seen_at
           from service.share_views v
           join service.share_links l on l.id = v.link_id
           join assessments.consents c on c.id = l.consent_id
           where c.candidate_id = $1 order by v.seen_at""",
        candidate_id,
    )


async def _reminders(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select r.days_before, r.test_day, r.reminded_at, r.asks, r.release_at, r.unanswered_at
           from service.reminders r join scheduling.bookings b on b.id = r.booking_id
           where b.candidate_id = $1 order by r.reminded_at""",
        candidate_id,
    )


async def _confirmations(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select c.starts_at, c.attending_confirmed_at
           from scheduling.confirmations c join scheduling.bookings b on b.id = c.booking_id
           where b.candidate_id = $1 order by c.attending_confirmed_at""",
        candidate_id,
    )


async def _text_wishes(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch("select wished_at from service.text_wishes where candidate_id = $1", candidate_id)


async def _texts(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select number as phone, written_at, sent_at, given_up_at from service.texts
           where candidate_id = $1 order by written_at, id""",
        candidate_id,
    )


async def _import_lines(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select e.name as centre, i.asked_at, l.cells, l.verdict, l.written_at
           from service.import_lines l join service.imports i on i.id = l.import_id
           join scheduling.centres e on e.id = i.centre_id
           where l.candidate_id = $1 order by i.asked_at, l.number""",
        candidate_id,
    )


async def _references(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select e.name as centre, x.reference, x.recorded_at
           from service.external_references x join scheduling.centres e on e.id = x.centre_id
           where x.kind = 'candidates' and x.subject_id = $1 order by x.recorded_at, e.name""",
        candidate_id,
    )


async def _erasures(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch("select asked_at from service.erasures where candidate_id = $1", candidate_id)


async def _audit(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select a.at, a.action, a.role, c.name as centre
           from service.audit a left join scheduling.centres c on c.id = a.centre_id
           where a.candidate_id = $1 order by a.id""",
        candidate_id,
    )


async def _alerts(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select query as search, created_at, expires_at, ended_at from scheduling.alerts
           where candidate_id = $1 order by created_at""",
        candidate_id,
    )


async def _alert_notices(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select a.query as search, n.seen_at, n.told_at
           from scheduling.alert_notices n join scheduling.alerts a on a.id = n.alert_id
           where a.candidate_id = $1 order by n.seen_at, n.session_id""",
        candidate_id,
    )


READERS: dict[str, Reader] = {
    "scheduling.rebookings": _rebookings,
    "scheduling.turnings_away": _turnings_away,
    "scheduling.priorities": _priorities,
    "assessments.consents": _consents,
    "service.share_links": _share_links,
    "service.share_views": _share_views,
    **personal_accounts.READERS,
    "service.rectifications": _rectifications,
    "scheduling.alerts": _alerts,
    "scheduling.alert_notices": _alert_notices,
    "service.reminders": _reminders,
    "scheduling.confirmations": _confirmations,
    "service.text_wishes": _text_wishes,
    "service.texts": _texts,
    "service.import_lines": _import_lines,
    "service.external_references": _references,
    "service.erasures": _erasures,
    "service.audit": _audit,
}
