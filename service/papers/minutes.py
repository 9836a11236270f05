"""The minutes of a session, for the file: who sat, who was there, what the grid proposed, how the jury voted and decided.

For the centre's manager alone. What is sealed stays sealed: of a candidate whose jury has not deliberated it says just that.
"""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from scheduling import jury_seats
from service import agenda
from service.agenda import Attendee, SessionLine
from service.appointments import ROLES
from service.i18n import BRUSSELS, LANGUAGES, N_, Words, words
from service.papers import minutes_day, seats
from service.papers.minutes_day import Sealed
from service.papers.sheets import Block, Facts, Heading, Paragraph, Sheet, Signature, Table
from service.refusals import NotFound

OUTCOMES = {"pass": N_("passed"), "fail": N_("not passed"), "undecided": N_("undecided")}
ABSENT = {
    "no_show": N_("did not come"),
    "excused": N_("excused"),
    "turned_away": N_("turned away"),
    "cancelled_by_centre": N_("cancelled by the centre"),
}
ON_THE_DAY = ("no_show", "excused", "turned_away")


class Judged(Struct, frozen=True):
    """What the jury wrote about one candidate, once it has deliberated."""

    booking_id: UUID
    proposal: str
    evaluator_vote: str
    observer_vote: str
    manager_vote: str
    outcome: str
    motivation: str
    deliberated_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decision: str | None
    profile: str | None
    released_at: datetime | None
    is_revised: bool


