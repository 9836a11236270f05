"""Who could take a seat in a jury, the best first, and why the others cannot."""

from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling.jury_seats import Role
from scheduling.refusals import NotFound

NEAR_DAYS = 30


class Proposal(Struct, frozen=True):
    """An assessor before a seat of one session.

    `obstacles` and `objections` bear the names of the rules that guard scheduling.jury_seats: nobody can set aside the
    former, a manager may set aside the latter with a reason. `offered`: within the weekly hours they offer. `load`: how
    many seats they have within NEAR_DAYS before and after. `travel`: minutes from another session of theirs that day.
    """

    assessor_id: UUID
    name: str
    employer: str | None
    obstacles: list[str]
    objections: list[str]
    offered: bool
    load: int
    travel: int

    @property
    def is_fit(self) -> bool:
        return not self.obstacles and not self.objections

    @property
    def rank(self) -> tuple[bool, int, int, bool, int, int, str]:
        """Fit before unfit, and people of another trade after all who could do it at another time; then who offered the
        time, then who has had less to do, then the shorter way."""
        is_stranger = "assessor_unqualified" in self.obstacles
        in_the_way = (is_stranger, len(self.obstacles), len(self.objections))
        return *in_the_way, not self.offered, self.load, self.travel, self.name


async def proposals(tx: asyncpg.Connection, session_id: UUID, role: Role) -> list[Proposal]:
    """Every assessor in service before a seat of this session, best first. Refuses NotFound."""
    rows = await tx.fetch(
        """select a.id as assessor_id, a.given_name || ' ' || a.family_name as name, a.employer,
                  array(select r.rule from (values
                      (1, 'session_over', s.cancelled_at is not null or s.ended_at is not null),
                      (2, 'assessor_already_seated', exists (
                          select from scheduling.jury_seats j
                          where j.session_id = s.id and j.assessor_id = a.id and j.released_at is null)),
                      (3, 'assessor_unqualified',
                          $2 <> 'manager' and not assessments.qualified(a.id, u.trade_id, $2, s.test_time)),
                      (4, 'language_not_spoken', $2 <> 'manager' and not s.language = any (a.languages)),
                      (5, 'observer_not_external', $2 = 'observer' and coalesce(a.centre_id = s.centre_id, false)),
                      (6, 'manager_not_of_centre', $2 = 'manager' and a.centre_id is distinct from s.centre_id),
                      (7, 'assessor_knows_candidate', exists (
                          select from scheduling.bookings b where b.session_id = s.id and b.released_at is null
                            and (b.candidate_id = a.id or assessments.conflict(a.id, b.candidate_id, $2)))),
                      (8, 'assessor_busy', $2 <> 'manager' and scheduling.is_busy(a.id, s.id, s.occupied))
                  ) r (position, rule, stands) where r.stands order by r.position) as obstacles,
                  array(select o from scheduling.seat_objections(a.id, s.id, s.occupied) o
                        where $2 <> 'manager') as objections,
                  exists (select from scheduling.availability v
                          where v.assessor_id = a.id and v.valid @> service.day(lower(s.occupied))
                            and v.weekday = extract(isodow from lower(s.occupied) at time zone 'Europe/Brussels')
                            and v.opens <= (lower(s.occupied) at time zone 'Europe/Brussels')::time
                            and v.closes >= (upper(s.occupied) at time zone 'Europe/Brussels')::time) as offered,
                  scheduling.seats_between(a.id, lower(s.occupied) - make_interval(days => $3),
                                           lower(s.occupied) + make_interval(days => $3)) as load,
                  coalesce(scheduling.minutes_to(s.id, a.id), 0) as travel
           from scheduling.sessions s join assessments.units u on u.id = s.unit_id, assessments.assessors a
           where s.id = $1 and a.retired_at is null""",
        session_id,
        role,
        NEAR_DAYS,
    )
    if not rows:
        raise NotFound
    return sorted((Proposal(**row) for row in rows), key=lambda one: one.rank)
