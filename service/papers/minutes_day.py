"""The part of the minutes that comes from the grids: where they differ, the check-list, incidents, and the signatures.

Nothing of a candidate's grids is read here before the jury has deliberated.
"""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import assessors, deliberations, entries, new_tests, recordings, standards
from assessments.agreement import Agreement
from assessments.grids import Grid
from assessments.marking import Disagreement
from service.appointments import ROLES
from service.i18n import N_, Words
from service.papers.sheets import Block, Bullets, Heading, Paragraph, Table

MARKS = {"met": N_("Met"), "not_met": N_("Not met"), "not_observed": N_("Not observed"), None: N_("Not rated yet")}
CHECKED = {"met": N_("in order"), "not_met": N_("not in order"), "not_observed": N_("not observed")}
CATEGORIES = {
    "": N_("Incident"),
    "accident": N_("Accident"),
    "equipment": N_("Equipment"),
    "conduct": N_("Conduct"),
    "health": N_("Health"),
    "other": N_("Other incident"),
}
WHY_NOT = {
    "not_both": N_("not said: only one of the two rated"),
    "too_few": N_("not said: too few indicators were seen by both"),
    "no_variance": N_("not said: one of the two gave everything the same mark"),
}


class Signed(Struct, frozen=True):
    """Who submitted a grid, when, and the hash of what they submitted."""

    name: str
    role: recordings.Role
    submitted_at: datetime
    digest: str


class Sealed(Struct, frozen=True):
    """What the submitted grids of one candidate say together. `annulled_at`: the test does not count."""

    labels: dict[str, dict[str, str]]
    differences: tuple[Disagreement, ...]
    agreement: Agreement | None
    signed: tuple[Signed, ...]
    corrections: int
    annulled_at: datetime | None


async def sealed(tx: asyncpg.Connection, booking_id: UUID) -> Sealed:
    """Of a candidate who attended; without a deliberation it says nothing of the grids but who signed them."""
    recorded = [one for one in await recordings.of_booking(tx, booking_id) if one.submitted_at and one.digest]
    deliberated = await tx.fetchval(
        "select exists (select from assessments.deliberations l where l.booking_id = $1)", booking_id
    )
    reading = await deliberations.reading(tx, booking_id) if deliberated else None
    return Sealed(
        labels=_labels((await standards.of_booking(tx, booking_id)).content.grid),
        differences=reading.proposal.disagreements if reading else (),
        agreement=reading.agreement if reading else None,
        signed=tuple([await _signed(tx, one) for one in recorded]),
        corrections=len(await entries.corrections(tx, booking_id)) if deliberated else 0,
        annulled_at=await new_tests.granted_at(tx, booking_id),
    )


async def _signed(tx: asyncpg.Connection, one: recordings.Recording) -> Signed:
    assert one.submitted_at is not None
    return Signed((await assessors.get(tx, one.assessor_id)).name, one.role, one.submitted_at, one.digest or "")


def _labels(grid: Grid) -> dict[str, dict[str, str]]:
    return {one.code: one.label for criterion in grid.criteria for one in criterion.indicators}


def agreed(one: Sealed, w: Words) -> list[tuple[str, str]]:
    """The agreement of the two, as facts."""
    if one.agreement is None:
        return []
    alike = w.gettext("%(same)d of %(all)d", same=one.agreement.same, all=one.agreement.compared)
    beyond = (
        w.gettext(WHY_NOT[one.agreement.reason])
        if one.agreement.reason
        else f"κ = {w.number(round(one.agreement.kappa or 0, 2))}"
    )
    return [(w.gettext("Rated alike"), alike), (w.gettext("Agreement beyond chance"), beyond)]


def differences(one: Sealed, w: Words) -> list[Block]:
    """Where evaluator and observer saw different things."""
    if not one.differences:
        return []
    rows = tuple(
        (
            f"{d.indicator} {w.label(one.labels[d.indicator])}",
            w.gettext(MARKS[d.evaluator]),
            w.gettext(MARKS[d.observer]),
        )
        for d in one.differences
    )
    roles = (w.gettext(ROLES[role]).capitalize() for role in ("evaluator", "observer"))
    head = (w.gettext("Where they differ"), *roles)
    return [Table(head, rows, (6, 2, 2))]


def signatures(one: Sealed, w: Words) -> list[Block]:
    """Who submitted what, and when: the hash proves it. A digest is broken in two, so that it fits its column."""
    if not one.signed:
        return []
    rows = tuple(
        (f"{s.name}, {w.gettext(ROLES[s.role])}", w.moment(s.submitted_at), f"{s.digest[:32]}\n{s.digest[32:]}")
        for s in one.signed
    )
    said: list[Block] = [Table((w.gettext("Grid of"), w.gettext("Submitted"), "SHA-256"), rows, (3, 3, 5))]
    if one.corrections:
        corrected = w.ngettext(
            "%(num)d rating was corrected after the submission, with its reason.",
            "%(num)d ratings were corrected after the submission, with their reasons.",
            one.corrections,
        )
        said.append(Paragraph(corrected))
    return said


