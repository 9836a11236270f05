"""The list of places over the interface: found at once, kept while nothing changes, never older than the last commit."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import httpx
import msgspec
import pytest

from scheduling import bookings, places, rooms, sessions
from service.edge import HEADERS
from service.place_lists import PlaceLists
from service.problems import slug_of
from tests.service.conftest import Town

PLACES = "/api/v1/places"


async def listed(who: httpx.AsyncClient, query: str = "") -> list[dict[str, object]]:
    answer = await who.get(f"{PLACES}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def test_both_ways_to_the_list_give_the_same(town: Town) -> None:
    """`text` goes the long way, through the whole application; a time alone the short one."""
    later = await town.open_session(starts_at=town.stage.morning + timedelta(days=1))
    session = await town.open_session()
    code = (await listed(town.stranger))[0]["unit_code"]
    short = await town.stranger.get(PLACES)
    long = await town.stranger.get(f"{PLACES}?unit={code}")
    assert [place["session_id"] for place in short.json()] == [str(session), str(later)]
    assert short.content == long.content
    assert short.headers["content-type"] == long.headers["content-type"]
    assert short.headers.keys() == long.headers.keys() >= {name.lower() for name in HEADERS}
    again = await town.stranger.get(f"{PLACES}?unit={code}")  # kept now, and so by the short way
    assert again.content == long.content
    assert (await town.stranger.head(PLACES)).headers["content-length"] == short.headers["content-length"]
    async with town.db.transaction() as tx:  # a kept list is out of date, and made anew by the short way
        await tx.execute("update scheduling.rooms set name = 'Labo neuf' where id = $1", town.stage.room)
    anew = await town.stranger.get(f"{PLACES}?unit={code}")
    assert anew.json() == [place | {"room_name": "Labo neuf"} for place in long.json()]


@pytest.mark.parametrize(
    ("query", "wish"),
    [
        ("", places.Wish()),
        ("limit=1&page=2", places.Wish(limit=1, skip=1)),
        ("language=fr", places.Wish(language="fr")),
    ],
)
async def test_what_is_written_is_what_is_read(town: Town, query: str, wish: places.Wish) -> None:
    """PostgreSQL writes the list; the pages read the same places as columns. Quotes, accents and fractions of a second are
    written too, and reasons stand beside their own place."""
    mine, *_ = [
        await town.open_session(starts_at=town.stage.morning + timedelta(days=day, microseconds=day * 123457))
        for day in range(3)
    ]
    async with town.db.transaction() as tx:
        await tx.execute("update scheduling.rooms set name = $2 where id = $1", town.stage.room, 'L\'été "A" \\ \n\t€')
    assert (await town.book(mine)).status_code == 201
    for who, candidate_id in ((town.stranger, None), (town.candidate, town.candidate_id)):
        async with town.db.read() as tx:
            read = await places.search(tx, wish, candidate_id=candidate_id, now=town.app.state.running.now())
        reasons = [[{"type": f"/problems/{slug_of(refusal)}"} for refusal in place.refusals] for place in read]
        assert any(reasons) is (candidate_id is not None)
        written = await listed(who, query)
        for place in written:
            place["refusals"] = [{"type": reason["type"]} for reason in place["refusals"]]  # type: ignore[attr-defined]
        shown = msgspec.to_builtins([msgspec.structs.replace(place, refusals=()) for place in read])
        assert written == [
            place | {"refusals": reason, "why_not": None} for place, reason in zip(shown, reasons, strict=True)
        ]


async def test_what_surrounds_a_place_is_written_anew_when_it_changes(town: Town) -> None:
    await town.open_session()
    before = (await listed(town.stranger))[0]
    async with town.db.transaction() as tx:
        await tx.execute('update assessments.units set label = label || \'{"en": "Another unit"}\'')
        await tx.execute('update assessments.trades set label = label || \'{"en": "Another trade"}\'')
        await tx.execute("update scheduling.rooms set accessible = not accessible")
    for query in ("", "language=fr"):
        after = (await listed(town.stranger, query))[0]
        assert after["unit_label"] == before["unit_label"] | {"en": "Another unit"}  # type: ignore[operator]
        assert after["trade_label"] == before["trade_label"] | {"en": "Another trade"}  # type: ignore[operator]
        assert after["accessible"] is not before["accessible"]


async def test_every_filter_works_for_a_stranger_as_for_a_candidate(town: Town) -> None:
    session = await town.open_session()
    place = (await listed(town.stranger))[0]
    for query in (
        f"unit={place['unit_code']}",
        f"centre={place['centre_code']}",
        "language=fr",
        "text=werkplek",
        "free=true",
    ):
        for who in (town.stranger, town.candidate, town.manager):
            assert [found["session_id"] for found in await listed(who, query)] == [str(session)], query
    assert await listed(town.stranger, "unit=NONE-1") == []


async def test_a_list_is_never_older_than_the_last_commit(town: Town) -> None:
    """The same question again and again: each answer shows what was committed before it was asked."""
    session = await town.open_session()
    assert [place["free"] for place in await listed(town.stranger)] == [2]
    assert (await town.book(session)).status_code == 201
    assert [place["free"] for place in await listed(town.stranger)] == [1]
    async with town.db.transaction() as tx:
        await tx.execute("update scheduling.rooms set name = 'Labo neuf' where id = $1", town.stage.room)
        assert [place["room_name"] for place in await listed(town.stranger)] == ["Labo CISCO"], "not yet committed"
    assert [place["room_name"] for place in await listed(town.stranger)] == ["Labo neuf"]
    async with town.db.transaction() as tx:
        await tx.execute("update scheduling.sites set street = 'Rue Neuve 1'")
        await tx.execute("update scheduling.centres set name = 'Neuville'")
    assert [(place["street"], place["centre_name"]) for place in await listed(town.stranger)] == [
        ("Rue Neuve 1", "Neuville")
    ]


async def test_what_was_rolled_back_is_shown_to_nobody(town: Town) -> None:
    await town.open_session()
    before = await listed(town.stranger)
    with pytest.raises(ZeroDivisionError):
        async with town.db.transaction() as tx:
            await tx.execute("update scheduling.rooms set name = 'Nowhere'")
            1 / 0  # noqa: B018
    assert await listed(town.stranger) == await listed(town.stranger, "limit=50") == before


async def test_a_session_that_begins_leaves_the_kept_list(town: Town) -> None:
    await town.open_session()
    assert len(await listed(town.stranger)) == 1
    town.app.state.running = msgspec.structs.replace(town.app.state.running, clock=lambda: town.stage.morning)
    assert await listed(town.stranger) == []


async def test_pages_follow_each_other(town: Town) -> None:
    for day in range(3):
        await town.open_session(starts_at=town.stage.morning + timedelta(days=day))
    first = await town.stranger.get(f"{PLACES}?limit=2&since=2026-09-01T00%3A00%3A00Z")
    assert first.headers["link"] == f'<{PLACES}?limit=2&since=2026-09-01T00%3A00%3A00Z&page=2>; rel="next"'
    bare = await town.stranger.get(f"{PLACES}?page=1&limit=2&since=2026-09-01T00:00:00Z")
    assert (bare.content, bare.headers["link"]) == (first.content, first.headers["link"])
    odd = await town.stranger.get(f"{PLACES}?%6Cimit=2&since=2026-09-01T02:00:00%2B02:00")
    assert odd.content == first.content
    assert odd.headers["link"] == f'<{PLACES}?limit=2&since=2026-09-01T02%3A00%3A00%2B02%3A00&page=2>; rel="next"'
    second = await town.stranger.get(first.links["next"]["url"])
    assert len(first.json()) == 2
    assert len(second.json()) == 1
    assert "link" not in second.headers


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "page=0", "page=101", "since=yesterday", "limit=%FF"]
)
async def test_what_is_asked_badly_is_refused_with_its_words(town: Town, query: str) -> None:
    answer = await town.stranger.get(f"{PLACES}?{query}")
    assert answer.status_code in (400, 422)
    assert answer.json()["type"] in ("/problems/check-your-answers", "/problems/bad-request")


async def test_a_candidate_is_told_their_own_reasons_and_a_stranger_none(town: Town) -> None:
    session = await town.open_session()
    assert (await town.book(session)).status_code == 201
    mine = (await listed(town.candidate))[0]
    assert [reason["type"] for reason in mine["refusals"]] == ["/problems/unit-already-booked"]  # type: ignore[attr-defined]
    assert (await listed(town.candidate, f"unit={mine['unit_code']}"))[0]["refusals"] == mine["refusals"]
    for other in (town.rival, town.stranger, town.manager):
        assert (await listed(other))[0]["refusals"] == []


async def test_a_token_that_does_not_work_is_refused_on_the_list_too(town: Town) -> None:
    await listed(town.stranger)
    answer = await town.stranger.get(PLACES, headers={"authorization": "Bearer nonsense"})
    assert answer.status_code == 401


async def test_the_list_is_counted_and_logged_like_any_other(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    settings = msgspec.structs.replace(town.app.state.running.settings, rate_limits=1)
    town.app.state.running = msgspec.structs.replace(town.app.state.running, settings=settings)
    answers = [await town.stranger.get(PLACES) for _ in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 0
    assert answers[-1].json()["type"] == "/problems/too-many-requests"
    lines = [record.facts for record in caplog.records if getattr(record, "facts", {}).get("route") == PLACES]
    assert [line["status"] for line in lines] == [200] * 6 + [429] * 2


async def test_who_asks_together_is_answered_each_with_their_own(town: Town) -> None:
    """Kept or not, with filters or without, and old questions among them: one round trip for those who come together, and
    none of them sees less than what was committed before it was asked."""
    first, second = [await town.open_session(starts_at=town.stage.morning + timedelta(days=day)) for day in range(2)]
    expected = {"": [first, second], "limit=1": [first], "limit=1&page=2": [second], "language=fr": [first, second],
                "since=2099-01-01T00:00:00Z": []}  # fmt: skip
    for question in ([], ["", "language=fr"], ["limit=1"]):  # nothing is kept; some of it; some that is out of date
        for query in question:
            await listed(town.stranger, query)
        async with town.db.transaction() as tx:
            await tx.execute("update scheduling.rooms set name = name || '!' where id = $1", town.stage.room)
            name = await tx.fetchval("select name from scheduling.rooms where id = $1", town.stage.room)
        answers = await asyncio.gather(*(listed(town.stranger, query) for query in [*expected] * 3))
        for query, answer in zip([*expected] * 3, answers, strict=True):
            assert [place["session_id"] for place in answer] == [str(session) for session in expected[query]], query
            assert {place["room_name"] for place in answer} <= {name}


async def test_a_process_that_knows_all_texts_says_what_one_says_that_knows_none(town: Town) -> None:
    """After each verb that changes something of what is shown: the same bytes, and what the pages read as columns."""
    morning, stage = town.stage.morning, town.stage
    planned = [await town.open_session(starts_at=morning + timedelta(days=day)) for day in range(3)]
    db, now = town.app.state.running.db, town.app.state.running.now()
    async with town.db.transaction() as tx:
        other = await stage.another_room(tx)
        candidate = await stage.candidate(tx)
        await bookings.book(tx, planned[0], candidate, by=None, now=now)
    at = {"by": None, "now": now}
    label = {"fr": "Autre", "nl": "Ander", "en": "Other", "de": "Andere"}
    changes: list[Callable[[asyncpg.Connection], Awaitable[object]]] = [
        lambda tx: bookings.cancel_all(tx, planned[0], **at),
        lambda tx: bookings.book(tx, planned[1], candidate, **at),
        lambda tx: sessions.resize(tx, planned[0], seats=1, now=now),
        lambda tx: sessions.move(tx, planned[0], starts_at=morning + timedelta(hours=1), room_id=stage.room, **at),
        lambda tx: sessions.move(tx, planned[2], starts_at=morning + timedelta(hours=6), room_id=other, **at),
        lambda tx: rooms.change(tx, other, name="Ailleurs", kind="cisco-lab", stations=8, accessible=False),
        lambda tx: stage.open(tx, starts_at=morning + timedelta(days=3), room_id=other),
        lambda tx: tx.execute("update scheduling.sites set street = 'Rue Neuve 1', postcode = '1000'"),
        lambda tx: tx.execute("update scheduling.centres set name = 'Neuville'"),
        lambda tx: tx.execute("update assessments.units set label = $1", label),
        lambda tx: tx.execute("update assessments.trades set label = $1", label),
        lambda tx: tx.execute("update scheduling.sessions set language = 'nl' where id = $1", planned[0]),
        lambda tx: sessions.lock(tx, planned[2], **at),
        lambda tx: sessions.cancel(tx, planned[0], reason="Flood", **at),
    ]
    seen = set()
    for number, change in enumerate(changes):
        async with town.db.transaction() as tx:
            await change(tx)
        async with town.db.read() as tx:
            read = await places.search(tx, places.Wish(), candidate_id=None, now=now)
        # One that was never asked, so that no kept answer serves; the other way has filters.
        for query in (f"until=2099-01-01T00:00:{number:02}Z", "", f"free=false&until=2099-01-01T00:01:{number:02}Z"):
            known = await town.stranger.get(f"{PLACES}?{query}")
            town.app.state.place_lists, warm = PlaceLists(db), town.app.state.place_lists
            new = await town.stranger.get(f"{PLACES}?{query}")
            town.app.state.place_lists = warm
            assert known.content == new.content
            assert [msgspec.convert(place | {"refusals": ()}, places.Place) for place in forgetful(known)] == read
        seen.add(known.content)
    assert len(seen) == len(changes), "each of them is seen"


def forgetful(answer: httpx.Response) -> list[dict[str, object]]:
    return [{name: value for name, value in place.items() if name != "why_not"} for place in answer.json()]
