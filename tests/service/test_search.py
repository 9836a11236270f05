"""Finding a place: by day, half-day, distance and access; as a list and as a month."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from scheduling import communes, places
from tests.builders.assessments import SCREENING
from tests.builders.pages import Street, a_street, a_wall
from tests.builders.stage import a_stage

PAGE = {"accept": "text/html"}


async def read(client: httpx.AsyncClient, address: str, *, language: str = "en") -> str:
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    answer = await client.get(address, headers={**PAGE, "cookie": f"language={language}; {cookies}"})
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


async def test_nonsense_finds_nothing_and_says_the_way_out(street: Street) -> None:
    await street.open_session()
    page = await read(street.stranger, "/sessions?words=xyzzy&what=MACO-1")
    assert "No test is called “xyzzy”" in page
    assert re.search(r'<a href="/sessions\?what=MACO-1">Without these words</a> <span>\(1 session\)', page)


async def test_words_that_name_no_test_are_the_reason_and_one_wish_alone_is_no_combination(street: Street) -> None:
    await street.open_session()
    page = await read(street.stranger, "/sessions?words=boulanger")
    assert "No test is called “boulanger”" in page
    assert "all of that together" not in page
    assert '<a href="/sessions">Without these words</a> <span>(1 session)' in page
    assert "Tell me when a place opens" not in await read(street.noor, "/sessions?words=boulanger"), "about what?"
    page = await read(street.stranger, "/sessions?words=boulanger&language=de&days=7", language="fr")
    assert "Aucune épreuve ne s’appelle « boulanger »" in page
    page = await read(street.stranger, "/sessions?language=de")
    assert "No session fits that at the moment" in page
    assert "No test is called" not in page
    page = await read(street.stranger, "/sessions?words=metser&language=de")
    assert "Nothing fits all of that together" in page, "the words are known"


async def test_the_other_tests_of_the_trade_are_the_nearest_way_out(street: Street) -> None:
    """Also where there is more of everything else."""
    async with street.db.transaction() as tx:
        await a_wall(tx, street.now, code="MACO-2")
        other = await a_wall(tx, street.now, code="HELP-S", scheme=SCREENING)
    await street.open_session()
    for days in (1, 2):
        await street.open_session(days=days, unit=other)
    page = await read(street.noor, "/sessions?what=MACO-2")
    found = re.search(r'<ul class="ways-out">(.+?)</ul>', page)
    assert found
    assert re.findall(r"<li><a [^>]+>([^<]+)</a> <span>\((\d+)", found[1]) == [
        ("Any test of the same trade", "1"), ("Any trade", "3")
    ]  # fmt: skip


async def test_where_no_single_wish_is_in_the_way_the_same_test_is_named_first(street: Street) -> None:
    await street.open_session()
    page = await read(street.noor, "/sessions?what=MACO-1&language=de&days=7")
    assert "Leave out one thing" not in page, "that would not help"
    assert "Leaving out one thing is not enough" in page
    assert re.search(r'<a href="/sessions\?what=MACO-1">The same test, whatever the rest</a> <span>\(1 session\)', page)
    assert re.search(r'<a href="/sessions">All tests</a> <span>\(1 session\)', page)
    assert page.index("Nothing fits all of that together") < page.index("why-not"), "first that, then why"
    page = await read(street.noor, "/sessions?language=de&days=7")
    assert ("whatever the rest" in page, ">All tests</a>" in page) == (False, True), "no test was named"


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("days=2", True), ("days=1&days=2", True), ("days=3", False), ("days=8", True),
        ("half=morning", True), ("half=afternoon", False),
        ("accessible=yes", True), ("free=yes", True),
        ("near=1070&within=2", True), ("near=1932&within=5", False), ("near=1932", True), ("near=9999&within=2", True),
    ],
)  # fmt: skip
async def test_every_wish_narrows_the_search(street: Street, query: str, fits: bool) -> None:
    """The session is on a Tuesday from nine to one, in a room that a wheelchair reaches, in Anderlecht."""
    async with street.db.transaction() as tx:
        await tx.execute("update scheduling.sites set postcode = '1070'")
    session = await street.open_session()
    page = await read(street.stranger, f"/sessions?{query}")
    assert (str(session) in page) == fits
    if not fits:
        assert "No session fits that at the moment" in page


async def test_a_room_with_steps_and_a_full_session_are_left_out_when_that_matters(street: Street) -> None:
    full = await street.open_session(seats=1)
    await street.book(full)
    other = await street.open_session(days=1)
    page = await read(street.stranger, "/sessions?free=yes")
    assert str(other) in page
    assert str(full) not in page
    async with street.db.transaction() as tx:
        await tx.execute("update scheduling.rooms set accessible = false")
    assert str(other) not in await read(street.stranger, "/sessions?accessible=yes")


async def test_the_half_day_is_that_of_the_clocks_on_the_wall(tx, now: datetime) -> None:  # type: ignore[no-untyped-def]
    """Nine o'clock before and after the clocks go back on 25 October: both are mornings; one is 07:00 UTC, one 08:00."""
    stage = await a_stage(tx, now)
    summer = datetime.fromisoformat("2026-10-23T09:00+02:00")
    winter = datetime.fromisoformat("2026-10-26T09:00+01:00")
    noon = datetime.fromisoformat("2026-10-27T12:00+01:00")
    sessions = [
        await stage.draft(tx, starts_at=moment, seats=1, room_id=await stage.another_room(tx))
        for moment in (summer, winter, noon)
    ]
    await tx.execute("set local session_replication_role = replica")
    await tx.execute("update scheduling.sessions set opened_at = $1 where id = any ($2)", now, sessions)
    for half, expected in (("morning", sessions[:2]), ("afternoon", sessions[2:])):
        wish = places.Wish(half=half)  # type: ignore[arg-type]
        found = await places.search(tx, wish, candidate_id=None, now=now)
        assert [place.session_id for place in found] == expected