async def blocks(tx: asyncpg.Connection, session_id: UUID, w: Words) -> list[Block]:
    """The observer's check-list, then incidents, interruptions and remarks, of everybody deliberated on."""
    return [
        Heading(w.gettext("Conformity of the test")),
        await _check_list(tx, session_id, w),
        Heading(w.gettext("Remarks and incidents")),
        await _remarks(tx, session_id, w),
    ]


async def _check_list(tx: asyncpg.Connection, session_id: UUID, w: Words) -> Block:
    """Each line once where everybody's was in order, else one line a candidate."""
    rows = await tx.fetch(
        """select b.id as booking_id, c.given_name || ' ' || c.family_name as candidate, t.indicator, t.rating, t.reason
           from assessments.recordings r
           join scheduling.bookings b on b.id = r.booking_id
           join assessments.candidates c on c.id = b.candidate_id
           join assessments.ratings t on t.recording_id = r.id
           where b.session_id = $1 and r.role = 'observer' and r.submitted_at is not null
             and exists (select from assessments.deliberations l where l.booking_id = b.id)
           order by c.family_name, c.given_name, b.id""",
        session_id,
    )
    if not rows:
        return Paragraph(w.gettext("Not filled in yet."))
    lines: list[tuple[str, str, str]] = []
    for item in (await standards.of_booking(tx, rows[0]["booking_id"])).content.grid.conformity:
        found = [row for row in rows if row["indicator"] == item.code]
        if all(row["rating"] == "met" for row in found):
            lines.append((w.label(item.label), w.gettext("in order, for everybody"), ""))
        else:
            lines += [
                (w.label(item.label), f"{row['candidate']}: {w.gettext(CHECKED[row['rating']])}", row["reason"])
                for row in found
                if row["rating"] != "met"
            ]
    return Table(
        (w.gettext("Check-list"), w.gettext("What the observer saw"), w.gettext("Note")), tuple(lines), (4, 3, 3)
    )


async def _remarks(tx: asyncpg.Connection, session_id: UUID, w: Words) -> Block:
    """What was noted beside the grids, in the order of the day, then what stands under each grid."""
    said = [
        *[_noted(row, w) for row in await _noted_rows(tx, session_id)],
        *[_remark(row, w) for row in await _remark_rows(tx, session_id)],
    ]
    return Bullets(tuple(said)) if said else Paragraph(w.gettext("None."))


async def _noted_rows(tx: asyncpg.Connection, session_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select e.kind, e.at, e.said, e.role, c.given_name || ' ' || c.family_name as candidate
           from assessments.entries e
           join scheduling.bookings b on b.id = e.booking_id
           join assessments.candidates c on c.id = b.candidate_id
           where b.session_id = $1 and e.set_aside is null and e.kind in ('incident', 'interruption')
             and exists (select from assessments.deliberations l where l.booking_id = b.id)
           order by e.at, e.id""",
        session_id,
    )


def _noted(row: asyncpg.Record, w: Words) -> str:
    """« 10 h 12, Noor Peeters, observateur – Équipement – la meuleuse s'arrête. Informé : M. Simon »"""
    said = row["said"]
    what = (
        w.gettext(CATEGORIES[said.get("category", "")])
        if row["kind"] == "incident"
        else w.gettext("The test was resumed")
        if said.get("step") == "ended"
        else w.gettext("The test was interrupted")
    )
    more = [
        said.get("text", ""),
        w.gettext("Informed: %(who)s.", who=said["informed"]) if said.get("informed") else "",
        w.gettext("Time given back: %(time)s.", time=w.duration(said["minutes"])) if said.get("minutes") else "",
    ]
    who = f"{w.clock(row['at'])}, {row['candidate']}, {w.gettext(ROLES[row['role']])}"
    return f"{who} – {what}" + (" – " + " ".join(one for one in more if one) if any(more) else "")


async def _remark_rows(tx: asyncpg.Connection, session_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select c.given_name || ' ' || c.family_name as candidate, r.role, r.remarks
           from assessments.recordings r
           join scheduling.bookings b on b.id = r.booking_id
           join assessments.candidates c on c.id = b.candidate_id
           where b.session_id = $1 and r.submitted_at is not null and btrim(r.remarks) <> ''
             and exists (select from assessments.deliberations l where l.booking_id = b.id)
           order by c.family_name, c.given_name, r.role""",
        session_id,
    )


def _remark(row: asyncpg.Record, w: Words) -> str:
    return f"{row['candidate']}, {w.gettext(ROLES[row['role']])} – {row['remarks'].strip()}"
