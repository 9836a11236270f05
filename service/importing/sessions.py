"""A list of sessions with their room and jury. Its key is the other system's reference, or room and moment."""

from datetime import UTC
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import structs

from scheduling import clock, drafts, equipment_reservations, sessions
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
from service.importing import fields, juries, lines
from service.importing.fields import CellFault, Column
from service.importing.lines import Blocked, Found, List, Scope, Values
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
        N_("fr, nl, en or de."),
        fields.one_of("fr", "nl", "en", "de"),
        "fr",
        required=True,
    ),
    Column("day", N_("Day"), N_("A day, such as 15/09/2026."), fields.day, "2026-09-15", required=True),
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
    Column("open", N_("Open for booking"), N_("yes, or no: it stays a draft."), fields.yes_no, "no"),
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


async def judge(tx: asyncpg.Connection, values: Values, scope: Scope) -> Found:
    """Find room, unit and session, and what differs; fill `values` with what was found. A session keeps its unit and its
    language."""
    findings = await _find(tx, values, scope)
    if findings:
        return Found(findings=tuple(findings))
    known = await _known(tx, values, scope)
    if known is None:
        if values["starts_at"] <= scope.now:
            findings.append(Finding("day", fields.shown(values["day"]), "past"))
        return Found(findings=(*findings, *await juries.unknown(tx, values)))
    changes = lines.changes_of(
        values, {name: known[name] for name in ("reference", "room", "unit", "language", "seats")}
    )
    local = known["starts_at"].astimezone(clock.BRUSSELS)
    changes |= lines.changes_of(values, {"day": local.date(), "at": local.time()})
    if values.get("open") and known["opened_at"] is None:
        changes["open"] = ("no", "yes")
    changes |= await juries.changes(tx, values, known["id"])
    findings += [Finding(name, fields.shown(values[name]), "fixed") for name in ("unit", "language") if name in changes]
    if changes and known["cancelled_at"] is not None:
        findings.append(Finding("reference", values.get("reference", ""), "cancelled"))
    if ("day" in changes or "at" in changes) and values["starts_at"] <= scope.now:
        findings.append(Finding("day", fields.shown(values["day"]), "past"))
    if values["seats"] < known["taken"]:
        findings.append(Finding("seats", fields.shown(values["seats"]), "seats_taken", about=str(known["taken"])))
    return Found(known["id"], changes, (*findings, *await juries.unknown(tx, values)))


async def _find(tx: asyncpg.Connection, values: Values, scope: Scope) -> list[Finding]:
    """Put the ids of room and unit, and the moment, into the values; or say what there is not."""
    findings: list[Finding] = []
    found = await tx.fetch(
        """select r.id from scheduling.rooms r join scheduling.sites s on s.id = r.site_id
           where r.centre_id = $1 and lower(r.name) = lower($2) and r.retired_at is null
             and ($3::text is null or lower(s.name) = lower($3))""",
        scope.centre_id,
        values["room"],
        values.get("site"),
    )
    if len(found) != 1:
        findings.append(Finding("room", values["room"], "which_site" if found else "unknown_room"))
    else:
        values["room_id"] = found[0]["id"]
    unit = await tx.fetchrow(
        """select u.id, st.languages from assessments.units u join assessments.standards st on st.unit_id = u.id
           where u.code = $1 and st.published_at is not null and st.retired_at is null order by st.version desc limit 1""",
        values["unit"],
    )
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


async def _known(tx: asyncpg.Connection, values: Values, scope: Scope) -> dict[str, Any] | None:
    named = await lines.named_before(tx, values, scope) or lines.own_id(values)
    row = await tx.fetchrow(
        """select s.id, r.name as room, u.code as unit, s.language::text, lower(s.test_time) as starts_at, s.seats, s.taken,
                  s.opened_at, s.cancelled_at, coalesce(x.reference, s.id::text) as reference
           from scheduling.sessions s join scheduling.rooms r on r.id = s.room_id
           join assessments.units u on u.id = s.unit_id
           left join service.external_references x
               on x.kind = 'sessions' and x.centre_id = s.centre_id and x.subject_id = s.id
           where s.centre_id = $1 and (s.id = $2 or ($2::uuid is null and s.room_id = $3 and s.cancelled_at is null
                                                     and lower(s.test_time) = $4))
           order by (s.id = $2) desc limit 1""",
        scope.centre_id,
        named,
        values["room_id"],
        values["starts_at"],
    )
    return dict(row) if row else None


async def carry_out(tx: asyncpg.Connection, values: Values, found: Found, scope: Scope) -> tuple[UUID, list[Finding]]:
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
            await sessions.resize(tx, session_id, seats=values["seats"], now=scope.now)
            await equipment_reservations.reserve_what_is_needed(tx, session_id)
    said = await juries.seat(tx, session_id, values, scope)
    if values.get("open") and (found.subject_id is None or "open" in found.changes):
        said += await _open(tx, session_id, scope)
    await lines.name(tx, values, session_id, scope, is_new=found.subject_id is None)
    return session_id, said


async def _draft(tx: asyncpg.Connection, values: Values, scope: Scope) -> UUID:
    plan = sessions.Plan(
        values["room_id"], values["unit_id"], values["language"], values["starts_at"].astimezone(UTC), values["seats"]
    )
    outcome = await drafts.draft(tx, plan, (), by=scope.by, now=scope.now)
    if outcome.blocked is not None:
        rule = outcome.blocked.rule
        column = FIELDS.get(rule, "")
        raise Blocked(Finding(column, fields.shown(values.get(column)), slug_of(rule), about=outcome.blocked.about))
    assert outcome.session_id is not None
    return outcome.session_id


async def _open(tx: asyncpg.Connection, session_id: UUID, scope: Scope) -> list[Finding]:
    async def act() -> None:
        await sessions.open_for_booking(tx, session_id, by=scope.by, now=scope.now)

    return await juries.said(tx, act, "open", "yes")


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
    waits=True,
    exchanges=(RoomBusy,),
    fields_of=FIELDS,
    batch=week,
    at_once=60,
)