async def test_the_nearest_is_shown_first_with_its_distance(street: Street, now: datetime) -> None:
    near = await street.open_session(days=1)
    async with street.db.transaction() as tx:
        stage = await a_stage(tx, now)
        far = await stage.open(tx)
        await tx.execute("update scheduling.sites set postcode = '1190' where centre_id <> $1", stage.centre)
    page = await read(street.stranger, "/sessions?near=1180")
    assert page.index(str(far)) < page.index(str(near)), "soonest first"
    page = await read(street.stranger, "/sessions?near=1180&order=distance")
    assert page.index(str(near)) < page.index(str(far))
    assert "about 2 km away" in page
    assert "about 7 km away" in page


def test_distances_are_those_of_the_map() -> None:
    """Measured on a map, from town hall to town hall: within a kilometre."""
    for here, there, km in (("1000", "1070", 3.3), ("1180", "1140", 9), ("1160", "1082", 11), ("1000", "1410", 15)):
        assert communes.kilometres(here, there) == pytest.approx(km, abs=1)
    assert communes.kilometres("1020", "1000") == 0
    assert communes.kilometres("1000", "0000") is None
    assert len({postcode for one in communes.every() for postcode in one.postcodes}) == sum(
        len(one.postcodes) for one in communes.every()
    )


