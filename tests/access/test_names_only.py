"""A jury reads names and granted measures of the day; reception no results; an auditor nobody's name."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from assessments import accommodations, national_numbers
from service import keys
from service.pseudonyms import Pseudonyms
from service.settings import secret
from tests.access.conftest import Ground
from tests.builders.hall import Hall, a_hall, text
from tests.builders.web import signed_in
from tests.builders.worlds import code_of

NUMBER = "88022999990"
ID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
# What is held about Noor and is no business of a jury's, in the shapes in which a page or a program would say it.
PERSONAL = {
    "birth date": ("1990", "17/05", "17.05", "17 mai"),
    "mail": ("noor@example.org",),
    "telephone": ("0470", "998877"),
    "municipality": ("Watermael",),
    "national number": (NUMBER, "88.02.29", "99990"),
    "status": ("jobseeker", "demandeu", "chercheu", "werkzoek"),
    "gender": ('"gender"', "genre"),
    "reasons of a measure": ("dyslexie", "ground_floor", "rez-de-chaussée"),
    "other results": ("outcome", "Non acquis", "Non réussi", "échoué", '"result"'),
}


@pytest.fixture
async def hall(
    database_url: str, valkey_url: str, tmp_path: Path, clock: Callable[[], datetime], now: datetime
) -> AsyncIterator[Hall]:
    async with a_hall(database_url, valkey_url, tmp_path, clock, now) as hall:
        noor = hall.street.noor_id
        async with hall.db.transaction() as tx:
            await tx.execute(
                """update assessments.candidates set phone = '0470 998877', municipality = 'Watermael-Boitsfort',
                          gender = 'f' where id = $1""",
                noor,
            )
            keyring = keys.keyring(hall.street.app.state.settings)
            await national_numbers.record(tx, noor, NUMBER, keyring=keyring, now=now)
            granted = await accommodations.request(tx, noor, "extra_time", now=now, extra_percent=25)
            await accommodations.grant(tx, granted, by=None, now=now)
            refused = await accommodations.request(tx, noor, "ground_floor", now=now)
            await accommodations.refuse(tx, refused, "Sans rapport avec la dyslexie.", now=now)
        await hall.street.tested(noor, "fail", days_ago=8)
        await hall.street.react()
        yield hall


def said_of(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    body = answer.text if "json" in answer.headers["content-type"] else text(answer)
    body = re.sub(ID, "", body)  # by chance it holds any four digits
    return [f"{what}: {form}" for what, forms in PERSONAL.items() for form in forms if form.lower() in body.lower()]


async def test_a_jury_sees_names_and_granted_measures_and_nothing_else(hall: Hall) -> None:
    session, booking = await hall.running()
    for juror in (hall.evaluator, hall.observer):
        pages = [
            await juror.get(f"/agenda/sessions/{session}"),
            await juror.get(f"/api/v1/sessions/{session}"),
            await juror.get(f"/recordings/{booking}"),
        ]
        for page in pages:
            assert "Peeters" in page.text
            assert said_of(page) == []
        assert "temps supplémentaire" in text(pages[0]) or "extra" in text(pages[0]).lower()
        [who] = pages[1].json()["bookings"]
        assert (who["measures"], who["extra_minutes"]) == (["extra_time"], 60)
        assert set(who) == {
            "booking_id", "state", "given_name", "family_name", "extra_minutes", "measures", "checked_in_at",
            "contract_signed_at", "attended_at", "release",
        }  # fmt: skip


async def test_reception_and_planner_learn_no_result(hall: Hall) -> None:
    """The day list of a test that is over and told, and the pages of who plans."""
    street = hall.street
    booking, _ = await street.tested(street.sam_id, "fail", days_ago=20)
    async with hall.db.read() as tx:
        session = await tx.fetchval("select b.session_id from scheduling.bookings b where b.id = $1", booking)
    centre = {"centre_id": street.room.centre_id}
    reception = await signed_in(street.app, "door@example.org", "reception", **centre)
    planner = await signed_in(street.app, "plan@example.org", "planner", **centre)
    for page in (
        await reception.get(f"/centre/sessions/{session}/day"),
        await planner.get(f"/centre/sessions/{session}"),
        await planner.get(f"/api/v1/sessions/{session}"),
    ):
        assert "De Smet" in page.text
        assert said_of(page) == []
    assert (await planner.get(f"/centre/sessions/{session}")).text.count("/deliberation") == 0
    told = await reception.put(f"/api/v1/bookings/{booking}/identity-check")
    assert told.json().get("result") is None


async def test_attendance_never_says_the_result(hall: Hall) -> None:
    """Noted again after the release, it answers with the booking, and without what came of it."""
    booking, _ = await hall.street.tested(hall.street.sam_id, "pass", days_ago=20)
    answer = await hall.manager.put(f"/api/v1/bookings/{booking}/identity-check")
    assert '"pass"' not in answer.text


async def test_an_auditor_reads_pseudonyms_that_stay_the_same(ground: Ground) -> None:
    noor, names = ground.worlds["own"], Pseudonyms(secret(ground.app.state.settings))
    expected, session = names.candidate(noor.candidate_id), noor.things["passed"]["session_id"]
    ground.client.cookies.clear()
    headers = {"Cookie": f"preuve={ground.actors['auditor'].secret}"}
    pages = [
        await ground.client.get(path, headers=headers)
        for path in (
            f"/audit/sessions/{session}",
            "/audit/results?month=2026-08",
            "/audit/trail",
            "/audit/sessions?month=2026-08",
        )
    ]
    for page in pages[:2]:
        assert expected in page.text
    assert re.fullmatch(r"K-[A-Z2-7]{4}-[A-Z2-7]{4}", expected)
    for page in pages:
        assert page.status_code == 200
        whole = page.text.partition("<main")[2]
        said = re.sub(ID, "", whole)  # by chance it holds any four digits
        assert code_of("passed") in whole or "trail" in str(page.url)
        for name in ("Noor", "De Noor", "Sam", "Kim", "Lambert", "Ahmed", "example.org", "1990", "jobseeker"):
            assert name not in said, (page.url, name)
        assert not noor.names & set(re.findall(ID, whole)) - sessions_of(ground)


def sessions_of(ground: Ground) -> set[str]:
    """The one kind of id that an auditor's pages need: of sessions."""
    return {
        str(stage["session_id"])
        for world in ground.worlds.values()
        for stage in world.things.values()
        if "session_id" in stage
    }


def test_pseudonyms_depend_on_the_installation_and_on_what_somebody_is() -> None:
    one, two, somebody = Pseudonyms(b"one"), Pseudonyms(b"two"), UUID(int=7)
    assert one.candidate(somebody) == Pseudonyms(b"one").candidate(somebody)
    assert one.candidate(somebody) != two.candidate(somebody)
    assert one.candidate(somebody)[2:] != one.assessor(somebody)[2:]