async def of_session(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> Sheet:
    """The minutes as they stand. Refuses NotFound before the test has ended."""
    line = await agenda.session(tx, session_id)
    facts = await tx.fetchrow(
        """select s.started_at, s.ended_at, c.email, st.version from scheduling.sessions s
           join scheduling.centres c on c.id = s.centre_id
           join assessments.standards st on st.id = s.standard_id where s.id = $1""",
        session_id,
    )
    if facts is None or facts["ended_at"] is None:
        raise NotFound
    w, day = words(line.language), now.astimezone(BRUSSELS).date()
    people = await agenda.attendees(tx, session_id)
    jury = await jury_seats.of_session(tx, session_id)
    judged = await _judged(tx, session_id)
    sealed = {one.booking_id: await minutes_day.sealed(tx, one.booking_id) for one in people if one.attended_at}
    return Sheet(
        language=w.language,
        title=w.gettext("Minutes of the session"),
        centre=line.centre_name,
        day=day,
        blocks=(
            Paragraph(w.label(line.unit_label), strong=True),
            _session(line, facts, w),
            Heading(w.gettext("Jury")),
            _jury(jury, w),
            Heading(w.gettext("Candidates")),
            _presence(people, w),
            *(
                block
                for one in people
                if one.attended_at
                for block in _candidate(one, judged.get(one.booking_id), sealed.get(one.booking_id), w)
            ),
            *(await minutes_day.blocks(tx, session_id, w)),
            Signature(tuple(f"{s.given_name} {s.family_name}, {w.gettext(ROLES[s.role])}" for s in jury)),
        ),
        foot=w.gettext(seats.MADE, day=w.day(day), centre=line.centre_name, email=facts["email"]),
        page=seats.page(w),
    )


def _session(line: SessionLine, facts: asyncpg.Record, w: Words) -> Facts:
    return Facts(
        (
            (w.gettext("Unit"), f"{line.unit_code} · {w.label(line.trade_label)}"),
            (w.gettext("Standard"), w.gettext("version %(number)d", number=facts["version"])),
            (w.gettext("Planned"), f"{w.span(line.starts_at, line.ends_at)}, {line.room_name}"),
            (w.gettext("Begun and ended"), w.span(facts["started_at"], facts["ended_at"])),
            (w.gettext("Language of the test"), LANGUAGES[line.language]),
        )
    )


def _jury(jury: list[jury_seats.JurySeat], w: Words) -> Table:
    rows = tuple((f"{s.given_name} {s.family_name}", w.gettext(ROLES[s.role]), s.employer or "–") for s in jury)
    return Table((w.gettext("Name"), w.gettext("Role"), w.gettext("Employer")), rows, (2, 2, 2))


def _presence(people: list[Attendee], w: Words) -> Block:
    """Who had cancelled before is no part of the session."""
    rows = tuple(
        (
            f"{who.given_name} {who.family_name}",
            w.gettext("present") if who.attended_at else w.gettext(ABSENT.get(who.release or "", N_("not present"))),
            w.clock(who.checked_in_at) if who.checked_in_at else "–",
            w.clock(who.contract_signed_at) if who.contract_signed_at else "–",
        )
        for who in people
        if who.attended_at or who.release in ON_THE_DAY or not who.release
    )
    if not rows:
        return Paragraph(w.gettext("Nobody was expected."))
    head = (w.gettext("Candidate"), w.gettext("Presence"), w.gettext("Identity seen"), w.gettext("Contract signed"))
    return Table(head, rows, (3, 2, 2, 2))


def _candidate(who: Attendee, one: Judged | None, sealed: Sealed | None, w: Words) -> list[Block]:
    said: list[Block] = [Heading(f"{who.given_name} {who.family_name}")]
    if one is None:
        annulled = sealed is not None and sealed.annulled_at is not None
        return [
            *said,
            Paragraph(
                w.gettext("This test does not count: somebody of the jury has a tie with the candidate.")
                if annulled
                else w.gettext("The jury has not deliberated on this candidate.")
            ),
        ]
    votes = (("evaluator", one.evaluator_vote), ("observer", one.observer_vote), ("manager", one.manager_vote))
    pairs = [
        (w.gettext("The grid proposes"), w.gettext(OUTCOMES[one.proposal])),
        (w.gettext("Votes"), ", ".join(f"{w.gettext(ROLES[role])} – {w.gettext(OUTCOMES[v])}" for role, v in votes)),
        (w.gettext("The jury says"), f"{w.gettext(OUTCOMES[one.outcome])} ({w.moment(one.deliberated_at)})"),
    ]
    if one.motivation:
        pairs.append((w.gettext("Motivation"), one.motivation))
    if one.decision is not None and one.decided_at is not None:
        by = f"{w.gettext(OUTCOMES[one.decision])}, {one.decided_by} ({w.moment(one.decided_at)}, {one.profile})"
        pairs.append((w.gettext("Decision"), by))
        told = w.moment(one.released_at) if one.released_at else w.gettext("not yet")
        pairs.append((w.gettext("Candidate told"), told))
    if one.is_revised:
        pairs.append((w.gettext("Appeal"), w.gettext("The decision was revised after an appeal.")))
    if sealed is not None and sealed.annulled_at is not None:
        pairs.append(
            (w.gettext("Appeal"), w.gettext("This test does not count. The candidate has the right to a new one."))
        )
    if sealed is not None:
        pairs += minutes_day.agreed(sealed, w)
        return [*said, Facts(tuple(pairs)), *minutes_day.differences(sealed, w), *minutes_day.signatures(sealed, w)]
    return [*said, Facts(tuple(pairs))]


async def _judged(tx: asyncpg.Connection, session_id: UUID) -> dict[UUID, Judged]:
    rows = await tx.fetch(
        """select l.booking_id, l.proposal, l.evaluator_vote, l.observer_vote, l.manager_vote, l.outcome, l.motivation,
                  l.deliberated_at, d.taken_at as decided_at, a.given_name || ' ' || a.family_name as decided_by,
                  d.outcome as decision, d.profile, d.released_at, d.revises is not null as is_revised
           from assessments.deliberations l
           join scheduling.bookings b on b.id = l.booking_id
           left join assessments.decisions d on d.booking_id = b.id and d.superseded_at is null
           left join assessments.assessors a on a.id = d.taken_by
           where b.session_id = $1""",
        session_id,
    )
    return {row["booking_id"]: msgspec.convert({**row, "is_revised": bool(row["is_revised"])}, Judged) for row in rows}
