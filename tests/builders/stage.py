"""A small stage for scheduling's stories: one centre with a lab of pods, a unit, people who can sit on its jury.

Rows of the assessments side are inserted plainly: these stories are about when and where, not about what.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from uuid import UUID

import asyncpg

from scheduling import (
    bookings,
    centres,
    equipment,
    equipment_reservations,
    jury_seats,
    opening_hours,
    rooms,
    sessions,
    sites,
)

Tx = asyncpg.Connection
NUMBERS = count(1)
LABEL = {"fr": "Intégrer un poste", "nl": "Werkplek integreren", "en": "Integrate", "de": "Einbinden"}
GRID = {
    "criteria": [
        {
            "code": "C1",
            "label": LABEL,
            "threshold": 1,
            "indicators": [{"code": "I1", "label": LABEL}, {"code": "I2", "label": LABEL}],
        }
    ],
    "conformity": [{"code": "K1", "label": LABEL}],
}


@dataclass
class Stage:
    now: datetime
    centre: UUID
    site: UUID
    room: UUID
    trade: UUID
    unit: UUID
    standard: UUID
    evaluator: UUID
    observer: UUID
    manager: UUID
    pods: list[UUID] = field(default_factory=list)

    @property
    def morning(self) -> datetime:
        """Nine o'clock in Brussels, two weeks on."""
        return self.now.replace(hour=7, minute=0, second=0) + timedelta(days=14)

    async def draft(self, tx: Tx, **changes: object) -> UUID:
        """A session of four hours with room and pods, no jury yet."""
        wish = {"room_id": self.room, "unit_id": self.unit, "language": "fr", "starts_at": self.morning, "seats": 2}
        session_id = await sessions.plan(tx, sessions.Plan(**{**wish, **changes}), by=None, now=self.now)  # type: ignore[arg-type]
        await equipment_reservations.reserve_what_is_needed(tx, session_id)
        return session_id

    async def open(self, tx: Tx, **changes: object) -> UUID:
        """A session with its whole jury that takes bookings."""
        session_id = await self.draft(tx, **changes)
        await jury_seats.give(tx, session_id, self.evaluator, "evaluator", by=None, now=self.now)
        await jury_seats.give(tx, session_id, self.observer, "observer", by=None, now=self.now)
        await jury_seats.give(tx, session_id, self.manager, "manager", by=None, now=self.now)
        await sessions.open_for_booking(tx, session_id, by=None, now=self.now)
        return session_id

    async def booked(self, tx: Tx, **changes: object) -> tuple[UUID, UUID]:
        """An open session with one booking; both ids."""
        session_id = await self.open(tx, **changes)
        return session_id, await bookings.book(tx, session_id, await self.candidate(tx), by=None, now=self.now)

    async def another_room(self, tx: Tx, *, stations: int = 8, kind: str = "cisco-lab") -> UUID:
        room = await rooms.add(
            tx, centre_id=self.centre, site_id=self.site, name=f"Labo {next(NUMBERS)}", kind=kind, stations=stations
        )
        await open_weekdays(tx, room)
        return room

    async def candidate(self, tx: Tx, *, birth_date: date = date(1990, 5, 17)) -> UUID:
        return await tx.fetchval(  # type: ignore[no-any-return]
            """insert into assessments.candidates (given_name, family_name, birth_date, email, language, status,
                                                   registered_at)
               values ('Noor', 'Peeters', $1, $2, 'fr', 'jobseeker', $3) returning id""",
            birth_date,
            f"candidate{next(NUMBERS)}@example.org",
            self.now,
        )

    async def assessor(
        self, tx: Tx, role: str | None, *, of_centre: bool = False, languages: tuple[str, ...] = ("fr", "nl")
    ) -> UUID:
        return await an_assessor(
            tx, role, self.trade, self.centre if of_centre else None, now=self.now, languages=languages
        )

    async def link(self, tx: Tx, assessor: UUID, candidate: UUID, kind: str = "kinship") -> None:
        await tx.execute(
            """insert into assessments.links (assessor_id, candidate_id, kind, declared_at) values ($1, $2, $3, $4)""",
            assessor,
            candidate,
            kind,
            self.now,
        )

    async def accredit(self, tx: Tx, since: date, until: date) -> None:
        await tx.execute("delete from assessments.accreditations where centre_id = $1", self.centre)
        await tx.execute(
            """insert into assessments.accreditations (centre_id, trade_id, valid, reference)
               values ($1, $2, daterange($3, $4), 'AGR')""",
            self.centre,
            self.trade,
            since,
            until,
        )


