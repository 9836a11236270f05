"""Lists of places as everybody gets them over the interface: found and written in one round trip, kept while nothing
changes. Whoever is signed in gets their own reasons beside them, found in the same round trip."""

from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec
from msgspec import Struct

from scheduling import places, written_places
from scheduling.bookings import by_rule
from scheduling.surroundings import Known
from service.db import Database
from service.i18n import Words
from service.kept_answers import Answer, KeptAnswers
from service.problems import REFUSALS, slug_of

PLACES = "/api/v1/places"
MOST_PAGES = 100
REST = ',"why_not":null}'  # after a place's refusals; of one place, service.api.places.one tells it


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
        found = await self._found(db, question.wish, None, now)
        answer = Answer(_body(found, question.limit), _next(question, len(found.places)), found.first)
        if seen := seen or found.seen:
            self._kept.keep(question.query, seen, question, answer)
        return answer

    async def for_candidate(
        self, db: Database, question: Question, candidate_id: UUID, words: Words, *, now: datetime
    ) -> Answer:
        """The same list with the candidate's own reasons, which are kept for nobody. Refuses what Database.read does."""
        found = await self._found(db, question.wish, candidate_id, now)
        return Answer(_body(found, question.limit, words), _next(question, len(found.places)), None)

    async def _found(
        self, db: Database, wish: places.Wish, candidate_id: UUID | None, now: datetime
    ) -> written_places.WrittenPlaces:
        """A plain wish asks what is open to everybody and needs no transaction; any other reads the catalogue too."""
        async with db.glance() if wish.is_plain else db.read() as tx:
            return await written_places.search(tx, wish, candidate_id=candidate_id, now=now)


def _body(found: written_places.WrittenPlaces, limit: int, words: Words | None = None) -> bytes:
    """A JSON array of what service.api.places describes as Place."""
    listed = found.places[:limit]
    if found.rules is None or words is None:
        listed = [f"{place}[]{REST}" for place in listed]
    else:
        listed = [
            f"{place}{_told(tuple(rules), words)}{REST}" for place, rules in zip(listed, found.rules, strict=False)
        ]
    return f"[{','.join(listed)}]".encode()


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
