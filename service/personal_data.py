"""Everything we hold about a candidate, table by table (GDPR, art. 15 and 20). A test walks the catalogue: a table that
leads to a candidate and is not here fails the build.

Left out of each row: secrets and their hashes; who else is in it (art. 15, 4); our own ids, unless a reader needs them to
see what belongs together. What the jury wrote is the candidate's too, but nobody learns a result from here before it is
released: a booking whose result was not told yet shows that it took place, no more. The national number is masked.
"""

from uuid import UUID

import asyncpg

from assessments import national_numbers
from assessments.national_numbers import Keyring
from certificates import numbers
from service import personal_appeals, personal_bookings, personal_readers, personal_traces
from service.personal_readers import Reader, Row, Told


async def read(tx: asyncpg.Connection, candidate_id: UUID, *, keyring: Keyring, told: Told) -> dict[str, list[Row]]:
    """Every table with what is in it about the candidate, in the order people would tell it.

    `told` is called with how far it is, from 0 to 1.
    """
    found = await personal_readers.read(tx, candidate_id, READERS, told=told)
    for row in found["assessments.national_numbers"]:
        row["number"] = await national_numbers.masked(tx, candidate_id, keyring=keyring)
    for row in found["certificates.register"]:
        row["number"] = numbers.serial(row.pop("year"), row["number"])
    return found


async def _candidate(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select given_name, family_name, birth_date, email, phone, municipality, language::text, status, gender,
                  registered_at from assessments.candidates where id = $1""",
        candidate_id,
    )


async def _national_number(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch("select recorded_at from assessments.national_numbers where candidate_id = $1", candidate_id)


async def _enrolments(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select u.code as unit, u.label::jsonb as unit_label, e.enrolled_at, e.guided_at, e.advice, e.withdrawn_at
           from assessments.enrolments e join assessments.units u on u.id = e.unit_id
           where e.candidate_id = $1 order by e.enrolled_at""",
        candidate_id,
    )


async def _accommodations(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select measure, extra_percent, requested_at, granted_at, refused_at, motivation
           from assessments.accommodations where candidate_id = $1 order by requested_at""",
        candidate_id,
    )


async def _links(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        "select kind, declared_at, ended_at from assessments.links where candidate_id = $1 order by declared_at",
        candidate_id,
    )


async def _bookings(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select b.id as booking, u.code as unit, u.label::jsonb as unit_label, e.name as centre, r.name as room,
                  lower(b.during) as starts_at, upper(b.during) as ends_at, b.extra_minutes, b.booked_at, b.held_until,
                  b.confirmed_at, b.convoked_at,
                  b.checked_in_at, b.contract_signed_at, b.attended_at, b.closed_at, b.released_at as cancelled_at, b.release
           from scheduling.bookings b
           join scheduling.sessions s on s.id = b.session_id
           join scheduling.centres e on e.id = s.centre_id
           join scheduling.rooms r on r.id = s.room_id
           join assessments.units u on u.id = b.unit_id
           where b.candidate_id = $1 order by lower(b.during)""",
        candidate_id,
    )


async def _asks(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select a.id as ask, u.code as unit, u.label::jsonb as unit_label, o.draws_at, a.asked_at, a.withdrawn_at,
                  a.position, a.booking_id as booking, a.refusal
           from scheduling.asks a
           join scheduling.openings o on o.id = a.opening_id
           join scheduling.sessions s on s.id = o.session_id
           join assessments.units u on u.id = s.unit_id
           where a.candidate_id = $1 order by a.asked_at""",
        candidate_id,
    )


async def _recordings(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select r.booking_id as booking, r.role, r.started_at, r.submitted_at, r.remarks, r.digest
           from assessments.recordings r join scheduling.bookings b on b.id = r.booking_id
           where b.candidate_id = $1 and assessments.is_told(b.id) order by r.started_at, r.role""",
        candidate_id,
    )


async def _ratings(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select r.booking_id as booking, r.role, g.indicator, g.rating, g.reason, g.rated_at
           from assessments.ratings g
           join assessments.recordings r on r.id = g.recording_id
           join scheduling.bookings b on b.id = r.booking_id
           where b.candidate_id = $1 and assessments.is_told(b.id) order by r.started_at, r.role, g.indicator""",
        candidate_id,
    )


async def _entries(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select e.booking_id as booking, e.role, e.kind, e.indicator, e.rating, e.reason, e.motive, e.said, e.at
           from assessments.entries e join scheduling.bookings b on b.id = e.booking_id
           where b.candidate_id = $1 and assessments.is_told(b.id) order by e.number""",
        candidate_id,
    )


