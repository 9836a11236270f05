"""The day over HTTP: for one seat on one jury, idempotent, and never a word of what another member entered."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from service.web import assets
from tests.builders.assessments import PICTURE
from tests.builders.hall import text
from tests.builders.workshop import Workshop, a_workshop

LINES = ("1.1", "1.2", "1.3", "2.1", "2.2")


@pytest.fixture
async def workshop(
    database_url: str, valkey_url: str, tmp_path: Path, clock: Callable[[], datetime], now: datetime
) -> AsyncIterator[Workshop]:
    async with a_workshop(database_url, valkey_url, tmp_path, clock, now, people=2) as workshop:
        await workshop.begin()
        yield workshop


@pytest.fixture
def booking(workshop: Workshop) -> UUID:
    return next(iter(workshop.bookings.values()))


def entry(booking: UUID, sequence: int, **facts: Any) -> dict[str, Any]:
    plain = {"id": str(uuid4()), "booking_id": str(booking), "sequence": sequence, "at": "2026-09-15T08:00:00Z"}
    return {**plain, "kind": "rating", **facts}


def a_batch(assessor: UUID, *entries: dict[str, Any], device: UUID | None = None) -> dict[str, Any]:
    return {"assessor_id": str(assessor), "device_id": str(device or uuid4()), "entries": list(entries)}


def here(workshop: Workshop) -> str:
    return f"/api/v1/sessions/{workshop.session}/day"


async def test_a_day_names_candidates_and_measures_and_nothing_else_about_them(workshop: Workshop) -> None:
    answer = await workshop.hall.evaluator.get(f"{here(workshop)}?lang=en")
    day = answer.json()
    assert [(one["name"], one["measures"], one["extra_minutes"]) for one in day["candidates"]] == [
        ("Amina Benali", ["extra time"], 60), ("Bram Claes", [], 0),
    ]  # fmt: skip
    assert (day["role"], [one["code"] for one in day["criteria"]]) == ("evaluator", ["1", "2"])
    assert "1990" not in answer.text
    assert "@example.org" not in answer.text
    observed = (await workshop.hall.observer.get(here(workshop))).json()
    assert [one["code"] for one in observed["criteria"][-1]["indicators"]] == ["K1", "K2"]


async def test_who_does_not_examine_has_no_day(workshop: Workshop) -> None:
    hall = workshop.hall
    for who, status in ((hall.manager, 404), (hall.street.noor, 403), (hall.street.stranger, 401)):
        assert (await who.get(here(workshop))).status_code == status
        body = a_batch(hall.manager_id)
        assert (await who.post(f"{here(workshop)}/entries", json=body)).status_code in (status, 403)
        assert (await who.get(f"/day/{workshop.session}/key/{uuid4()}")).status_code == status


async def test_the_same_batch_again_gives_the_same_day(workshop: Workshop, booking: UUID) -> None:
    batch = a_batch(
        workshop.hall.evaluator_id,
        entry(booking, 1, indicator="1.1", rating="met"),
        entry(booking, 2, kind="incident", said={"text": "Chute", "category": "accident", "informed": "SIPP"}),
    )
    answers = [await workshop.hall.evaluator.post(f"{here(workshop)}/entries", json=batch) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert answers[0].json()["entries"] == answers[2].json()["entries"]
    assert [one["sequence"] for one in answers[2].json()["entries"]] == [1, 2]
    batch["entries"].append(entry(booking, 4, indicator="1.2", rating="met"))
    gap = await workshop.hall.evaluator.post(f"{here(workshop)}/entries", json=batch)
    assert (gap.status_code, gap.json()["type"]) == (409, "/problems/entry-out-of-order")


async def test_nobody_sends_in_anothers_name_or_reads_what_another_entered(workshop: Workshop, booking: UUID) -> None:
    hall = workshop.hall
    secret = entry(booking, 1, kind="note", said={"text": "Seulement pour moi"})
    rated = entry(booking, 2, indicator="1.1", rating="not_observed", reason="caché par le mur")
    batch = a_batch(hall.evaluator_id, secret, rated)
    for other in (hall.observer, workshop.colleague):
        assert (await other.post(f"{here(workshop)}/entries", json=batch)).status_code == 403
    assert (await hall.evaluator.post(f"{here(workshop)}/entries", json=batch)).status_code == 200
    await hall.observer.post(
        f"{here(workshop)}/entries", json=a_batch(hall.observer_id, entry(booking, 1, indicator="1.1", rating="met"))
    )
    api = f"/api/v1/bookings/{booking}/recordings"
    for other in (hall.observer, workshop.colleague, hall.manager):
        for path in (here(workshop), api, f"/recordings/{booking}", f"/centre/bookings/{booking}/deliberation"):
            page = (await other.get(path)).text
            assert "Seulement pour moi" not in page, path
            assert "caché par le mur" not in page, path
    assert "Seulement pour moi" in (await hall.evaluator.get(here(workshop))).text
    assert "Seulement pour moi" in (await hall.evaluator.get(api)).text


async def test_a_batch_is_bounded(workshop: Workshop, booking: UUID) -> None:
    evaluator, me = workshop.hall.evaluator, workshop.hall.evaluator_id
    for wrong in (
        entry(booking, 1, kind="correction", indicator="1.1", rating="met", motive="x"),
        entry(booking, 0, indicator="1.1", rating="met"),
        entry(booking, 1, indicator="1.1", rating="met", at="2026-09-15T08:00:00"),
        entry(booking, 1, kind="note", said={"text": "x" * 2001}),
        entry(booking, 1, kind="note", said={"anything": "else"}),
        entry(booking, 1, indicator="1.1", rating="not_observed"),
    ):
        answer = await evaluator.post(f"{here(workshop)}/entries", json=a_batch(me, wrong))
        assert answer.status_code in (400, 422), wrong
    elsewhere = entry(uuid4(), 1, indicator="1.1", rating="met")
    assert (await evaluator.post(f"{here(workshop)}/entries", json=a_batch(me, elsewhere))).status_code == 404


async def test_the_page_holds_nothing_about_anybody_and_keeps_all_it_loads(workshop: Workshop) -> None:
    hall = workshop.hall
    pages = [
        await who.get(f"/day/?session={workshop.session}")
        for who in (hall.evaluator, hall.manager, hall.street.stranger)
    ]
    assert {page.status_code for page in pages} == {200}
    assert len({page.text for page in pages}) == 1
    worker = await hall.street.stranger.get("/day/worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    for name in assets.assets():
        if name.startswith(("day", "preuve", "source-sans")):
            assert assets.address(name) in worker.text
    for address in re.findall(r'"(/static/[^"]+)"', worker.text):
        assert (await hall.street.stranger.get(address)).headers["cache-control"] == assets.IMMUTABLE
    manifest = (await hall.street.stranger.get("/day/manifest.webmanifest")).json()
    assert (manifest["scope"], manifest["display"]) == ("/day/", "standalone")


def test_modules_import_each_other_by_their_hashed_addresses() -> None:
    for name, asset in assets.assets().items():
        if name.endswith(".js") and name != "htmx.js":
            assert b'from "./' not in asset.body


async def test_the_spare_key_is_of_one_person_and_one_device(workshop: Workshop) -> None:
    hall, device = workshop.hall, uuid4()
    asked = [
        (hall.evaluator, device),
        (hall.evaluator, device),
        (hall.evaluator, uuid4()),
        (workshop.colleague, device),
    ]
    keys = [(await who.get(f"/day/{workshop.session}/key/{one}")).json()["key"] for who, one in asked]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


async def test_a_photo_is_a_jpeg_of_ones_own_session(workshop: Workshop, booking: UUID) -> None:
    async def put(
        who: httpx.AsyncClient, image: bytes = PICTURE, kind: str = "image/jpeg", of: UUID = booking
    ) -> httpx.Response:
        at = f"/day/{workshop.session}/photos/{of}/{photo}"
        return await who.put(at, content=image, headers={"Content-Type": kind})

    photo, hall = uuid4(), workshop.hall
    assert (await put(hall.evaluator, b"GIF89a")).status_code == 422
    assert (await put(hall.evaluator, kind="image/png")).status_code == 415
    assert (await put(hall.evaluator, of=uuid4())).status_code == 404
    assert (await put(hall.manager)).status_code == 404
    assert (await put(hall.evaluator, PICTURE + b"x" * 1_600_000)).status_code == 413
    answers = [await put(hall.evaluator) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (await put(hall.observer)).status_code == 404  # the id is taken
    shown = await hall.evaluator.get(f"/recordings/photos/{photo}")
    assert (shown.content, shown.headers["content-type"]) == (PICTURE, "image/jpeg")


async def test_a_choice_and_a_correction_without_javascript(workshop: Workshop, booking: UUID) -> None:
    evaluator, me, grid = workshop.hall.evaluator, workshop.hall.evaluator_id, f"/recordings/{booking}"
    everything = [entry(booking, n, indicator=code, rating="met") for n, code in enumerate(LINES, 1)]
    for batch in (everything, [entry(booking, 1, indicator="1.1", rating="not_met")]):
        await evaluator.post(f"{here(workshop)}/entries", json=a_batch(me, *batch))
    assert "Deux de vos appareils disent des choses différentes" in text(await evaluator.get(grid))
    assert (await evaluator.post(grid, data={"1.1": "met"})).status_code == 303  # not on the form: nothing happens
    page = (await evaluator.get(f"{grid}/choices")).text
    which = re.findall(r'name="which-1.1" value="([^"]+)"', page)
    assert len(which) == 2
    assert (await evaluator.post(f"{grid}/submission")).status_code == 422
    chosen = {"indicator": "1.1", "which-1.1": which[0]}
    assert (await evaluator.post(f"{grid}/choices", data=chosen)).status_code == 422
    assert (await evaluator.post(f"{grid}/choices", data={**chosen, "motive-1.1": "Revu"})).status_code == 303
    assert "plus rien à choisir" in text(await evaluator.get(f"{grid}/choices"))
    early = {"indicator": "1.2", "rating": "met", "motive": "Trop tôt"}
    assert (await evaluator.post(f"{grid}/corrections", data=early)).status_code == 409
    assert (await evaluator.post(f"{grid}/submission")).status_code == 303
    correction = {"indicator": "1.2", "rating": "not_met"}
    assert '<a href="#motive">' in (await evaluator.post(f"{grid}/corrections", data=correction)).text
    assert '<a href="#rating">' in (await evaluator.post(f"{grid}/corrections", data={"indicator": "1.2"})).text
    said = await evaluator.post(f"{grid}/corrections", data={**correction, "motive": "Mauvaise ligne"})
    assert said.status_code == 303
    page = text(await evaluator.get(grid))
    assert "Corrigé après la remise" in page
    assert "Mauvaise ligne" in page
    assert "Remises et signées" in page
    assert "Samir Ouhadi" in page
    for other in (workshop.hall.observer, workshop.colleague):
        assert "Mauvaise ligne" not in (await other.get(grid)).text
        assert (await other.get(f"{grid}/corrections")).status_code == 404


async def test_a_correction_by_a_program(workshop: Workshop, booking: UUID) -> None:
    evaluator, me = workshop.hall.evaluator, workshop.hall.evaluator_id
    everything = [entry(booking, n, indicator=code, rating="met") for n, code in enumerate(LINES, 1)]
    await evaluator.post(f"{here(workshop)}/entries", json=a_batch(me, *everything))
    own = (await evaluator.get(f"/api/v1/bookings/{booking}/recordings")).json()["own"]["id"]
    correction = {"indicator": "1.1", "rating": "not_met", "motive": "Mauvais candidat"}
    at = f"/api/v1/recordings/{own}"
    assert (await evaluator.post(f"{at}/corrections", json=correction)).status_code == 409
    sealed = (await evaluator.put(f"{at}/submission")).json()["digest"]
    assert (await workshop.hall.observer.post(f"{at}/corrections", json=correction)).status_code == 404
    answer = await evaluator.post(f"{at}/corrections", json=correction)
    assert answer.status_code == 201
    own = (await evaluator.get(f"/api/v1/bookings/{booking}/recordings")).json()["own"]
    assert own["digest"] == answer.json()["digest"] != sealed
