"""The list of places over the interface: found at once, kept while nothing changes, never older than the last commit."""

from datetime import timedelta

import httpx
import msgspec
import pytest

from scheduling import places
from service.edge import HEADERS
from service.kept_answers import KeptAnswers
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


async def test_one_question_about_the_snapshot_serves_all_who_wait(town: Town) -> None:
    """But whoever comes after it was sent waits for the next one: what was committed in between they must see."""
    kept: KeptAnswers[str] = KeptAnswers()
    first = await kept.snapshot(town.app.state.running.db)
    assert await kept.snapshot(town.app.state.running.db) == first
    async with town.db.transaction() as tx:
        await tx.execute("update scheduling.rooms set name = 'Labo neuf'")
    assert await kept.snapshot(town.app.state.running.db) != first
