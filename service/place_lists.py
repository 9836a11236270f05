"""Lists of places as everybody gets them over the interface: found in one round trip, written as bytes, kept while
nothing changes. Whoever is signed in gets their own reasons beside them, found in the same round trip."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from scheduling import places
from scheduling.bookings import by_rule
from scheduling.surroundings import Known, Surroundings
from service.db import Database
from service.i18n import Words
from service.kept_answers import Answer, KeptAnswers
from service.problems import REFUSALS, slug_of

PLACES = "/api/v1/places"
MOST_PAGES = 100
Row = asyncpg.Record


class Question(Struct, frozen=True):
    """A wish as it was asked: `query` as it stood behind the question mark, `limit` places on each page. The wish is for
    one place more: is there a next page?"""

    query: bytes
    wish: places.Wish
    limit: int
    page: int


class Reason(Struct, frozen=True):
    """Why this candidate cannot book this place: `type` as in problem documents, `title` in the reader's language."""

    type: str
    title: str


class PlaceLists:
    """What one process keeps of them: the last lists, the questions they answered, and what surrounds the sessions, which
    is the same for the pages (`known`)."""

    def __init__(self) -> None:
        self._kept: KeptAnswers[Question] = KeptAnswers()
        self.known = Known()
        self._bits = _Bits(Surroundings(UUID(int=0), {}, {}))

    def question(self, query: bytes) -> Question | None:
        """What was asked when this query was last answered."""
        return self._kept.asked(query)

    async def for_everybody(self, db: Database, question: Question, *, now: datetime) -> Answer:
        """The list that whoever asks gets; the same bytes as long as nothing was committed. Refuses what Database.read
        does. A listed session that begins goes, and the answer with it."""
        seen = ""
        if not question.wish.is_plain or self._kept.asked(question.query) is not None:
            seen = await self._kept.snapshot(db)
            if answer := self._kept.get(question.query, seen, now=now):
                return answer
        rows, bits = await self._found(db, question.wish, None, now)
        first = min((row["starts_at"] for row in rows), default=None)
        answer = Answer(_written(rows[: question.limit], bits), _next(question, len(rows)), first)
        if seen := seen or (rows[0]["seen"] if rows else ""):
            self._kept.keep(question.query, seen, question, answer)
        return answer

    async def for_candidate(
        self, db: Database, question: Question, candidate_id: UUID, words: Words, *, now: datetime
    ) -> Answer:
        """The same list with the candidate's own reasons, which are kept for nobody. Refuses what Database.read does."""
        rows, bits = await self._found(db, question.wish, candidate_id, now)
        return Answer(_written(rows[: question.limit], bits, words), _next(question, len(rows)), None)

    async def _found(
        self, db: Database, wish: places.Wish, candidate_id: UUID | None, now: datetime
    ) -> "tuple[list[Row], _Bits]":
        """A plain wish asks what is open to everybody and needs no transaction; any other reads the catalogue too."""
        async with db.glance() if wish.is_plain else db.read() as tx:
            rows = await places.found(tx, wish, candidate_id=candidate_id, now=now)
            if rows and rows[0]["version"] != self._bits.version:
                self._bits = _Bits(await self.known.at(tx, rows[0]["version"]))
            return rows, self._bits


class _Bits:
    """What is written of units and rooms, as members of a JSON object, made once for each version of them."""

    def __init__(self, around: Surroundings) -> None:
        self.version = around.version
        self.units = {identity: _members(unit) for identity, unit in around.units.items()}
        self.rooms = {identity: _members(room) for identity, room in around.rooms.items()}


def _members(struct: Struct) -> str:
    return msgspec.json.encode(struct).decode()[1:-1]


def _written(rows: Sequence[Row], bits: _Bits, words: Words | None = None) -> bytes:
    """A JSON array of what service.api.places describes as Place. By hand: its parts are there already, and a fifth of
    the work of making fifty objects of them first."""
    units, rooms = bits.units, bits.rooms
    written = [
        f'{{"session_id":"{identity}",{units[unit]},"language":"{language}","starts_at":{_moment(starts_at)},'
        f'"ends_at":{_moment(ends_at)},{rooms[room]},"seats":{seats},"free":{free},"refusals":{_reasons(rules, words)},'
        '"why_not":null}'
        for identity, unit, room, language, starts_at, ends_at, seats, free, rules, *_ in rows
        if unit in units and room in rooms
    ]
    return f"[{','.join(written)}]".encode()


@lru_cache(maxsize=4096)
def _moment(moment: datetime) -> str:
    """Tests begin at a few hours of the day."""
    return msgspec.json.encode(moment).decode()


def _reasons(rules: Sequence[str] | None, words: Words | None) -> str:
    return _told(tuple(rules), words) if rules and words else "[]"


@lru_cache(maxsize=1024)
def _told(rules: tuple[str, ...], words: Words) -> str:
    refusals = [by_rule(rule) for rule in rules]
    reasons = [Reason(f"/problems/{slug_of(refusal)}", words.gettext(REFUSALS[refusal].title)) for refusal in refusals]
    return msgspec.json.encode(reasons).decode()


def _next(question: Question, found: int) -> dict[str, str]:
    """RFC 8288: where the next page is, if there is one."""
    if found <= question.limit or question.page >= MOST_PAGES:
        return {}
    kept = [pair for pair in parse_qsl(question.query.decode(), keep_blank_values=True) if pair[0] != "page"]
    return {"Link": f'<{PLACES}?{urlencode([*kept, ("page", question.page + 1)])}>; rel="next"'}
