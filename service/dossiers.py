"""Appeals as those who handle them read them: a manager, an administrator, the reviewer."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments import appeals, recognitions, working_days
from assessments.marking import Outcome
from service.accounts import Account

State = Literal["lodged", "admitted", "under_review", "mediation"] | appeals.Outcome


class Review(Struct, frozen=True):
    """An appeal that an assessor is to answer."""

    appeal_id: UUID
    unit_code: str
    lodged_at: datetime
    answered_at: datetime | None


class Dossier(Struct, frozen=True):
    """An appeal with what its readers need to judge it; the candidate by name, as on the decision. `deadline`: the next
    day by which somebody has to act; `panel`: who reviews it, (id, name). Of an EVC what was recognised, and the
    criteria there are, (code, label)."""

    id: UUID
    booking_id: UUID
    session_id: UUID
    candidate: str
    unit_code: str
    unit_label: dict[str, str]
    centre_name: str
    decided: Outcome
    recognised: recognitions.Result | None
    competences: tuple[str, ...]
    criteria: tuple[tuple[str, dict[str, str]], ...]
    released_at: datetime
    grounds: str
    lodged_at: datetime
    admissible_by: date | None
    due_on: date
    ruled_at: datetime | None
    answered_at: datetime | None
    outcome: appeals.Outcome | None
    motivation: str | None
    panel: tuple[tuple[UUID, str], ...]
    meets_at: datetime | None
    held_at: datetime | None
    is_mine: bool

    @property
    def state(self) -> State:
        if self.outcome is not None:
            return self.outcome
        if self.ruled_at is None:
            return "lodged"
        if self.meets_at is not None and self.held_at is None:
            return "mediation"
        return "under_review" if self.panel else "admitted"

    @property
    def deadline(self) -> date | None:
        first = self.admissible_by if self.ruled_at is None else None
        return working_days.next_deadline(first, self.due_on, is_over=self.answered_at is not None)

    def is_late(self, today: date) -> bool:
        return self.deadline is not None and self.deadline < today


async def reviews(tx: asyncpg.Connection, assessor_id: UUID) -> list[Review]:
    """The appeals that the assessor was appointed to, those without an answer first."""
    rows = await tx.fetch(
        """select a.id as appeal_id, u.code as unit_code, a.lodged_at, a.answered_at
           from assessments.appeal_reviewers w
           join assessments.appeals a on a.id = w.appeal_id
           join assessments.decisions d on d.id = a.decision_id
           join assessments.units u on u.id = d.unit_id
           where w.assessor_id = $1 order by a.answered_at is not null, a.due_on""",
        assessor_id,
    )
    return [Review(**row) for row in rows]


async def dossiers(tx: asyncpg.Connection, me: Account, appeal_id: UUID | None = None) -> list[Dossier]:
    """The appeals within reach, unanswered ones first, or one of them: all for an administrator, those of their centre
    for a manager, those they review for anyone else."""
    rows = await tx.fetch(
        """select a.id, d.booking_id, b.session_id, c.given_name || ' ' || c.family_name as candidate,
                  u.code as unit_code, u.label as unit_label, x.name as centre_name, d.outcome as decided, d.released_at,
                  g.result as recognised, coalesce(g.competences, '{}') as competences,
                  (select coalesce(jsonb_agg(jsonb_build_array(k.one -> 'code', k.one -> 'label') order by k.nth), '[]')
                   from jsonb_array_elements(st.grid -> 'criteria') with ordinality k (one, nth)) as criteria,
                  a.grounds, a.lodged_at, a.admissible_by, a.due_on, a.ruled_at, a.answered_at, a.outcome, a.motivation,
                  (select coalesce(jsonb_agg(jsonb_build_array(p.id, p.given_name || ' ' || p.family_name)
                                             order by w.appointed_at, p.id), '[]')
                   from assessments.appeal_reviewers w join assessments.assessors p on p.id = w.assessor_id
                   where w.appeal_id = a.id) as panel, m.meets_at, m.held_at,
                  exists (select from assessments.appeal_reviewers w
                          where w.appeal_id = a.id and w.assessor_id = $3) as is_mine
           from assessments.appeals a
           join assessments.decisions d on d.id = a.decision_id
           join scheduling.bookings b on b.id = d.booking_id
           join scheduling.sessions s on s.id = b.session_id
           join assessments.standards st on st.id = s.standard_id
           left join assessments.recognitions g on g.id = d.recognition_id
           join scheduling.centres x on x.id = s.centre_id
           join assessments.units u on u.id = d.unit_id
           join assessments.candidates c on c.id = d.candidate_id
           left join assessments.mediations m on m.appeal_id = a.id
           where ($4::uuid is null or a.id = $4)
             and ($1 = 'administrator' or s.centre_id = $2 or exists (
                 select from assessments.appeal_reviewers w where w.appeal_id = a.id and w.assessor_id = $3))
           order by a.answered_at is not null,
                    case when a.ruled_at is null then coalesce(a.admissible_by, a.due_on) else a.due_on end, a.lodged_at""",
        me.role,
        me.centre_id,
        me.assessor_id,
        appeal_id,
    )
    return [msgspec.convert(dict(row), Dossier) for row in rows]


async def possible_reviewers(tx: asyncpg.Connection, appeal_id: UUID) -> list[tuple[str, str]]:
    """Who had no part in the decision and has no tie with the candidate: (id, name), by name."""
    rows = await tx.fetch(
        """select p.id, p.given_name || ' ' || p.family_name as name
           from assessments.appeals a cross join assessments.assessors p
           where a.id = $1 and p.retired_at is null and not assessments.had_a_part(p.id, a.id)
             and not exists (select from assessments.appeal_reviewers w where w.appeal_id = a.id and w.assessor_id = p.id)
           order by p.family_name, p.given_name""",
        appeal_id,
    )
    return [(str(row["id"]), row["name"]) for row in rows]
