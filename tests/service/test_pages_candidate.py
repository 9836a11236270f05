"""What a candidate does with a browser that knows no JavaScript: find, book, give back, follow the way, read the result."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import httpx
import icalendar
import pytest

from assessments import accreditations, appeal_reviewers, appeals, decisions, profiles, ratings, recordings
from scheduling import sessions
from tests.builders.assessments import SCREENING, YEARS, a_room, a_unit, all_met, an_assessor, deliberated, recorded
from tests.builders.pages import Street, a_sitting_of, a_wall

PAGE = {"accept": "text/html"}
LANGUAGES = ("fr", "nl", "en", "de")


async def read(client: httpx.AsyncClient, address: str, *, status: int = 200, language: str = "en") -> str:
    """The page's text, in English unless told."""
    answer = await client.get(address, headers={**PAGE, "cookie": f"language={language}; {_cookies(client)}"})
    assert answer.status_code == status, answer.text
    return re.sub(r"\s+", " ", answer.text)


def _cookies(client: httpx.AsyncClient) -> str:
    return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


async def test_the_search_keeps_the_wish_in_its_address_and_shows_free_places(street: Street) -> None:
    soon = await street.open_session()
    later = await street.open_session(days=7, language="nl", seats=4)
    page = await read(street.stranger, "/sessions")
    assert "2 sessions" in page
    assert page.index(str(soon)) < page.index(str(later))
    assert "4 places left of 4" in page
    page = await read(
        street.stranger, "/sessions?what=MACO-1&language=nl&words=&centre=&since=2026-09-20&until=2026-09-22"
    )
    assert str(later) in page
    assert str(soon) not in page
    assert '<option value="MACO-1" selected>' in page
    assert 'value="2026-09-20"' in page
    assert str(later) in await read(street.stranger, "/sessions?what=MACO")


async def test_trades_are_listed_as_in_a_dictionary(street: Street) -> None:
    async with street.db.transaction() as tx:
        for name in ("Zingueur", "Électricien"):
            unit = await a_unit(tx, now=street.now)
            await tx.execute(
                "update assessments.trades set label = label || jsonb_build_object('fr', $2::text) where id = $1",
                unit.trade_id,
                name,
            )
    page = await read(street.stranger, "/sessions", language="fr")
    offered = page.partition('name="language"')[0]
    assert re.findall(r'<optgroup label="([^"]+)"', offered) == ["Électricien", "Maçon", "Zingueur"]


@pytest.mark.parametrize("typed", ["metselaar", "MACON", "mur  blocs", "blocs mur", "maco-1"])
async def test_words_are_found_in_any_order_without_accents_and_in_every_language(street: Street, typed: str) -> None:
    session = await street.open_session()
    assert str(session) in await read(street.stranger, f"/sessions?words={typed}")


async def test_when_nothing_fits_the_page_says_what_is_in_the_way(street: Street) -> None:
    await street.open_session()
    await street.open_session(days=1)
    page = await read(street.stranger, "/sessions?what=MACO-1&language=nl&since=2026-09-02")
    assert "Nothing fits all of that together" in page
    assert re.search(
        r'<a href="/sessions\?what=MACO-1&amp;since=2026-09-02">In any language</a> <span>\(2 sessions\)', page
    )
    assert "Any trade" not in page, "leaving out the trade alone frees nothing"
    page = await read(street.stranger, "/sessions?language=nl&since=2027-01-01")
    assert re.search(r'<a href="/sessions">All tests</a> <span>\(2 sessions\)', page)


@pytest.mark.parametrize(
    "query",
    [
        "since=never",
        "since=2026-09-10&until=2026-09-01",
        "language=xx&what=%25%27;--&centre=%F0%9F%A7%B1",
        "until=0001-01-01",
        f"words={'a' * 5000}",
    ],
)
async def test_junk_in_the_address_is_no_fault_of_ours(street: Street, query: str) -> None:
    await read(street.stranger, f"/sessions?{query}")


async def test_a_candidate_reads_their_own_reason_instead_of_the_button(street: Street) -> None:
    first, second = await street.open_session(), await street.open_session(days=1)
    await street.book(first)
    assert "You already have a place for this unit" in await read(street.noor, "/sessions")
    page = await read(street.noor, f"/sessions/{second}")
    assert "change the date of that place: it is kept until you have the other one." in page
    assert 'action="/holds"' not in page
    assert 'action="/holds"' in await read(street.sam, f"/sessions/{second}")
    page = await read(street.stranger, f"/sessions/{second}")
    assert "Sign in to book" in page
    assert "You already have" not in page


async def test_a_place_says_what_is_done_and_what_is_looked_at_in_the_readers_language(street: Street) -> None:
    session = await street.open_session()
    page = await read(street.stranger, f"/sessions/{session}", language="nl")
    assert "waterpas" in page
    assert "betonblokken" in page
    assert "Rue Royale 45" in page
    page = await read(street.stranger, f"/sessions/{session}", language="en")
    assert '<span lang="fr">Monter un mur de 2 m' in page, "a text that exists in French only says so"


