"""Lists of places as everybody gets them over the interface: found in a round trip that is shared with whoever asks
meanwhile, kept while nothing changes. Whoever is signed in gets their own reasons beside them, found in the same round trip."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec
from asyncpg import Connection
from msgspec import Struct

from scheduling import places, written_places
from scheduling.bookings import by_rule
from scheduling.surroundings import Known
from service.coalescing import Coalesced
from service.db import Database
from service.held_line import HeldLine
from service.i18n import Words
from service.kept_answers import Answer, KeptAnswers
from service.problems import REFUSALS, slug_of

PLACES = "/api/v1/places"
MOST_PAGES = 100
SIMPLE = re.compile(r"(?:[a-z_]+=[A-Za-z0-9_.~:-]*(?:&[a-z_]+=[A-Za-z0-9_.~:-]*)*)?")  # nothing of it is escaped


class Question(Struct, frozen=True):
    """A wish as it was asked: `query` as it stood behind the question mark, `limit` places on each page. The wish is for
    one place more: is there a next page?"""

    query: bytes
    wish: places.Wish
    limit: int
    page: int


Passenger = tuple[Question, datetime]


class Reason(Struct, frozen=True):
    """Why this candidate cannot book this place: `type` as in problem documents, `title` in the reader's language."""

    type: str
    title: str


class PlaceLists:
    """What one process keeps of them: the last lists and the questions they answered, the texts of places, and what
    surrounds the sessions, which is the same for the pages (`known`)."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: KeptAnswers[Question] = KeptAnswers()
        self._texts = written_places.Texts()
        self._line = HeldLine(db)
        self._each = Coalesced(self._together)
        self.known = Known()

    def question(self, query: bytes) -> Question | None:
        """What was asked when this query was last answered."""
        return self._kept.asked(query)

    async def for_everybody(self, question: Question, *, now: datetime) -> Answer:
        """The list that whoever asks gets; the same bytes as long as nothing was committed. Refuses what Database.read
        does. A listed session that begins goes, and the answer with it."""
        seen, answer = await self._each((question, now))
        if answer is None:  # with filters, which read the catalogue too, as whoever asks may
            async with self._db.read() as tx:
                found = await written_places.search(tx, question.wish, candidate_id=None, now=now)
            answer = self._written(question, seen, found)
        return answer

    async def for_candidate(self, question: Question, candidate_id: UUID, words: Words, *, now: datetime) -> Answer:
        """The same list with the candidate's own reasons, which are kept for nobody. Refuses what Database.read does."""
        if question.wish.is_plain:
            async with self._db.glance() as tx:
                asked = written_places.Asked(question.wish, candidate_id, now)
                [found] = await self._texts.search(tx, [asked])
        else:
            async with self._db.read() as tx:
                found = await written_places.search(tx, question.wish, candidate_id=candidate_id, now=now)
        return Answer(_body(found, question.limit, words), _next(question, len(found.texts)), None)

    async def _together(self, asked: Sequence[Passenger]) -> list[tuple[str, Answer | None]]:
        """Of each the snapshot, and the answer where it is kept or the wish is plain. Only what was never asked is searched
        for at once: that tells the snapshot too, by which a kept answer lives or not."""
        answers: list[Answer | None] = [None] * len(asked)
        new = [at for at, (question, _) in enumerate(asked) if self._is_new(question)]
        async with self._line.glance() as tx:
            seen = await (self._search(tx, asked, new, answers) if new else _snapshot(tx))
            for at, (question, now) in enumerate(asked):
                answers[at] = answers[at] or self._kept.get(question.query, seen, now=now)
            old = [at for at, (question, _) in enumerate(asked) if answers[at] is None and question.wish.is_plain]
            if old:
                seen = await self._search(tx, asked, old, answers)
        return [(seen, answer) for answer in answers]

    def _is_new(self, question: Question) -> bool:
        return self._kept.asked(question.query) is None and question.wish.is_plain

    async def _search(
        self, tx: Connection, asked: Sequence[Passenger], these: list[int], answers: list[Answer | None]
    ) -> str:
        """The answers to these of them, and the snapshot that shows it."""
        plain = [written_places.Asked(asked[at][0].wish, None, asked[at][1]) for at in these]
        for at, found in zip(these, await self._texts.search(tx, plain), strict=True):
            answers[at] = self._written(asked[at][0], found.seen, found)
        return found.seen

    def _written(self, question: Question, seen: str, found: written_places.WrittenPlaces) -> Answer:
        answer = Answer(_body(found, question.limit), _next(question, len(found.texts)), found.first)
        self._kept.keep(question.query, seen, question, answer)
        return answer


async def _snapshot(tx: Connection) -> str:
    return await tx.fetchval("select service.snapshot()")  # type: ignore[no-any-return]


def _body(found: written_places.WrittenPlaces, limit: int, words: Words | None = None) -> bytes:
    """A JSON array of what service.api.places describes as Place."""
    if found.rules is None or words is None:
        ends = [_end(free) for free in found.free]
    else:
        ends = [_end(free, tuple(rules), words) for free, rules in zip(found.free, found.rules, strict=True)]
    listed = [text + end for text, end in zip(found.texts, ends, strict=True)]
    return b"[" + b",".join(listed[:limit]) + b"]"


@lru_cache(maxsize=4096)
def _end(free: int, rules: tuple[str, ...] = (), words: Words | None = None) -> bytes:
    """What a place ends with, from the value of `free`."""
    reasons = _told(rules, words) if words else "[]"
    return f'{free},"refusals":{reasons},"why_not":null}}'.encode()


@lru_cache(maxsize=1024)
def _told(rules: tuple[str, ...], words: Words) -> str:
    refusals = [by_rule(rule) for rule in rules]
    reasons = [Reason(f"/problems/{slug_of(refusal)}", words.gettext(REFUSALS[refusal].title)) for refusal in refusals]
    return msgspec.json.encode(reasons).decode()


def _next(question: Question, found: int) -> dict[str, str]:
    """RFC 8288: where the next page is, if there is one."""
    if found <= question.limit or question.page >= MOST_PAGES:
        return {}
    query, page = question.query.decode(), f"page={question.page + 1}"
    if SIMPLE.fullmatch(query):  # the same, in a tenth of the time
        kept = [pair.replace(":", "%3A") for pair in query.split("&") if pair and not pair.startswith("page=")]
    else:
        kept = [urlencode([pair]) for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "page"]
    return {"Link": f'<{PLACES}?{"&".join([*kept, page])}>; rel="next"'}
