"""What people are called in a bundle: a pseudonym, wherever their name stands, or their name."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.pseudonyms import Pseudonyms

SHORTEST = 3  # letters of a name that is looked for on its own: "De" is a name, and a word


class Naming(Struct, frozen=True):
    """`called`: everybody concerned, by id. `instead`: names as they are written, in lower case, and what stands for them;
    empty in a bundle with names."""

    called: dict[UUID, str]
    instead: dict[str, str]
    pattern: re.Pattern[str] | None

    def text(self, said: str) -> str:
        """A text without the names of those concerned, in whatever case they are written."""
        if self.pattern is None:
            return said
        return self.pattern.sub(lambda found: self.instead[found[0].lower()], said)

    def everywhere(self, value: Any) -> Any:
        """The same in everything that a record or a paper holds; what its parts are called stays."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: one if key in ("type", "language") else self.everywhere(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.everywhere(one) for one in value]
        return value


async def of_session(tx: asyncpg.Connection, session_id: UUID, pseudonyms: Pseudonyms | None) -> Naming:
    """Everybody with a booking, a seat, a decision or an appeal of this session. Without `pseudonyms`: by their names."""
    rows = await tx.fetch(
        """select 'candidate' as kind, c.id, c.given_name, c.family_name
           from scheduling.bookings b join assessments.candidates c on c.id = b.candidate_id where b.session_id = $1
           union
           select 'assessor', a.id, a.given_name, a.family_name from assessments.assessors a
           where exists (select from scheduling.jury_seats j where j.session_id = $1 and j.assessor_id = a.id)
              or exists (select from assessments.decisions d join scheduling.bookings b on b.id = d.booking_id
                         where b.session_id = $1 and d.taken_by = a.id)
              or exists (select from assessments.recognitions r join scheduling.bookings b on b.id = r.booking_id
                         where b.session_id = $1 and r.decided_by = a.id)
              or exists (select from assessments.appeal_reviewers w join assessments.appeals p on p.id = w.appeal_id
                         join assessments.decisions d on d.id = p.decision_id
                         join scheduling.bookings b on b.id = d.booking_id
                         where b.session_id = $1 and w.assessor_id = a.id)
           order by 1, 4, 3, 2""",
        session_id,
    )
    if pseudonyms is None:
        return Naming({row["id"]: f"{row['given_name']} {row['family_name']}" for row in rows}, {}, None)
    called = {
        row["id"]: pseudonyms.candidate(row["id"]) if row["kind"] == "candidate" else pseudonyms.assessor(row["id"])
        for row in rows
    }
    instead = _instead((row["given_name"], row["family_name"], called[row["id"]]) for row in rows)
    return Naming(called, instead, _pattern(instead))


def _instead(people: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Whole names, then last names, then first names: where two people share one, the whole name decides."""
    found: dict[str, str] = {}
    known = list(people)
    for given, family, pseudonym in known:
        found[f"{given} {family}".lower()] = found[f"{family} {given}".lower()] = pseudonym
    for given, family, pseudonym in known:
        for alone in (family, given):
            if len(alone) >= SHORTEST:
                found.setdefault(alone.lower(), pseudonym)
    return found


def _pattern(instead: dict[str, str]) -> re.Pattern[str] | None:
    """The longest first, whole words only."""
    if not instead:
        return None
    names = "|".join(re.escape(name) for name in sorted(instead, key=lambda name: (-len(name), name)))
    return re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE)