async def test_a_draft_and_an_unknown_session_are_equally_absent(street: Street) -> None:
    async with street.db.transaction() as tx:
        plan = sessions.Plan(
            room_id=street.room.id, unit_id=street.unit.id, language="fr", starts_at=street.start, seats=2
        )
        draft = await sessions.plan(tx, plan, by=None, now=street.now)
    for session in (draft, uuid4()):
        await read(street.noor, f"/sessions/{session}", status=404)
        assert (await street.book(session, key=f"key-{session.hex}")).status_code == 404


async def test_one_form_is_one_booking_however_often_it_is_sent(street: Street) -> None:
    session = await street.open_session()
    key = re.findall(r'name="key" value="(\w+)"', await read(street.noor, f"/sessions/{session}"))[0]
    first, second = await street.book(session, key), await street.book(session, key)
    assert (first.status_code, second.headers["location"]) == (303, first.headers["location"])
    page = await read(street.noor, first.headers["location"])
    assert "Your place is booked" in page
    assert "test contract" in page


async def test_a_refused_booking_leads_back_to_the_place_with_the_reason(street: Street) -> None:
    session = await street.open_session(seats=1)
    await street.book(session, who=street.sam)
    refused = await street.book(session)
    assert refused.headers["location"] == f"/sessions/{session}?refused=session-full"
    page = await read(street.noor, refused.headers["location"])
    assert "Your place is not booked" in page
    assert "This session is full" in page


async def test_somebody_elses_booking_is_as_absent_as_none(street: Street) -> None:
    mine = (await street.book(await street.open_session())).headers["location"]
    for address in (mine, f"/bookings/{uuid4()}"):
        for page in (address, f"{address}/test.ics", f"{address}/result"):
            theirs = await street.sam.get(page, headers=PAGE)
            assert (theirs.status_code, theirs.text.count("MACO")) == (404, 0)
        assert (await street.sam.post(f"{address}/cancellation")).status_code == 404
    await read(street.stranger, mine, status=401)
    await read(street.manager, mine, status=403)


async def test_the_consequence_of_cancelling_is_said_before_it_is_done(street: Street, now: datetime) -> None:
    booking = (await street.book(await street.open_session())).headers["location"]
    assert "It has no consequence for you" in await read(street.noor, booking)
    assert (await street.noor.post(f"{booking}/cancellation")).status_code == 303
    page = await read(street.noor, booking)
    assert "Cancelled" in page
    assert "/cancellation" not in page
    tomorrow = (await street.book(await street.open_session(days=-13), "key-tomorrow")).headers["location"]
    assert "noted as a late cancellation, and your place may stay empty" in await read(street.noor, tomorrow)
    await street.noor.post(f"{tomorrow}/cancellation")
    assert "Cancelled late" in await read(street.noor, tomorrow)


