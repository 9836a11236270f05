"""Why not? The nearest reason why there is no place, what is short, and the nearest way out: for pages and programs."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from scheduling.refusals import RoomNotAccessible, SameSession, SessionFull
from service import guidance, ways_out, wordings
from service.coalescing import Coalesced
from service.db import BY_CONSTRAINT, Actor, Database
from service.i18n import N_, Words

Bottleneck = Literal["room", "equipment", "evaluator", "observer", "language", "accreditation", "planning", "none"]

# What is short, and what would have to change.
SAID: dict[Bottleneck, tuple[str, str]] = {
    "room": (N_("There is no more room"), N_("A bigger room, or another date, would make places.")),
    "equipment": (N_("There is not enough equipment"), N_("One more piece of equipment would make one more place.")),
    "evaluator": (N_("There are too few evaluators"), N_("One more evaluator on that day would make more places.")),
    "observer": (N_("There is no observer"), N_("Somebody from outside the centre has to watch the test.")),
    "language": (
        N_("Nobody who speaks this language can assess the test"),
        N_("In another language there may be a place now."),
    ),
    "accreditation": (
        N_("No centre may hold this test at the moment"),
        N_("The accreditation of the centre has to be renewed first."),
    ),
    "planning": (N_("No date is planned at the moment"), N_("Everything needed is there: a centre has to set a date.")),
    "none": (N_("All places are taken"), N_("Places come free when somebody cancels.")),
}

NOBODY_SPEAKS_IT = (
    SAID["language"][0],
    N_("A centre has to find somebody who does. In no other language is a date planned now."),
)
THERE_IS_ONE = (N_("There is a free place now"), N_("Take it, or wait for one that suits you better."))


class WhyNot(Struct, frozen=True):
    """`bottleneck`: what sets the limit; `limits`: seats that each resource would allow, in the session asked about;
    `waiting`: how many wait for the unit, `before_me` of them before the reader (None: the reader does not wait);
    `next_at`: the soonest other place that the reader could take, if there is one. `refusal`: the rule in the way (None: no
    session takes bookings), which lets them from `not_before` on; `failures`: after how many of them guidance comes first,
    where that is the rule; `booking_id`: their own booking that is in the way;
    `language`: the one that was asked for, or of the place that was; `has_dates`: some
    session of the unit takes bookings, in whatever language."""

    bottleneck: Bottleneck
    limits: dict[str, int]
    waiting: int
    before_me: int | None
    next_session_id: UUID | None
    next_at: datetime | None
    unit_code: str
    refusal: type[Exception] | None = None
    session_id: UUID | None = None
    not_before: date | None = None
    failures: int | None = None
    booking_id: UUID | None = None
    language: str | None = None
    has_dates: bool = True

    @property
    def said(self) -> tuple[str, str]:
        """What is in the way or short, and what would have to change, as English sentences to translate."""
        if self.has_place:
            return THERE_IS_ONE
        if self.refusal is None or self.is_full:
            is_held_in_none = self.bottleneck == "language" and not self.has_dates
            return NOBODY_SPEAKS_IT if is_held_in_none else SAID[self.bottleneck]
        _, title, advice = wordings.SAID[self.refusal]
        return title, advice

    def rule(self, words: Words) -> str:
        """What would have to change, in the number of the scheme."""
        return guidance.comes_first(self.failures, words) if self.failures else words.gettext(self.said[1])

    def advice(self, words: Words) -> str:
        """The same, with the day from which on it has."""
        sentence = self.rule(words)
        if self.not_before is None:
            return sentence
        return sentence + " " + words.gettext(N_("From %(day)s on it is possible."), day=words.day(self.not_before))

    @property
    def is_full(self) -> bool:
        """Whether all seats are taken, which has a reason of its own."""
        return self.refusal is None or self.refusal is SessionFull

    @property
    def has_place(self) -> bool:
        """Asked about a unit that has a free place."""
        return self.refusal is None and self.next_session_id is not None

    @property
    def is_about_places(self) -> bool:
        """Whether the line of those who wait has to do with it."""
        return self.refusal is None or ways_out.NEXT in ways_out.WAYS[self.refusal]

    @property
    def _wish(self) -> str:
        """The unit, and the language to wait in, as an address names them."""
        return f"{self.unit_code}&language={self.language}" if self.language else self.unit_code

    def ways(self, words: Words) -> list[tuple[str, str]]:
        """The ways out, nearest first: what a link says, and its address."""
        found = ways_out.known(
            self.refusal or SessionFull,
            {
                "unit": self.unit_code if self.has_dates else None,
                "new": self._wish if self.before_me is None else None,
                "mine": None if self.before_me is None else "",
                "session": self.session_id,
                "booking": self.booking_id,
                "next": self.next_session_id,
            },
        )
        moment = words.moment(self.next_at) if self.next_at else ""
        return [(words.gettext(way.label, moment=moment), way.address) for way in found]


class Refused(Struct, frozen=True):
    """Who was refused what, and when: a place in a session, or on a unit's waiting list, or something about a booking."""

    actor: Actor
    refusal: type[Exception]
    session_id: UUID | None
    now: datetime
    unit_id: UUID | None = None
    booking_id: UUID | None = None