async def test_the_list_goes_on_over_its_pages(street: Street, now: datetime) -> None:
    async with street.db.transaction() as tx:
        stage = await a_stage(tx, now)
        session = await stage.open(tx)
        await tx.execute("set local role none")
        await tx.execute("set local session_replication_role = replica")
        await tx.execute(
            """insert into scheduling.sessions (centre_id, room_id, unit_id, standard_id, language, test_time, setup_minutes,
                   teardown_minutes, seats, planned_at, opened_at, changed_at)
               select centre_id, room_id, unit_id, standard_id, language,
                      tstzrange(lower(test_time) + n * interval '1 day', upper(test_time) + n * interval '1 day'),
                      0, 0, 1, planned_at, opened_at, changed_at
               from scheduling.sessions, generate_series(1, 119) n where id = $1""",
            session,
        )
    seen: list[str] = []
    address: str | None = "/sessions"
    while address:
        page = await read(street.stranger, address)
        assert "120 sessions" in page
        seen += re.findall(r'<h3><a href="/sessions/([0-9a-f-]{36})"', page)
        onward = re.search(r'href="([^"]+)#found">Next page', page)
        address = onward and onward[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 120
    for past, last in (
        ("/sessions?page=4", "/sessions?page=3"),
        ("/sessions?page=999", "/sessions?page=3"),
        ("/sessions?since=2026-12-01&page=9", "/sessions?since=2026-12-01"),
        ("/sessions?words=xyzzy&page=2", "/sessions?words=xyzzy"),
    ):
        answer = await street.stranger.get(past, headers=PAGE)
        assert (answer.status_code, answer.headers["location"]) == (303, last)
    over_api: list[str] = []
    address = "/api/v1/places?limit=50&weekday=1&weekday=2&weekday=3&weekday=4&weekday=5&weekday=6&weekday=7"
    while address:
        answer = await street.stranger.get(address)
        over_api += [place["session_id"] for place in answer.json()]
        onward = re.match(r'<(.+)>; rel="next"', answer.headers.get("link", ""))
        address = onward and onward[1]
    assert over_api == seen


async def test_a_month_shows_its_days_and_leads_to_the_months_beside_it(street: Street) -> None:
    session = await street.open_session(seats=3)
    await street.open_session(days=30, seats=1, language="nl")
    page = await read(street.stranger, "/sessions?view=month")
    assert re.search(r"<caption>September 2026</caption>", page)
    assert re.search(r'href="/sessions\?since=2026-09-15&amp;until=2026-09-15#found"> .{0,200}3 places', page)
    assert "Month before" not in page, "nothing is found in the past"
    later = re.search(r'href="(/sessions\?[^"]+)#found">Month after', page)
    assert later is not None
    assert "1 place<" in await read(street.stranger, later[1].replace("&amp;", "&"))
    assert str(session) in await read(street.stranger, "/sessions?since=2026-09-15&until=2026-09-15")
    page = await read(street.stranger, "/sessions?view=month&language=nl")
    assert "<caption>October 2026</caption>" in page, "the first month that has something"
    assert 'name="view" value="month"' in page, "another search stays a month"


@pytest.mark.parametrize("month", ["2026-13", "1999-01", "9999-12", "x", "2026-09-01"])
async def test_a_month_that_is_none_is_another(street: Street, month: str) -> None:
    await street.open_session()
    await read(street.stranger, f"/sessions?view=month&month={month}")


async def test_a_kept_answer_is_right_whatever_happens(
    database_url: str, valkey_url: str, tmp_path: Path, now: datetime
) -> None:
    """Kept bytes are the same bytes; a booking, a rename, a new session and the mere passing of time all change them."""
    passed = [timedelta()]
    async with a_street(database_url, valkey_url, tmp_path, lambda: now + passed[0], now) as street:

        async def asked() -> list[dict[str, object]]:
            return (await street.stranger.get("/api/v1/places?limit=5")).json()  # type: ignore[no-any-return]

        session = await street.open_session()
        first = await asked()
        assert await asked() == first
        assert first[0]["free"] == 2
        await street.book(session)
        assert (await asked())[0]["free"] == 1
        later = await street.open_session(days=1)
        assert [place["session_id"] for place in await asked()] == [str(session), str(later)]
        async with street.db.transaction() as tx:
            await tx.execute("update scheduling.centres set name = 'Elsewhere'")
        assert (await asked())[0]["centre_name"] == "Elsewhere"
        passed[0] = timedelta(days=14)
        assert [place["session_id"] for place in await asked()] == [str(later)]
