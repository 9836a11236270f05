"""A list of rooms, with the hours at which they are open. Its key is the other system's reference, or site and name."""

from typing import Any
from uuid import UUID

import asyncpg

from scheduling import opening_hours, rooms
from scheduling.refusals import RoomNotAccessible, RoomUnsuitable, SeatsExceedCapacity
from service.i18n import N_
from service.import_lines import Finding
from service.importing import fields, lines
from service.importing.candidates import COLUMNS as CANDIDATES
from service.importing.fields import Column
from service.importing.lines import Found, List, Scope, Values

REFERENCE = CANDIDATES[0]
COLUMNS = (
    REFERENCE,
    Column("site", N_("Site"), N_("A site of the centre, by its name."), fields.words_of(80), "Forest", required=True),
    Column("name", N_("Room"), N_("Its name, once at a site."), fields.words_of(80), "Atelier 2", required=True),
    Column(
        "kind",
        N_("Kind of room"),
        N_("What the tests ask for, such as workshop or classroom."),
        fields.words_of(40),
        "workshop",
        required=True,
    ),
    Column(
        "stations",
        N_("Workplaces"),
        N_("How many candidates can work in it at the same time."),
        fields.number(1, 500),
        "6",
        required=True,
    ),
    Column("accessible", N_("Without steps"), N_("yes or no."), fields.yes_no, "yes"),
    Column(
        "opening_hours",
        N_("Opening hours"),
        N_("Days (1 is Monday) and hours: 1-5 08:00-17:00; 6 09:00-13:00."),
        fields.hours,
        "1-5 08:00-17:00",
    ),
)


async def judge(tx: asyncpg.Connection, values: Values, scope: Scope) -> Found:
    """Find the room in the centre, and what differs."""
    site_id = await site_of(tx, values["site"], scope)
    if site_id is None:
        return Found(findings=(Finding("site", values["site"], "unknown_site", about=await sites_of(tx, scope)),))
    findings = []
    kinds = await tx.fetchval("select array_agg(distinct room_kind order by room_kind) from assessments.standards")
    if values["kind"] not in (kinds or []):
        findings.append(
            Finding("kind", values["kind"], "unknown_kind", blocking=False, about=", ".join((kinds or [])[:12]))
        )
    known = await _known(tx, values, site_id, scope)
    if known is None:
        return Found(findings=tuple(findings))
    if known["retired_at"] is not None:
        return Found(findings=(Finding("name", values["name"], "retired"),))
    changes = lines.changes_of(values, {**known, "opening_hours": await opening_hours.of_room(tx, known["id"])})
    if "site" in changes:
        findings.append(Finding("site", values["site"], "site_fixed"))
    if "name" in changes and await _is_taken(tx, site_id, values["name"]):
        findings.append(Finding("name", values["name"], "name_taken"))
    return Found(known["id"], changes, tuple(findings))


async def site_of(tx: asyncpg.Connection, name: str, scope: Scope) -> UUID | None:
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select id from scheduling.sites where centre_id = $1 and lower(name) = lower($2)", scope.centre_id, name
    )


async def sites_of(tx: asyncpg.Connection, scope: Scope) -> str:
    return str(
        await tx.fetchval(
            "select coalesce(string_agg(name, ', ' order by name), '') from scheduling.sites where centre_id = $1",
            scope.centre_id,
        )
    )


async def _known(tx: asyncpg.Connection, values: Values, site_id: UUID, scope: Scope) -> dict[str, Any] | None:
    named = await lines.named_before(tx, values, scope) or lines.own_id(values)
    row = await tx.fetchrow(
        """select r.id, s.name as site, r.name, r.kind, r.stations, r.accessible, r.retired_at,
                  coalesce(x.reference, r.id::text) as reference
           from scheduling.rooms r join scheduling.sites s on s.id = r.site_id
           left join service.external_references x on x.kind = 'rooms' and x.centre_id = $1 and x.subject_id = r.id
           where r.centre_id = $1 and (r.id = $2 or (r.site_id = $3 and r.name = $4))
           order by (r.id = $2) desc limit 1""",
        scope.centre_id,
        named,
        site_id,
        values["name"],
    )
    return dict(row) if row else None


async def _is_taken(tx: asyncpg.Connection, site_id: UUID, name: str) -> bool:
    return bool(
        await tx.fetchval(
            "select exists (select from scheduling.rooms where site_id = $1 and name = $2)", site_id, name
        )
    )


async def carry_out(tx: asyncpg.Connection, values: Values, found: Found, scope: Scope) -> tuple[UUID, list[Finding]]:
    """Add or change it. Refuses SeatsExceedCapacity and RoomUnsuitable where coming sessions count on what it was."""
    room_id = found.subject_id
    if room_id is None:
        site_id = await site_of(tx, values["site"], scope)
        assert site_id is not None
        room_id = await rooms.add(
            tx,
            centre_id=scope.centre_id,
            site_id=site_id,
            name=values["name"],
            kind=values["kind"],
            stations=values["stations"],
            accessible=values.get("accessible", True),
        )
    else:
        before = await rooms.get(tx, room_id)
        await rooms.change(
            tx,
            room_id,
            name=values["name"],
            kind=values["kind"],
            stations=values["stations"],
            accessible=values.get("accessible", before.accessible),
        )
    if "opening_hours" in values:
        await opening_hours.replace(tx, room_id=room_id, hours=values["opening_hours"])
    await lines.name(tx, values, room_id, scope, is_new=found.subject_id is None)
    return room_id, []


LIST = List(
    "rooms",
    COLUMNS,
    judge,
    carry_out,
    keys=(("reference",), ("site", "name")),
    waits=True,
    fields_of={SeatsExceedCapacity: "stations", RoomUnsuitable: "kind", RoomNotAccessible: "accessible"},
)
