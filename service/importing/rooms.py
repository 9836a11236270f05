"""A list of rooms, with the hours at which they are open. Its key is the other system's reference, or site and name."""

from collections.abc import Sequence
from datetime import time
from typing import Any
from uuid import UUID

import asyncpg

from scheduling import opening_hours, rooms
from scheduling.refusals import RoomNotAccessible, RoomUnsuitable, SeatsExceedCapacity
from service.i18n import N_
from service.import_lines import Finding
from service.importing import choices, fields, lines
from service.importing.candidates import COLUMNS as CANDIDATES
from service.importing.fields import Column
from service.importing.lines import Done, Found, List, Scope, Values

REFERENCE = CANDIDATES[0]
COLUMNS = (
    REFERENCE,
    Column("site", N_("Site"), N_("A site of the centre, by its name."), fields.words_of(80), "Forest", required=True),
    Column("name", N_("Room"), N_("Its name, once at a site."), fields.words_of(80), "Atelier 2", required=True),
    Column(
        "kind",
        N_("Kind of room"),
        N_("What the tests ask for, such as %(values)s. Programs may write the codes %(codes)s."),
        choices.kind_of_room(fields.words_of(40)),
        "workshop",
        required=True,
        say=choices.word,
        choices=choices.ROOMS,
    ),
    Column(
        "stations",
        N_("Workplaces"),
        N_("How many candidates can work in it at the same time."),
        fields.number(1, 500),
        "6",
        required=True,
    ),
    Column("accessible", N_("Without steps"), N_("yes or no."), fields.yes_no, "yes", say=fields.yes_no_said),
    Column(
        "opening_hours",
        N_("Opening hours"),
        N_("Days (1 is Monday) and hours: 1-5 08:00-17:00; 6 09:00-13:00."),
        fields.hours,
        "1-5 08:00-17:00",
    ),
)


async def judge(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> list[Found]:
    """Find the rooms in the centre, and what differs; fill the values with the id of the site."""
    sites = await _sites(tx, scope)
    kinds = (
        await tx.fetchval("select array_agg(distinct room_kind order by room_kind) from assessments.standards") or []
    )
    for line in values:
        line["site_id"] = sites.get(line["site"].lower(), (None, ""))[0]
    known = await _known(tx, values, scope)
    there = ", ".join(sorted(name for _, name in sites.values()))
    found = []
    for place, line in enumerate(values, start=1):
        if line["site_id"] is None:
            found.append(Found(findings=(Finding("site", line["site"], "unknown_site", about=there),)))
            continue
        findings = []
        if line["kind"] not in kinds:
            about = ", ".join(kinds[:12])
            findings.append(Finding("kind", line["kind"], "unknown_kind", blocking=False, about=about))
        found.append(_found(line, known.get(place), findings))
    return found


def _found(values: Values, known: dict[str, Any] | None, findings: list[Finding]) -> Found:
    if known is None:
        return Found(findings=tuple(findings))
    if known["retired_at"] is not None:
        return Found(findings=(Finding("name", values["name"], "retired"),))
    changes = lines.changes_of(values, known)
    if "site" in changes:
        findings.append(Finding("site", values["site"], "site_fixed"))
    if "name" in changes and known["is_taken"]:
        findings.append(Finding("name", values["name"], "name_taken"))
    return Found(known["id"], changes, tuple(findings))


async def _sites(tx: asyncpg.Connection, scope: Scope) -> dict[str, tuple[UUID, str]]:
    """The centre's, by their names in small letters."""
    rows = await tx.fetch("select id, name from scheduling.sites where centre_id = $1", scope.centre_id)
    return {row["name"].lower(): (row["id"], row["name"]) for row in rows}


async def _known(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> dict[int, dict[str, Any]]:
    """By the place of the line. `is_taken`: a room of the site bears the line's name."""
    rows = await tx.fetch(
        """with found as materialized (
               select given.place, same.id is not null as is_taken, coalesce(
                   (select n.id from scheduling.rooms n where n.id = given.named and n.centre_id = $1), same.id) as id
               from unnest($2::uuid[], $3::uuid[], $4::text[]) with ordinality given (named, site_id, name, place)
               left join scheduling.rooms same on same.site_id = given.site_id and same.name = given.name
               where given.site_id is not null)
           select found.place, r.id, s.name as site, r.name, r.kind, r.stations, r.accessible, r.retired_at,
                  coalesce(x.reference, r.id::text) as reference, found.is_taken,
                  coalesce((select jsonb_agg(jsonb_build_array(o.weekday, o.opens, o.closes) order by o.weekday, o.opens)
                            from scheduling.opening_hours o where o.room_id = r.id), '[]') as opening_hours
           from found join scheduling.rooms r on r.id = found.id
           join scheduling.sites s on s.id = r.site_id
           left join service.external_references x on x.kind = 'rooms' and x.centre_id = $1 and x.subject_id = r.id""",
        scope.centre_id,
        await lines.named_before(tx, values, scope),
        [line["site_id"] for line in values],
        [line["name"] for line in values],
    )
    return {row["place"]: {**row, "opening_hours": _hours(row["opening_hours"])} for row in rows}


def _hours(kept: list[tuple[int, str, str]]) -> tuple[tuple[int, time, time], ...]:
    return tuple((weekday, time.fromisoformat(opens), time.fromisoformat(closes)) for weekday, opens, closes in kept)


async def carry_out(tx: asyncpg.Connection, values: Values, found: Found, scope: Scope) -> Done:
    """Add or change it. Refuses SeatsExceedCapacity and RoomUnsuitable where coming sessions count on what it was."""
    room_id = found.subject_id
    if room_id is None:
        return (await add_all(tx, [values], scope))[0]
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
    await lines.name(tx, values, room_id, scope, is_new=False)
    return room_id, []


async def add_all(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> list[Done]:
    """Add them, with their hours."""
    new = [
        rooms.New(line["site_id"], line["name"], line["kind"], line["stations"], line.get("accessible", True))
        for line in values
    ]
    ids = await rooms.add_all(tx, scope.centre_id, new)
    given = zip(ids, values, strict=True)
    await opening_hours.replace_all(
        tx, {each: line["opening_hours"] for each, line in given if "opening_hours" in line}
    )
    await lines.name_all(tx, values, ids, scope)
    return [(each, []) for each in ids]


LIST = List(
    "rooms",
    COLUMNS,
    judge,
    carry_out,
    keys=(("reference",), ("site", "name")),
    add_all=add_all,
    waits=True,
    fields_of={SeatsExceedCapacity: "stations", RoomUnsuitable: "kind", RoomNotAccessible: "accessible"},
)
