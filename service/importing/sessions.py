"""A list of sessions with their room and jury. Its key is the other system's reference, or room and moment."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import structs

from scheduling import clock, drafts, equipment_reservations, jury_seats, resizing, sessions
from scheduling.refusals import (
    AccreditationMissing,
    EquipmentBusy,
    EquipmentShort,
    RoomBusy,
    RoomClosed,
    RoomUnsuitable,
    SeatsExceedCapacity,
    SessionFull,
)
from service.i18n import N_
from service.import_lines import Finding
from service.importing import choices, fields, juries, lines
from service.importing.candidates import ONE_OF, SPOKEN
from service.importing.fields import CellFault, Column
from service.importing.lines import Blocked, Done, Found, List, Scope, Values
from service.importing.rooms import COLUMNS as ROOMS
from service.problems import slug_of

SITE = next(column for column in ROOMS if column.name == "site")
COLUMNS = (
    ROOMS[0],
    structs.replace(SITE, required=False, says=N_("Where the centre has two rooms of that name.")),
    Column("room", N_("Room"), N_("Its name."), fields.words_of(80), "Atelier 2", required=True),
    Column("unit", N_("Unit"), N_("Its code."), fields.code, "MACO-1", required=True),
    Column(
        "language",
        N_("Language of the jury"),
        ONE_OF,
        choices.one_of(SPOKEN),
        "fr",
        required=True,
        say=choices.word,
        choices=SPOKEN,
    ),
    Column(
        "day",
        N_("Day"),
        N_("A day, such as 15/09/2026."),
        fields.day,
        "2026-09-15",
        required=True,
        say=fields.day_said,
    ),
    Column(
        "at", N_("Hour"), N_("When the test begins, by the clock in Brussels."), fields.hour, "09:00", required=True
    ),
    Column("seats", N_("Places"), N_("How many candidates."), fields.number(1, 500), "3", required=True),
    Column(
        "evaluators",
        N_("Evaluators"),
        N_("Their email addresses, with spaces between."),
        fields.mails,
        "samir@example.org",
    ),
    Column("observers", N_("Observers"), N_("Their email addresses, with spaces between."), fields.mails, ""),
    Column("manager", N_("Manager of the jury"), N_("Their email address."), fields.mails, ""),
    Column(
        "open",
        N_("Open for booking"),
        N_("yes, or no: it stays a draft."),
        fields.yes_no,
        "no",
        say=fields.yes_no_said,
    ),
)
FIELDS: dict[type[Exception], str] = {
    RoomBusy: "at",
    RoomClosed: "day",
    RoomUnsuitable: "room",
    EquipmentShort: "seats",
    EquipmentBusy: "at",
    SeatsExceedCapacity: "seats",
    SessionFull: "seats",
    AccreditationMissing: "day",
}


async def judge(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> list[Found]:
    """Find room, unit and session, and what differs; fill the values with what was found. A session keeps its unit and its
    language."""
    wrong = await _find(tx, values, scope)
    good = [line for line, findings in zip(values, wrong, strict=True) if not findings]
    known = await _known(tx, good, scope) if good else {}
    people = await juries.people(tx, good)
    seated = await juries.seated(tx, [row["id"] for row in known.values()])
    found = iter(
        _found(line, known.get(place), juries.Register(people, seated), scope)
        for place, line in enumerate(good, start=1)
    )
    return [Found(findings=tuple(findings)) if findings else next(found) for findings in wrong]


def _found(values: Values, known: dict[str, Any] | None, register: juries.Register, scope: Scope) -> Found:
    said = juries.unknown(values, register)
    findings: list[Finding] = []
    if known is None:
        if values["starts_at"] <= scope.now:
            findings.append(Finding("day", fields.shown(values["day"]), "past"))
        return Found(findings=(*findings, *said))
    changes = lines.changes_of(
        values, {name: known[name] for name in ("reference", "room", "unit", "language", "seats")}
    )
    local = known["starts_at"].astimezone(clock.BRUSSELS)
    changes |= lines.changes_of(values, {"day": local.date(), "at": local.time()})
    if values.get("open") and known["opened_at"] is None:
        changes["open"] = ("no", "yes")
    changes |= juries.changes(values, known["id"], register)
    findings += [Finding(name, fields.shown(values[name]), "fixed") for name in ("unit", "language") if name in changes]
    if changes and known["cancelled_at"] is not None:
        findings.append(Finding("reference", values.get("reference", ""), "cancelled"))
    if ("day" in changes or "at" in changes) and values["starts_at"] <= scope.now:
        findings.append(Finding("day", fields.shown(values["day"]), "past"))
    if values["seats"] < known["taken"]:
        findings.append(Finding("seats", fields.shown(values["seats"]), "seats_taken", about=str(known["taken"])))
    return Found(known["id"], changes, (*findings, *said))


async def _find(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> list[list[Finding]]:
    """Put the ids of room and unit, and the moment, into the values; or say what there is not."""
    rooms = await tx.fetch(
        """select r.id, r.name, s.name as site from scheduling.rooms r join scheduling.sites s on s.id = r.site_id
           where r.centre_id = $1 and lower(r.name) in (select lower(given) from unnest($2::text[]) given)
             and r.retired_at is null""",
        scope.centre_id,
        [line["room"] for line in values],
    )
    units = await tx.fetch(
        """select distinct on (u.code) u.code, u.id, st.languages
           from assessments.units u join assessments.standards st on st.unit_id = u.id
           where u.code = any ($1::text[]) and st.published_at is not null and st.retired_at is null
           order by u.code, st.version desc""",
        [line["unit"] for line in values],
    )
    named: dict[str, list[Any]] = {}
    for row in rooms:
        named.setdefault(row["name"].lower(), []).append(row)
    coded = {row["code"]: row for row in units}
    return [_missing(line, named.get(line["room"].lower(), []), coded.get(line["unit"])) for line in values]


def _missing(values: Values, rooms: list[Any], unit: Any) -> list[Finding]:
    findings: list[Finding] = []
    found = [room for room in rooms if "site" not in values or room["site"].lower() == values["site"].lower()]
    if len(found) != 1:
        findings.append(Finding("room", values["room"], "which_site" if found else "unknown_room"))
    else:
        values["room_id"] = found[0]["id"]
    if unit is None:
        findings.append(Finding("unit", values["unit"], "unknown_unit"))
    else:
        values["unit_id"] = unit["id"]
        if values["language"] not in unit["languages"]:
            about = ", ".join(unit["languages"])
            findings.append(Finding("language", values["language"], "language_not_offered", about=about))
    moments = clock.moments(values["day"], values["at"])
    if len(moments) == 1:
        values["starts_at"] = moments[0]
    else:
        code = "repeated_hour" if moments else "skipped_hour"
        findings.append(Finding("at", fields.shown(values["at"]), code))
    return findings


async def _known(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> dict[int, dict[str, Any]]:
    """By the place of the line: the session that its reference names, or that begins there and then."""
    rows = await tx.fetch(
        """with found as materialized (
               select given.place, coalesce(given.named, (
                   select o.id from scheduling.sessions o
                   where o.room_id = given.room_id and o.cancelled_at is null and o.occupied @> given.starts_at
                     and lower(o.test_time) = given.starts_at)) as id
               from unnest($2::uuid[], $3::uuid[], $4::timestamptz[])
                   with ordinality given (named, room_id, starts_at, place))
           select found.place, s.id, r.name as room, u.code as unit, s.language::text, lower(s.test_time) as starts_at,
                  s.seats, s.taken, s.opened_at, s.cancelled_at, coalesce(x.reference, s.id::text) as reference
           from found join scheduling.sessions s on s.id = found.id and s.centre_id = $1
           join scheduling.rooms r on r.id = s.room_id
           join assessments.units u on u.id = s.unit_id
           left join service.external_references x
               on x.kind = 'sessions' and x.centre_id = s.centre_id and x.subject_id = s.id""",
        scope.centre_id,
        await lines.named_before(tx, values, scope),
        [line["room_id"] for line in values],
        [line["starts_at"] for line in values],
    )
    return {row["place"]: dict(row) for row in rows}


async def carry_out(tx: asyncpg.Connection, values: Values, found: Found, scope: Scope) -> Done:
    """Draft or change a session with its equipment. A jury member who cannot come, and an opening that is refused, are
    said: the session is there all the same."""
    session_id = found.subject_id
    if session_id is None:
        session_id = await _draft(tx, values, scope)
    else:
        if {"room", "day", "at"} & found.changes.keys():
            await sessions.move(
                tx, session_id, starts_at=values["starts_at"], room_id=values["room_id"], by=scope.by, now=scope.now
            )
        if "seats" in found.changes:
            await resizing.resize(tx, session_id, seats=values["seats"], now=scope.now)
    acts = await juries.seating(tx, session_id, values, scope)
    if values.get("open") and (found.subject_id is None or "open" in found.changes):
        acts.append(juries.Act(_opening(tx, session_id, scope), "open", "yes"))
    said = await juries.said(tx, acts)
    await lines.name(tx, values, session_id, scope, is_new=found.subject_id is None)
    return session_id, said


async def add_all(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> list[Done]:
    """Draft sessions with equipment and jury, and open those that are to be. Whatever refuses refuses all of them, a jury
    member who cannot come included: line by line it is said of whom."""
    ids = await sessions.plan_all(tx, [_plan(line) for line in values], by=scope.by, now=scope.now)
    await equipment_reservations.reserve_for_all(tx, ids)
    people = await juries.people(tx, values)
    seats = [
        jury_seats.Given(session_id, people[mail], role)
        for line, session_id in zip(values, ids, strict=True)
        for column, role in juries.ROLES.items()
        for mail in sorted(set(line.get(column, ())))
        if mail in people
    ]
    await jury_seats.give_all(tx, seats, by=scope.by, now=scope.now)
    opened = [session_id for line, session_id in zip(values, ids, strict=True) if line.get("open")]
    await sessions.open_all(tx, opened, by=scope.by, now=scope.now)
    await lines.name_all(tx, values, ids, scope)
    return [(each, []) for each in ids]


def _plan(values: Values) -> sessions.Plan:
    return sessions.Plan(
        values["room_id"], values["unit_id"], values["language"], values["starts_at"].astimezone(UTC), values["seats"]
    )


async def _draft(tx: asyncpg.Connection, values: Values, scope: Scope) -> UUID:
    outcome = await drafts.draft(tx, _plan(values), (), by=scope.by, now=scope.now)
    if outcome.blocked is not None:
        rule = outcome.blocked.rule
        column = FIELDS.get(rule, "")
        raise Blocked(Finding(column, fields.shown(values.get(column)), slug_of(rule), about=outcome.blocked.about))
    assert outcome.session_id is not None
    return outcome.session_id


def _opening(tx: asyncpg.Connection, session_id: UUID, scope: Scope) -> Callable[[], Awaitable[None]]:
    async def act() -> None:
        await sessions.open_for_booking(tx, session_id, by=scope.by, now=scope.now)

    return act


def week(cells: dict[str, str]) -> int:
    """Sessions get into each other's way within a week: rooms and people by the hour, assessors by the week."""
    try:
        year, number, _ = fields.day(cells.get("day", "")).isocalendar()
    except CellFault:
        return 0
    return year * 100 + number


LIST = List(
    "sessions",
    COLUMNS,
    judge,
    carry_out,
    keys=(("reference",), ("site", "room", "day", "at")),
    add_all=add_all,
    waits=True,
    exchanges=(RoomBusy,),
    fields_of=FIELDS,
    batch=week,
    at_once=60,
)