async def a_stage(tx: Tx, now: datetime, *, stations: int = 8, pods: int = 4, per_evaluator: int = 4) -> Stage:
    centre = await centres.found(
        tx, code="digital" + letters(next(NUMBERS)), name="Digitalcity", sector=LABEL, email="planning@example.org"
    )
    site = await sites.add(
        tx, centre_id=centre, name="Auderghem", street="Rue Jules Cockx 6", postcode="1160", municipality="Auderghem"
    )
    room = await rooms.add(tx, centre_id=centre, site_id=site, name="Labo CISCO", kind="cisco-lab", stations=stations)
    await open_weekdays(tx, room)
    trade, unit, standard = await a_unit(tx, now, per_evaluator=per_evaluator)
    stage = Stage(
        now, centre, site, room, trade, unit, standard,
        evaluator=await an_assessor(tx, "evaluator", trade, centre, now=now),
        observer=await an_assessor(tx, "observer", trade, None, now=now),
        manager=await an_assessor(tx, None, trade, centre, now=now),
    )  # fmt: skip
    await stage.accredit(tx, date(2026, 1, 1), date(2028, 1, 1))
    for number in range(pods):
        stage.pods.append(await equipment.add(tx, centre_id=centre, kind="cisco-pod", name=f"Pod {number + 1}"))
    return stage


async def begins_at(tx: Tx, session_id: object, starts_at: datetime) -> None:
    """The session as if it had been planned for then: for what a clock that stands still never reaches."""
    await tx.execute(
        """update scheduling.sessions
           set test_time = tstzrange($2::timestamptz, $2 + (upper(test_time) - lower(test_time))) where id = $1::uuid""",
        session_id,
        starts_at,
    )


async def open_weekdays(tx: Tx, room: UUID) -> None:
    for weekday in range(1, 6):
        await opening_hours.set_day(tx, room_id=room, weekday=weekday, opens=time(8), closes=time(21))


async def a_unit(tx: Tx, now: datetime, *, per_evaluator: int = 4) -> tuple[UUID, UUID, UUID]:
    """A trade, its unit and the unit's published standard: 240 minutes, 30 to set up, 30 to tear down."""
    await tx.execute(
        """insert into assessments.schemes (code, label, evaluators_min, observers_min, manager_required,
               needs_accreditation, issues_certificate, result_types, minimum_age, failures_before_guidance,
               appeal_days, appeal_answer_days, decision_profile, fee_cents, fee_cents_jobseeker)
           values ('validation', $1, 1, 1, true, true, true, '{pass,fail}', 18, 2, 15, 20, 'cvdc', 0, 0)
           on conflict do nothing""",
        LABEL,
    )
    code = "T" + letters(next(NUMBERS), 3).upper()
    trade = await tx.fetchval(
        """insert into assessments.trades (code, centre_code, scheme, label, rome, isco, esco, esco_label)
           values ($1, 'digitalcity', 'validation', $2, 'I1401', '3512', gen_random_uuid(), 'technicien') returning id""",
        code,
        LABEL,
    )
    unit = await tx.fetchval(
        "insert into assessments.units (trade_id, code, label) values ($1, $2, $3) returning id",
        trade,
        f"{code}-3",
        LABEL,
    )
    standard = await tx.fetchval(
        """insert into assessments.standards (unit_id, version, duration_minutes, setup_minutes, teardown_minutes,
               candidates_per_evaluator, room_kind, equipment_kind, languages, grid, published_at)
           values ($1, 1, 240, 30, 30, $2, 'cisco-lab', 'cisco-pod', '{fr,nl}', $3, $4) returning id""",
        unit,
        per_evaluator,
        GRID,
        now,
    )
    return trade, unit, standard


async def an_assessor(
    tx: Tx,
    role: str | None,
    trade: UUID,
    centre: UUID | None,
    *,
    now: datetime,
    languages: tuple[str, ...] = ("fr", "nl"),
) -> UUID:
    assessor: UUID = await tx.fetchval(
        """insert into assessments.assessors (given_name, family_name, email, centre_id, languages, registered_at)
           values ('Ahmed', 'Lambert', $1, $2, $3, $4) returning id""",
        f"assessor{next(NUMBERS)}@example.org",
        centre,
        list(languages),
        now,
    )
    if role:
        await tx.execute(
            """insert into assessments.qualifications (assessor_id, trade_id, role, valid)
               values ($1, $2, $3, daterange('2025-01-01', '2028-01-01'))""",
            assessor,
            trade,
            role,
        )
    return assessor


def letters(number: int, length: int = 4) -> str:
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(length))