async def test_the_single_event_is_the_one_of_the_feeds(street: Street) -> None:
    booking = (await street.book(await street.open_session())).headers["location"]
    answer = await street.noor.get(f"{booking}/test.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["UID"] == f"{booking.rpartition('/')[2]}@localhost"
    assert event.decoded("DTSTART") == street.start
    assert "Noor" not in answer.text


async def test_the_journey_names_one_next_step(street: Street) -> None:
    assert "You have not chosen a test yet" in await read(street.noor, "/journey")
    booking = (await street.book(await street.open_session())).headers["location"]
    page = await read(street.noor, "/journey")
    assert page.count('aria-current="step"') == 1
    assert "Come to the test" in page
    await street.noor.post(f"{booking}/cancellation")
    page = await read(street.noor, "/journey")
    assert page.count('aria-current="step"') == 1
    assert "Choose a date and a place" in page
    assert "You cancelled this booking" in page
    assert "You have not chosen a test yet" in await read(street.sam, "/journey")


async def test_a_result_is_read_after_its_release_and_by_its_owner_only(street: Street, now: datetime) -> None:
    async with street.db.transaction() as tx:
        sitting = await a_sitting_of(tx, street.room, street.unit, street.noor_id, now=now - timedelta(days=21))
        await recorded(tx, sitting, i1_1="not_met", i2_2="not_observed")
        await deliberated(tx, sitting, "fail")
        decision = await decisions.take(tx, sitting.booking, taken_by=sitting.manager, now=now)
    result = f"/bookings/{sitting.booking}/result"
    await read(street.noor, result, status=404)
    assert "Wait for the result" in await read(street.noor, "/journey")
    for page in ("/journey", f"/bookings/{sitting.booking}"):
        assert "did not pass" not in await read(street.noor, page)
    assert (await street.noor.post(f"/decisions/{decision}/appeal", data={"grounds": "Non"})).status_code == 404
    async with street.db.transaction() as tx:
        await decisions.release(tx, decision, by=None, now=now)
    page = await read(street.noor, result, language="fr")
    assert "Vous n’avez pas réussi cette fois-ci" in page
    assert "Porte ses protections pendant tout le travail" in page
    assert "Cela ne compte pas contre vous" in page
    await read(street.sam, result, status=404)


async def test_an_appeal_is_lodged_once_within_its_time_and_answered_with_reasons(
    street: Street, now: datetime
) -> None:
    booking, decision = await street.tested(street.noor_id, "fail")
    await street.react()
    result, appeal = f"/bookings/{booking}/result", f"/decisions/{decision}/appeal"
    assert "until Wednesday, 9 September 2026" in await read(street.noor, result)
    assert (await street.sam.post(appeal, data={"grounds": "Pour elle"})).status_code == 404
    empty = await street.noor.post(appeal, data={"grounds": "  "}, headers=PAGE)
    assert empty.status_code == 422
    assert 'href="#grounds"' in empty.text
    assert (await street.noor.post(appeal, data={"grounds": "<b>Le mur</b> était droit."})).headers[
        "location"
    ] == result
    assert "Wait for the answer to your appeal" in await read(street.noor, "/journey")
    assert (await street.noor.post(appeal, data={"grounds": "Encore"})).status_code == 409
    async with street.db.transaction() as tx:
        appeal_id: UUID = await tx.fetchval("select id from assessments.appeals")
        reviewer = await an_assessor(tx, now=now)
        await appeals.admit(tx, appeal_id, by=None, now=now)
        await appeal_reviewers.appoint(tx, appeal_id, reviewer, now=now)
        await appeals.answer(
            tx, appeal_id, "rejected", "Le plan <i>n’a pas</i> été suivi.", reviewer_id=reviewer, now=now
        )
    page = await read(street.noor, result)
    assert "Your appeal was rejected" in page
    assert "Le plan &lt;i&gt;n’a pas&lt;/i&gt; été suivi." in page


async def test_too_late_for_an_appeal_no_form_is_shown(street: Street) -> None:
    booking, decision = await street.tested(street.noor_id, "fail", days_ago=28)
    assert "/appeal" not in await read(street.noor, f"/bookings/{booking}/result")
    assert (await street.noor.post(f"/decisions/{decision}/appeal", data={"grounds": "Trop tard"})).status_code == 409


async def test_after_two_failures_wherever_the_next_step_is_guidance(street: Street) -> None:
    """The second one in another centre."""
    async with street.db.transaction() as tx:
        room = await a_room(tx)
        await accreditations.grant(
            tx, room.centre_id, street.unit.trade_id, first_day=YEARS[0], last_day=YEARS[1], reference="AGR"
        )
    for town, days_ago in ((street, 35), (replace(street, room=room), 14)):
        await town.tested(street.noor_id, "fail", days_ago=days_ago)
        await street.react()
    page = await read(street.noor, "/journey")
    assert "Ask for a guidance meeting" in page
    contact = re.search(r'href="(/bookings/[^"]+/result)">How to reach the centre<', page)
    assert contact, "a next step that cannot be taken from here is none"
    assert "mailto:" in await read(street.noor, contact[1])
    assert page.count("You took the test, and did not pass") == 2
    session = await street.open_session()
    assert "A guidance meeting comes first" in await read(street.noor, f"/sessions/{session}")


async def test_a_screening_gives_a_report_with_its_numbers(street: Street, now: datetime) -> None:
    async with street.db.transaction() as tx:
        unit = await a_wall(tx, now, code="HELP-S", scheme=SCREENING)
        sitting = await a_sitting_of(tx, street.room, unit, street.noor_id, now=now - timedelta(days=21))
        recording = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=now)
        await ratings.rate(tx, recording, all_met(i1_3="not_met", i2_2="not_observed"), by=sitting.evaluator, now=now)
        await recordings.submit(tx, recording, by=sitting.evaluator, now=now)
    await read(street.noor, f"/bookings/{sitting.booking}/result", status=404)
    async with street.db.transaction() as tx:
        await profiles.release(tx, sitting.booking, now=now)
    page = await read(street.noor, f"/bookings/{sitting.booking}/result")
    assert "67%" in page
    assert "2 of 3" in page
    assert "See your report" in await read(street.noor, "/journey")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_reads_in_every_language(street: Street, language: str) -> None:
    session = await street.open_session()
    booking = (await street.book(session)).headers["location"]
    for client, page in (
        (street.stranger, "/sessions"), (street.stranger, f"/sessions/{session}"), (street.noor, booking),
        (street.noor, "/journey"), (street.noor, "/calendars"), (street.stranger, "/certificates"), (street.stranger, "/mail"),
    ):  # fmt: skip
        assert f'<html lang="{language}">' in await read(client, page, language=language)
