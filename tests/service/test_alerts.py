"""Told when a place opens: once for each session, honestly, in one's own language, until one says stop."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from scheduling import alert_notices, alerts, places, sessions
from service import alert_letters, alert_reactions, outbox
from service.reactions import BY_TOPIC
from tests.builders.pages import Street

PAGE = {"accept": "text/html"}


async def wish(who: httpx.AsyncClient, query: str = "words=metser") -> None:
    answer = await who.post("/alerts", data={"query": query}, headers=PAGE)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/alerts"), answer.text


async def letters(street: Street) -> list[tuple[str, str]]:
    """Whoever was told of a place: address and text; with everything done that there is to do."""
    await outbox.drain(street.app.state.running.as_house(), BY_TOPIC)
    async with street.db.read() as tx:
        assert await outbox.census(tx) == outbox.Census(0, 0, 0, None)
        rows = await tx.fetch(
            "select recipient, body from service.mails where body ~ 'Vous nous avez demandé' order by id"
        )
    return [(row["recipient"], row["body"]) for row in rows]


async def test_a_session_that_opens_is_told_once_and_honestly(street: Street) -> None:
    await wish(street.noor)
    await wish(street.noor, "what=MACO")
    await wish(street.sam, "what=MACO&language=nl")
    session = await street.open_session()
    [(recipient, body)] = await letters(street)
    assert recipient == "noor@example.org", "two alerts of hers answer; it is one letter all the same"
    assert "Il y a une place" not in body, "that is the subject"
    assert f"http://localhost:8000/sessions/{session}" in body
    body = body.replace("\xa0", " ")
    assert "La place n’est pas gardée pour vous." in body
    assert "mardi 15 septembre 2026, de 9 h 00 à 13 h 00" in body
    assert "Langue de l’épreuve : Français" in body
    await alert_reactions.sweep(street.app.state.running.as_house(), BY_TOPIC)
    assert len(await letters(street)) == 1, "not twice"


async def test_what_was_there_already_is_no_news_until_it_was_full(street: Street) -> None:
    session = await street.open_session(seats=1)
    await letters(street)
    await wish(street.noor)
    await alert_reactions.sweep(street.app.state.running.as_house(), BY_TOPIC)
    assert await letters(street) == []
    booking = (await street.book(session, who=street.sam)).headers["location"]
    assert await letters(street) == []
    await street.sam.post(f"{booking}/cancellation")
    assert [recipient for recipient, _ in await letters(street)] == ["noor@example.org"]


async def test_a_seat_that_is_gone_before_the_letter_is_written_is_told_when_it_comes_back(street: Street) -> None:
    await wish(street.noor)
    session = await street.open_session(seats=1)
    async with street.db.transaction() as tx:
        assert await alert_notices.announce(tx, session, now=street.now) == 1
    booking = (await street.book(session, who=street.sam)).headers["location"]
    assert await letters(street) == []
    await street.sam.post(f"{booking}/cancellation")
    assert len(await letters(street)) == 1


async def test_who_could_not_book_it_is_not_told(street: Street) -> None:
    await street.book(await street.open_session())
    await wish(street.noor)
    await street.open_session(days=1)
    assert await letters(street) == []


async def test_the_clockwork_finds_what_no_news_told_of(street: Street) -> None:
    """Moved into the wish: `session.moved` is news for those who are booked, not for those who look."""
    session = await street.open_session()
    await wish(street.noor, "what=MACO-1&days=3")
    assert await letters(street) == []
    async with street.db.transaction() as tx:
        wednesday = street.start + timedelta(days=1)
        await sessions.move(tx, session, starts_at=wednesday, room_id=street.room.id, by=None, now=street.now)
    assert await letters(street) == []
    assert await alert_reactions.sweep(street.app.state.running.as_house(), BY_TOPIC) is False
    assert len(await letters(street)) == 1


@pytest.mark.parametrize("query", ["", "language=fr", "words=xyzzy", "what=MACO&until=2026-08-01", "what=NONE"])
async def test_an_alert_is_about_something(street: Street, query: str) -> None:
    answer = await street.noor.post("/alerts", data={"query": query}, headers={**PAGE, "cookie": _cookies(street.noor)})
    assert answer.status_code == 422
    assert "Say which trade or test the alert is about" in answer.text


async def test_five_at_a_time_and_the_same_one_twice_is_one(street: Street) -> None:
    for number in range(5):
        await wish(street.noor, f"what=MACO&within={number}&days={number + 1}")
    await wish(street.noor, "what=MACO&days=1")
    answer = await street.noor.post("/alerts", data={"query": "what=MACO&days=6"})
    assert answer.status_code == 409
    listed = (await street.noor.get("/api/v1/alerts")).json()
    assert len(listed) == 5
    await street.noor.post(f"/alerts/{listed[0]['id']}/end")
    await wish(street.noor, "what=MACO&days=6")


async def test_one_tap_from_the_letter_ends_it_and_reading_does_not(street: Street) -> None:
    await wish(street.noor)
    await street.open_session()
    [(_, body)] = await letters(street)
    found = re.search(r"http\S+/alerts/stop/\S+", body)
    assert found is not None
    path = urlsplit(found[0]).path
    for _ in range(2):
        page = (await street.stranger.get(path, headers={**PAGE, "cookie": "language=en"})).text
        assert "We write to you when a place opens for this:" in page
        assert "noor" not in page.lower()
    assert (await street.stranger.post(path)).status_code == 303
    assert (await street.stranger.post(path)).status_code == 303
    assert "This alert has stopped" in (await street.stranger.get(path, headers={**PAGE, "cookie": "language=en"})).text
    await street.open_session(days=1)
    assert len(await letters(street)) == 1


@pytest.mark.parametrize("token", ["x", "A" * 43, "%C3%A9", "a" * 3000])
async def test_an_address_that_is_not_ours_ends_nothing(street: Street, token: str) -> None:
    assert (await street.stranger.post(f"/alerts/stop/{token}")).status_code == 404


def test_the_mark_of_another_key_or_alert_is_none() -> None:
    alert_id, other = UUID(int=1), UUID(int=1 << 100)
    token = alert_letters.stop_address("", b"key", alert_id).rpartition("/")[2]
    assert alert_letters.alert_of(token, b"key") == alert_id
    assert alert_letters.alert_of(token, b"another") is None
    forged = alert_letters.stop_address("", b"key", other).rpartition("/")[2][:20] + token[20:]
    assert alert_letters.alert_of(forged, b"key") is None


async def test_nobody_sees_or_ends_somebody_elses(street: Street) -> None:
    await wish(street.noor)
    alert_id = (await street.noor.get("/api/v1/alerts")).json()[0]["id"]
    assert (await street.sam.get("/api/v1/alerts")).json() == []
    for answer in (
        await street.sam.post(f"/alerts/{alert_id}/end"),
        await street.sam.delete(f"/api/v1/alerts/{alert_id}"),
        await street.sam.delete(f"/api/v1/alerts/{UUID(int=1)}"),
    ):
        assert answer.status_code == 404
    assert (await street.manager.get("/api/v1/alerts")).status_code == 403
    assert (await street.noor.delete(f"/api/v1/alerts/{alert_id}")).status_code == 204
    assert (await street.noor.get("/api/v1/alerts")).json() == []


async def test_over_the_interface_it_is_the_search_of_the_page(street: Street) -> None:
    order = {"what": "MACO", "language": "fr", "weekdays": [2, 4], "half": "morning", "near": "1080", "within": 5}
    made = await street.noor.post("/api/v1/alerts", json={**order, "accessible": True})
    assert made.status_code == 201
    page = await street.noor.get(f"/sessions?{made.json()['query']}", headers=PAGE)
    assert page.status_code == 200
    assert 'id="days-2" name="days" value="2" checked' in page.text
    assert made.json()["query"] == "what=MACO&language=fr&days=2&days=4&half=morning&within=5&accessible=yes&near=1080"
    for wrong, status in (
        ({"what": "maco"}, 422), ({"text": ""}, 422), ({"centre": "nowhere"}, 404), ({"near": "9999"}, 422),
        ({"within": 3}, 422), ({"since": "2026-13-44"}, 422), ({"since": "2026-12-04", "until": "2026-12-01"}, 422),
    ):  # fmt: skip
        answer = await street.noor.post("/api/v1/alerts", json={"what": "MACO"} | wrong)
        assert answer.status_code == status, (wrong, answer.text)
    assert (await street.noor.post("/alerts", data={"query": "what=MACO&since=never"})).status_code == 422
    assert len((await street.noor.get("/api/v1/alerts")).json()) == 1


async def test_an_alert_ends_with_its_time(street: Street, now: datetime) -> None:
    async with street.db.transaction() as tx:
        wanted = places.Wish(trade="MACO", until=now + timedelta(days=20))
        alert_id = await alerts.create(tx, street.noor_id, wanted, query="what=MACO", now=now)
        assert (await alerts.get(tx, alert_id)).expires_at == now + timedelta(days=20)
        assert await alerts.end_expired(tx, now=now + timedelta(days=19)) == 0
        assert await alerts.end_expired(tx, now=now + timedelta(days=20)) == 1
        assert await alerts.of_candidate(tx, street.noor_id, now=now) == []
        assert await alerts.forget(tx, before=now + timedelta(days=30), most=5) == 1


def _cookies(client: httpx.AsyncClient) -> str:
    return "; ".join(["language=en", *(f"{name}={value}" for name, value in client.cookies.items())])


async def test_its_days_are_written_as_people_say_them(street: Street) -> None:
    await wish(street.noor, "what=MACO&since=2026-09-15&until=2026-10-01")
    page = (await street.noor.get("/alerts", headers=PAGE)).text.replace("\xa0", " ")
    assert "À partir du mardi 15 septembre 2026 · Jusqu’au jeudi 1er octobre 2026" in page