async def _photos(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select p.booking_id as booking, p.sha256, p.received_at, encode(p.image, 'base64') as image
           from assessments.photos p join scheduling.bookings b on b.id = p.booking_id
           where b.candidate_id = $1 and assessments.is_told(b.id) order by p.received_at, p.id""",
        candidate_id,
    )


async def _deliberations(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select d.booking_id as booking, d.proposal, d.evaluator_vote, d.observer_vote, d.manager_vote, d.outcome,
                  d.motivation, d.deliberated_at
           from assessments.deliberations d join scheduling.bookings b on b.id = d.booking_id
           where b.candidate_id = $1 and assessments.is_told(b.id) order by d.deliberated_at""",
        candidate_id,
    )


async def _decisions(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select booking_id as booking, outcome, profile, taken_at, released_at as told_at, superseded_at
           from assessments.decisions where candidate_id = $1 and released_at is not null order by taken_at""",
        candidate_id,
    )


async def _profiles(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select p.booking_id as booking, p.scores, p.released_at as told_at
           from assessments.profiles p join scheduling.bookings b on b.id = p.booking_id
           where b.candidate_id = $1 order by p.released_at""",
        candidate_id,
    )


async def _recommendations(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select r.booking_id as booking, u.code as unit, u.label::jsonb as unit_label, r.training, r.recommended_at
           from assessments.recommendations r join scheduling.bookings b on b.id = r.booking_id
           left join assessments.units u on u.id = r.unit_id
           where b.candidate_id = $1 and assessments.is_told(b.id) order by r.recommended_at, r.position""",
        candidate_id,
    )


async def _recognitions(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select r.booking_id as booking, r.proposal, r.result, r.competences, r.motivation,
                  r.decided_at, d.released_at as told_at
           from assessments.recognitions r join assessments.decisions d on d.recognition_id = r.id
           where d.candidate_id = $1 and d.released_at is not null order by r.decided_at""",
        candidate_id,
    )


async def _fees(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select f.booking_id as booking, f.amount_cents, f.settled_as, f.reason, f.settled_at
           from assessments.fees f join scheduling.bookings b on b.id = f.booking_id
           where b.candidate_id = $1 order by f.settled_at""",
        candidate_id,
    )


async def _certificates(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select k.year, k.number, k.public_code, k.holder_name, k.birth_date, k.language::text, k.unit_code as unit,
                  k.unit_label::jsonb, k.trade_label::jsonb, k.scheme_label::jsonb, k.recognised,
                  k.competences, k.centre_name as centre, k.municipality, k.standard_version,
                  k.jury_date, k.issued_at, k.valid_until, k.suspended_at, k.withdrawn_at, k.reason
           from certificates.register k where k.candidate_id = $1 order by k.issued_at""",
        candidate_id,
    )


async def _documents(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select k.public_code, d.sha256, d.rendered_at
           from certificates.documents d join certificates.register k on k.id = d.certificate_id
           where k.candidate_id = $1 order by d.rendered_at""",
        candidate_id,
    )


READERS: dict[str, Reader] = {
    "assessments.candidates": _candidate,
    "assessments.national_numbers": _national_number,
    "assessments.enrolments": _enrolments,
    "assessments.accommodations": _accommodations,
    "assessments.links": _links,
    "scheduling.bookings": _bookings,
    **personal_bookings.READERS,
    "scheduling.asks": _asks,
    "assessments.recordings": _recordings,
    "assessments.ratings": _ratings,
    "assessments.entries": _entries,
    "assessments.photos": _photos,
    "assessments.deliberations": _deliberations,
    "assessments.decisions": _decisions,
    "assessments.profiles": _profiles,
    "assessments.recommendations": _recommendations,
    "assessments.recognitions": _recognitions,
    "assessments.fees": _fees,
    **personal_appeals.READERS,
    "certificates.register": _certificates,
    "certificates.documents": _documents,
    **personal_traces.READERS,
}
