"""Who did not come is told at the end of the test, once, and how to explain it; whoever is not absent any more is not."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from scheduling import attendance, bookings, excuses, sessions
from scheduling.refusals import ExcuseTooLate
from service import absence_letters, outbox, reactions, wiring
from tests.builders.hall import Hall
from tests.builders.stage import a_stage
from tests.builders.watch import Watch
from tests.builders.web import settings_for
from tests.races.test_bookings import meet

MISSED = "Absence notée : épreuve du mardi 15 septembre 2026"


@pytest.fixture
async def process(database_url: str, tmp_path: Path, clock: Callable[[], datetime]) -> AsyncIterator[wiring.Running]:
    settings = settings_for(database_url, "redis://127.0.0.1:1", tmp_path)
    async with wiring.running(settings, clock=Watch(clock()), house=True) as process:
        yield process


class Missed:
    """A test under way whose one candidate is noted as absent."""

    def __init__(self, process: wiring.Running) -> None:
        self.process, self.now = process, process.now()

    async def begin(self, language: str = "fr") -> "Missed":
        async with self.process.db.transaction() as tx:
            self.stage = stage = await a_stage(tx, self.now)
            self.starts_at = stage.morning
            self.session, self.booking = await stage.booked(tx)
            await tx.execute("update assessments.candidates set language = $1", language)
            await sessions.lock(tx, self.session, by=None, now=self.now)
        await outbox.drain(self.process, reactions.BY_TOPIC)
        self.at(hours=1)
        async with self.process.db.transaction() as tx:
            await self.miss(tx)
            await sessions.start(tx, self.session, by=None, now=self.now)
        return self

    def at(self, **after: float) -> None:
        """So long after the hour of the test."""
        self.now = self.process.clock.now = self.starts_at + timedelta(**after)  # type: ignore[attr-defined]

    async def miss(self, tx: asyncpg.Connection) -> None:
        await bookings.release_seat(tx, self.booking, "no_show", by=None, now=self.now)

    async def take_back(self, tx: asyncpg.Connection) -> None:
        await attendance.take_back_absence(tx, self.booking, by=None, now=self.now)

    async def end(self, tx: asyncpg.Connection) -> None:
        await sessions.end(tx, self.session, by=None, now=self.now)

    async def ask(self, tx: asyncpg.Connection) -> None:
        await excuses.ask(tx, self.booking, "malade", policy=excuses.ExcusePolicy(), now=self.now)

    async def excuse(self, tx: asyncpg.Connection) -> None:
        excuse = await excuses.of_booking(tx, self.booking)
        assert excuse is not None
        await excuses.accept(tx, excuse.id, by=None, now=self.now)

    async def book_again(self, tx: asyncpg.Connection) -> None:
        later = await self.stage.open(tx, starts_at=self.starts_at + timedelta(days=21))
        candidate = (await bookings.get(tx, self.booking)).candidate_id
        self.another = await bookings.book(tx, later, candidate, by=None, now=self.now)

    async def call_off(self, tx: asyncpg.Connection) -> None:
        await sessions.cancel(tx, self.session, reason="Panne", by=None, now=self.now)

    async def do(self, *acts: Callable[[asyncpg.Connection], object]) -> None:
        """Each in its own moment, and then what follows from all of them."""
        for act in acts:
            self.now = self.process.clock.now = self.now + timedelta(seconds=1)  # type: ignore[attr-defined]
            async with self.process.db.transaction() as tx:
                await act(tx)  # type: ignore[misc]
        await outbox.drain(self.process, reactions.BY_TOPIC)

    async def letters(self) -> list[tuple[str, str]]:
        """What the candidate was written since the test began."""
        async with self.process.db.read() as tx:
            rows = await tx.fetch(
                """select subject, body from service.mails
                   where recipient like 'candidate%' and written_at > $1 order by id""",
                self.starts_at,
            )
        return [(plain(row["subject"]), plain(row["body"])) for row in rows]

    async def subjects(self) -> list[str]:
        return [subject for subject, _ in await self.letters()]


def plain(said: str) -> str:
    return said.replace("\N{NO-BREAK SPACE}", " ")


async def test_at_the_end_of_the_test_and_not_before(process: wiring.Running) -> None:
    missed = await Missed(process).begin()
    await missed.do()
    assert await missed.letters() == []
    await missed.do(missed.end)
    ((subject, body),) = await missed.letters()
    assert subject == MISSED
    page = f"http://localhost:8000/bookings/{missed.booking}#excuse"
    assert "au plus tard le mercredi 30 septembre 2026, 9 h 00. Il peut excuser l’absence" in body
    assert f"{page}\n" in body
    assert "planning@example.org\n" in body
    assert "http://localhost:8000/sessions?what=" in body


async def test_whoever_has_another_place_by_then_is_led_to_it_and_to_no_search(process: wiring.Running) -> None:
    missed = await Missed(process).begin()
    await missed.do(missed.book_again, missed.end)
    await missed.do(missed.ask, missed.excuse)
    letters = dict(await missed.letters())
    for subject in (MISSED, "Votre absence est excusée"):
        page = f"le mardi 6 octobre 2026 : http://localhost:8000/bookings/{missed.another}\n"
        assert page in letters[subject]
        assert "/sessions?what=" not in letters[subject]


async def test_what_the_letter_promises_holds(process: wiring.Running) -> None:
    """The moment that it names is the last one."""
    missed = await Missed(process).begin()
    missed.at(days=15, seconds=1)
    with pytest.raises(ExcuseTooLate):
        await missed.do(missed.ask)
    missed.at(days=15, seconds=-1)
    await missed.do(missed.ask)


async def test_once_however_often_the_end_is_told(process: wiring.Running) -> None:
    """Also where the absence is told after the end, by the same worker or another one."""
    missed = await Missed(process).begin()
    await missed.do(missed.end)
    async with process.db.transaction() as tx:
        await tx.execute(
            "update service.outbox set done_at = null where topic in ('session.ended', 'booking.released')"
        )
    await missed.do()
    missed.at(hours=20)
    await absence_letters.sweep(process, reactions.BY_TOPIC)
    assert await missed.subjects() == [MISSED]


@pytest.mark.parametrize("by", ["taking back", "excuse", "erasure"])
async def test_nobody_who_was_not_absent_or_has_explained_it(process: wiring.Running, by: str) -> None:
    missed = await Missed(process).begin()
    if by == "excuse":
        await missed.do(missed.ask, missed.end)
    elif by == "erasure":
        async with process.db.transaction() as tx:
            await tx.execute("update assessments.candidates set erased_at = $1", missed.now)
        await missed.do(missed.end)
    else:
        await missed.do(missed.take_back)
        missed.at(hours=20)
        await absence_letters.sweep(process, reactions.BY_TOPIC)
    assert await missed.subjects() == []


async def test_taken_back_and_noted_again_is_told_once(process: wiring.Running) -> None:
    missed = await Missed(process).begin()
    await missed.do(missed.take_back, missed.miss, missed.end)
    assert await missed.subjects() == [MISSED]


async def test_of_a_test_that_nobody_ends_half_a_day_after_its_hour(process: wiring.Running) -> None:
    missed = await Missed(process).begin()
    missed.at(hours=4 + 11.9)
    await absence_letters.sweep(process, reactions.BY_TOPIC)
    assert await missed.subjects() == []
    missed.at(hours=4 + 12)
    for _ in range(2):
        await absence_letters.sweep(process, reactions.BY_TOPIC)
    assert await missed.subjects() == [MISSED]
    await missed.do(missed.end)
    assert await missed.subjects() == [MISSED]


async def test_noted_afterwards_it_is_told_at_once_and_taken_back_in_writing(process: wiring.Running) -> None:
    missed = await Missed(process).begin()
    await missed.do(missed.take_back)
    missed.at(days=1)
    await missed.do(missed.miss)
    assert await missed.subjects() == [MISSED]
    await missed.do(missed.take_back)
    _, (subject, body) = await missed.letters()
    assert subject.endswith("votre absence n’est plus notée")
    assert "C’était une erreur de notre part" in body
    await missed.do(missed.miss)
    assert (await missed.subjects())[2:] == [MISSED], "another absence"


async def test_after_the_last_day_nothing_is_promised(process: wiring.Running) -> None:
    missed = await Missed(process).begin()
    missed.at(days=15, minutes=1)
    await missed.do(missed.end)
    ((_, body),) = await missed.letters()
    assert "#excuse" not in body
    assert "Si vous étiez là" in body


async def test_of_a_test_that_was_called_off(process: wiring.Running) -> None:
    missed = Missed(process)
    async with process.db.transaction() as tx:
        stage = await a_stage(tx, missed.now)
        missed.starts_at = stage.morning
        missed.session, missed.booking = await stage.booked(tx)
    missed.at(hours=1)
    await missed.do(missed.miss)
    assert await missed.subjects() == []
    await missed.do(missed.call_off)
    assert await missed.subjects() == [MISSED]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nl", ("ten laatste op woensdag 30 september 2026, 9.00 uur", "Dat was onze vergissing")),
        ("en", ("by Wednesday, 30 September 2026, 09:00 at the latest", "That was our mistake")),
        ("de", ("spätestens am Mittwoch, 30. September 2026, 9:00 Uhr", "Das war unser Versehen")),
    ],
)
async def test_in_their_language(process: wiring.Running, language: str, said: tuple[str, str]) -> None:
    missed = await Missed(process).begin(language)
    missed.at(hours=20)
    await absence_letters.sweep(process, reactions.BY_TOPIC)
    await missed.do(missed.take_back)
    assert [words in body for words, (_, body) in zip(said, await missed.letters(), strict=True)] == [True, True]


@pytest.mark.parametrize("back_first", [True, False])
async def test_taken_back_while_it_is_written(process: wiring.Running, back_first: bool) -> None:
    """Whichever is first: no letter, or both."""
    missed = await Missed(process).begin()
    missed.at(hours=20)
    event = outbox.Event(0, "session.ended", missed.session, {}, missed.now)

    async def tell(tx: asyncpg.Connection) -> None:
        await absence_letters.at_the_end(tx, event, process)

    acts = [missed.take_back, tell]
    assert await meet(process.db, *(acts if back_first else acts[::-1])) is None
    await missed.do()
    assert len(await missed.subjects()) == (0 if back_first else 2)


async def test_the_letter_leads_to_where_it_is_explained(hall: Hall) -> None:
    """Who was there has the attestation, who was not this letter, and behind its address the form."""
    session, _ = await hall.running(absent=hall.street.sam_id)
    async with hall.db.transaction() as tx:
        await sessions.end(tx, session, by=None, now=hall.street.start)
    await hall.street.react()
    async with hall.db.read() as tx:
        rows = await tx.fetch("select recipient, body from service.mails where body ~ '#excuse'")
    (link,) = re.findall(r"http://localhost:8000(/bookings/[-0-9a-f]{36}#excuse)\n", rows[0]["body"])
    assert [row["recipient"] for row in rows] == ["sam@example.org"]
    page = await hall.street.sam.get(link)
    assert (page.status_code, 'id="excuse"' in page.text) == (200, True)
    assert f'action="{link.replace("#", "/")}"' in page.text