class Reasons:
    """`await reasons(refused)`: why, or None where there is no such session within the asker's reach. Those who ask while
    a round trip is under way share the next one: a storm on one session is refused far more often than it is served."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._each = Coalesced(self._together)

    async def __call__(self, refused: Refused) -> WhyNot | None:
        return await self._each(refused)

    async def _together(self, asked: Sequence[Refused]) -> list[WhyNot | Exception | None]:
        async with self._db.glance() as connection:
            rows = await connection.fetch(
                "select * from service.around_refusals($1, $2, $3, $4, $5, $6, $7)",
                [one.actor.account for one in asked],
                [one.actor.candidate for one in asked],
                [one.session_id for one in asked],
                [one.unit_id for one in asked],
                [one.booking_id for one in asked],
                [RULES.get(one.refusal, "") for one in asked],
                max(one.now for one in asked),
            )
        return [_of_refusal(one, row) for one, row in zip(asked, rows, strict=True)]


RULES = {refusal: rule for rule, refusal in BY_CONSTRAINT.items()} | {SameSession: "same_session"}


def _of_refusal(asked: Refused, row: asyncpg.Record) -> WhyNot | None:
    if row["unit_code"] is None:
        return None
    limits: dict[str, int] = row["limits"] or {}
    bottleneck: Bottleneck = "room" if asked.refusal is RoomNotAccessible else "none"
    if limits:
        tightest = min(limits, key=lambda name: limits[name])
        bottleneck = tightest if limits[tightest] <= row["seats"] else "none"  # type: ignore[assignment]
    return WhyNot(
        bottleneck=bottleneck,
        limits=limits,
        waiting=row["waiting"],
        before_me=row["before_me"],
        next_session_id=row["next_session_id"],
        next_at=row["next_at"],
        unit_code=row["unit_code"],
        refusal=asked.refusal,
        session_id=row["session_id"],
        not_before=row["not_before"],
        failures=row["failures"],
        booking_id=row["booking_id"],
        language=row["language"],
    )


async def of_unit(
    tx: asyncpg.Connection, unit_id: UUID, language: str | None, candidate_id: UUID | None, *, now: datetime
) -> WhyNot:
    """Why no session of a unit, in a language or in any, takes bookings: what is missing, the furthest back first."""
    row = await tx.fetchrow(
        """select u.code as unit_code, scheduling.line_length(u.id) as waiting,
                  (select l.place - 1 from scheduling.waiting_line l where l.unit_id = u.id and l.candidate_id = $2) as before_me,
                  n.id as next_session_id, n.starts_at as next_at,
                  exists (select from scheduling.taking_bookings o where o.unit_id = u.id and o.starts_at > $3) as has_dates
           from assessments.units u left join lateral (
               select o.id, o.starts_at from scheduling.taking_bookings o
               where o.unit_id = u.id and o.starts_at > $3 and o.free > 0 and ($4::text is null or o.language = $4)
               order by o.starts_at, o.id limit 1) n on true
           where u.id = $1""",
        unit_id,
        candidate_id,
        now,
        language,
    )
    assert row is not None
    bottleneck = await _missing(tx, unit_id, language, now=now)
    return msgspec.convert({**row, "bottleneck": bottleneck, "limits": {}, "language": language}, WhyNot)


async def _missing(tx: asyncpg.Connection, unit_id: UUID, language: str | None, *, now: datetime) -> Bottleneck:
    row = await tx.fetchrow(
        """with wanted as (
               select u.id, t.id as trade_id, k.needs_accreditation, k.observers_min, st.room_kind, st.equipment_kind
               from assessments.units u join assessments.trades t on t.id = u.trade_id
               join assessments.schemes k on k.code = t.scheme
               join lateral (select x.* from assessments.standards x where x.unit_id = u.id and x.published_at is not null
                               and x.retired_at is null order by x.version desc limit 1) st on true
               where u.id = $1)
           select exists (select from scheduling.sessions s where s.unit_id = $1 and s.opened_at is not null
                            and s.locked_at is null and s.cancelled_at is null and lower(s.test_time) > $3
                            and ($2::text is null or s.language = $2)) as is_open,
                  not w.needs_accreditation or exists (select from assessments.accreditations a
                      where a.trade_id = w.trade_id and a.valid @> service.day($3)) as accredited,
                  exists (select from scheduling.rooms r where r.kind = w.room_kind and r.retired_at is null) as has_room,
                  w.equipment_kind is null or scheduling.has_equipment(w.equipment_kind) as has_equipment,
                  assessments.has_assessor(w.trade_id, 'evaluator', null, $3) as has_evaluator,
                  w.observers_min = 0 or assessments.has_assessor(w.trade_id, 'observer', null, $3) as has_observer,
                  assessments.has_assessor(w.trade_id, 'evaluator', $2, $3)
                  and (w.observers_min = 0 or assessments.has_assessor(w.trade_id, 'observer', $2, $3)) as speaks
           from wanted w""",
        unit_id,
        language,
        now,
    )
    if row is None:
        return "planning"
    found: tuple[tuple[bool, Bottleneck], ...] = (
        (row["is_open"], "none"),
        (not row["accredited"], "accreditation"),
        (not row["has_room"], "room"),
        (not row["has_equipment"], "equipment"),
        (not row["has_evaluator"], "evaluator"),
        (not row["has_observer"], "observer"),
        (not row["speaks"], "language"),
    )
    return next((name for is_it, name in found if is_it), "planning")
