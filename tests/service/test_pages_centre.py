"""The pages of a centre: planning, the jury, the day, the file, the figures; each for its own manager only."""

import re
from datetime import time, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from assessments import appeals
from scheduling import opening_hours, sessions
from tests.builders.hall import Hall, text
from tests.builders.pages import a_wall
from tests.builders.stage import begins_at


def plan(hall: Hall, **changes: str) -> dict[str, str]:
    form = {"unit": "MACO-1", "room_id": str(hall.street.room.id), "language": "fr", "day": "2026-09-15", "at": "09:00"}
    return {**form, "seats": "2", **changes}


async def posted(hall: Hall, **changes: str) -> httpx.Response:
    return await hall.manager.post("/centre/sessions/new", data=plan(hall, **changes))


async def test_a_session_is_planned_from_a_form(hall: Hall) -> None:
    first = await hall.manager.get("/centre/sessions/new")
    assert "MACO-1 – Monter un mur en blocs" in text(first)
    form = await hall.manager.get("/centre/sessions/new?unit=MACO-1")
    assert "Atelier 1 – Atelier, 8 postes de travail" in text(form)
    assert 'value="4"' in form.text  # as many places as one evaluator takes
    answer = await posted(hall)
    assert answer.status_code == 303
    page = await hall.manager.get(answer.headers["location"])
    assert "mardi 15 septembre 2026, de 9 h 00 à 13 h 00 Brouillon" in text(page)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"room_id": ""}, "room_id", "Choisissez un local"),
        ({"language": "de"}, "language", "Choisissez une langue"),
        ({"day": "2026-02-30"}, "day", "Choisissez un jour"),
        ({"day": "2026-08-31"}, "day", "Ce moment est passé"),
        ({"at": "25:00"}, "at", "Indiquez une heure"),
        ({"seats": "0"}, "seats", "Indiquez un nombre de places"),
        ({"seats": "lots"}, "seats", "Indiquez un nombre de places"),
        ({"day": "2026-09-20"}, "at", "Le local est fermé à ce moment"),
    ],
)
async def test_a_form_is_given_back_with_what_was_typed_and_what_is_wrong(
    hall: Hall, changes: dict[str, str], field: str, said: str
) -> None:
    answer = await posted(hall, **{"at": "10:15", "seats": "3", **changes})
    assert answer.status_code in (409, 422)
    assert f'<a href="#{field}">{said}' in answer.text.replace("&#39;", "’")
    for name, value in {"at": "10:15", "seats": "3", **changes}.items():
        assert name == "room_id" or name == "language" or f'value="{value}"' in answer.text


async def test_a_room_that_is_taken_says_so_on_the_form(hall: Hall) -> None:
    assert (await posted(hall)).status_code == 303
    again = await posted(hall, at="12:00")
    assert again.status_code == 409
    assert '<a href="#at">Le local est occupé à ce moment' in again.text
    async with hall.db.read() as tx:
        assert await tx.fetchval("select count(*) from scheduling.sessions") == 1


async def test_the_hour_that_comes_twice_is_asked_about_and_the_one_that_is_left_out_refused(hall: Hall) -> None:
    async with hall.db.transaction() as tx:
        await opening_hours.set_day(tx, room_id=hall.street.room.id, weekday=7, opens=time(0), closes=time(20))
    twice = await posted(hall, day="2026-10-25", at="02:30")
    assert (twice.status_code, "Laquelle des deux ?" in text(twice)) == (422, True)
    assert "Cette heure n’existe pas ce jour-là" in text(await posted(hall, day="2027-03-28", at="02:30"))
    starts = {}
    for which in ("second", "first"):
        answer = await posted(hall, day="2026-10-25", at="02:30", which=which)
        assert answer.status_code == 303, text(answer)
        async with hall.db.transaction() as tx:
            session_id = UUID(answer.headers["location"].rpartition("/")[2])
            starts[which] = (await sessions.get(tx, session_id)).starts_at
            await sessions.cancel(tx, session_id, reason="the other one", by=None, now=hall.street.now)
    assert starts["second"] - starts["first"] == timedelta(hours=1)


async def test_the_jury_page_lists_who_can_and_why_others_cannot(hall: Hall) -> None:
    session = (await posted(hall)).headers["location"]
    page = await hall.manager.get(f"{session}/jury")
    assert "Samir Ouhadi" in text(page).partition("Observateurs")[0].partition("Peuvent prendre un siège")[2]
    assert "Cette personne n’est pas qualifiée pour ce métier à cette date" in text(page)
    offered = re.findall(r'"(/centre/assessors/[^"]+/availability)"', page.text)
    assert offered, "of the centre's own people"
    for address in offered:
        assert (await hall.manager.get(address)).status_code == 200, "no link leads to what may not be seen"
    for person, role in (
        (hall.evaluator_id, "evaluator"),
        (hall.observer_id, "observer"),
        (hall.manager_id, "manager"),
    ):
        answer = await hall.manager.post(f"{session}/jury-seats", data={"assessor_id": str(person), "role": role})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{session}/jury")
    assert "Le jury est complet" in text(await hall.manager.get(f"{session}/jury"))
    again = await hall.manager.post(
        f"{session}/jury-seats", data={"assessor_id": str(hall.evaluator_id), "role": "observer"}
    )
    assert again.status_code in (409, 422)
    assert "error-summary" in again.text


async def test_a_seat_is_taken_back_unless_the_open_session_needs_it(hall: Hall) -> None:
    session = await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
        seats = {row["role"]: row["id"] for row in await tx.fetch("select id, role from scheduling.jury_seats")}
    assert (await hall.manager.post(f"/centre/jury-seats/{seats['observer']}/release")).status_code == 303
    refused = await hall.manager.post(f"/centre/jury-seats/{seats['evaluator']}/release")
    assert "Il y a plus de places que" in text(refused)
    assert "À donner" in text(refused)


async def test_one_next_step_leads_from_the_draft_to_the_end(hall: Hall) -> None:
    session = await hall.planned()
    here = f"/centre/sessions/{session}"

    async def step() -> str:
        page = await hall.manager.get(here)
        assert page.text.count('aria-current="step"') == 1
        return text(page).partition("(votre prochaine étape)")[0].rpartition(")")[2].strip().partition(" ")[2]

    assert await step() == "Ouvrir aux réservations"
    assert (await hall.manager.post(f"{here}/opening")).status_code == 303
    assert "Clôturer la liste" in await step()
    await hall.street.book(session)
    assert (await hall.manager.post(f"{here}/lock")).status_code == 303
    assert "Accueillir les candidats" in await step()
    early = await hall.manager.post(f"{here}/start")
    assert (early.status_code, "Un contrat d’épreuve n’est pas signé" in text(early)) == (409, True)
    async with hall.db.read() as tx:
        booking = await tx.fetchval("select id from scheduling.bookings")
    for act in ("identity-check", "contract"):
        answer = await hall.manager.post(f"/centre/bookings/{booking}/{act}")
        assert answer.headers["location"] == f"{here}/day#booking-{booking}"
    assert "L’accueil est terminé" in text(await hall.manager.get(f"{here}/day"))
    assert (await hall.manager.post(f"{here}/start")).status_code == 303
    assert "Terminer l’épreuve" in await step()
    assert (await hall.manager.post(f"{here}/end")).status_code == 303
    assert "Délibérer et décider" in await step()
    assert (await hall.manager.post(f"{here}/end")).status_code == 409


async def test_who_did_not_come_is_marked_and_said_on_the_list(hall: Hall) -> None:
    session = await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    await hall.street.book(session)
    await hall.manager.post(f"/centre/sessions/{session}/lock")
    async with hall.db.read() as tx:
        booking = await tx.fetchval("select id from scheduling.bookings")
    unsigned = await hall.manager.post(f"/centre/bookings/{booking}/contract")
    assert (unsigned.status_code, "error-summary" in unsigned.text) == (409, True)
    early = await hall.manager.post(f"/centre/bookings/{booking}/no-show")
    assert (early.status_code, "personne n’est encore absent" in text(early)) == (409, True)
    async with hall.db.transaction() as tx:
        await begins_at(tx, session, hall.street.now - timedelta(hours=1))
    assert (await hall.manager.post(f"/centre/bookings/{booking}/no-show")).status_code == 303
    assert "Noor Peeters Absent" in text(await hall.manager.get(f"/centre/sessions/{session}/day"))


async def test_a_session_moves_or_is_cancelled_with_a_reason(hall: Hall) -> None:
    session = await hall.planned()
    here = f"/centre/sessions/{session}"
    form = await hall.manager.get(f"{here}/time")
    assert 'value="2026-09-15"' in form.text
    assert 'value="09:00"' in form.text
    room = str(hall.street.room.id)
    closed = await hall.manager.post(
        f"{here}/time", data={"day": "2026-09-15", "at": "20:00", "room_id": room, "version": "*"}
    )
    assert (closed.status_code, 'value="20:00"' in closed.text) == (409, True)
    moved = await hall.manager.post(
        f"{here}/time", data={"day": "2026-09-16", "at": "13:00", "room_id": room, "version": "*"}
    )
    assert moved.status_code == 303
    assert "mercredi 16 septembre 2026, de 13 h 00 à 17 h 00" in text(await hall.manager.get(here))
    silent = await hall.manager.post(f"{here}/cancellation", data={"reason": " "})
    assert (silent.status_code, "Dites pourquoi" in text(silent)) == (422, True)
    assert (await hall.manager.post(f"{here}/cancellation", data={"reason": "Fuite d’eau"})).status_code == 303
    assert "Fuite d’eau" in text(await hall.manager.get(here))


async def test_the_list_shows_weeks_filters_and_past_months(hall: Hall) -> None:
    soon, later = await hall.planned(), await hall.planned(days=7)
    page = await hall.manager.get("/centre")
    assert text(page).count("Semaine du") == 2
    assert f"/centre/sessions/{soon}" in page.text
    assert "Aucune session de ce genre" in text(await hall.manager.get("/centre?stage=closed"))
    assert f"/centre/sessions/{later}" in (await hall.manager.get("/centre?month=2026-09")).text
    assert "Aucune session dans cette période" in text(await hall.manager.get("/centre?month=2026-07"))
    assert (await hall.manager.get("/centre?month=nonsense")).status_code == 200


async def test_another_centre_s_pages_are_as_absent_as_what_never_was(hall: Hall) -> None:
    session, booking = await hall.running()
    other = hall.street.other_manager
    for path in ("", "/jury", "/day", "/time", "/cancellation"):
        for one in (session, uuid4()):
            assert (await other.get(f"/centre/sessions/{one}{path}")).status_code == 404
    for path in ("opening", "lock", "start", "end"):
        assert (await other.post(f"/centre/sessions/{session}/{path}")).status_code == 404
    for path in (
        "identity-check", "contract", "no-show", "decision", "profile", "identity-check/removal", "no-show/removal"
    ):  # fmt: skip
        expected = 403 if path == "decision" else 404  # this manager's account signs no decisions
        assert (await other.post(f"/centre/bookings/{booking}/{path}")).status_code == expected
    for path in ("deliberation", "profile"):
        assert (await other.get(f"/centre/bookings/{booking}/{path}")).status_code == 404
    assert (await other.get("/centre?centre=digitalcity")).status_code == 404
    for who in (hall.evaluator, hall.street.noor):
        assert (await who.get(f"/centre/sessions/{session}")).status_code == 403
    assert (await hall.street.stranger.get("/centre")).status_code == 401


async def test_an_administrator_chooses_a_centre(hall: Hall) -> None:
    assert (await hall.administrator.get("/centre")).headers["location"] == "/centres"
    page = await hall.administrator.get("/centres")
    async with hall.db.read() as tx:
        code = await tx.fetchval("select code from scheduling.centres where id = $1", hall.street.room.centre_id)
    assert f"/centre?centre={code}" in page.text
    assert (await hall.administrator.get(f"/centre?centre={code}")).status_code == 200
    assert (await hall.manager.get("/centres")).status_code == 403


async def test_an_appeal_finds_its_reviewer_and_its_answer(hall: Hall) -> None:
    _, decision = await hall.street.tested(hall.street.noor_id, "fail")
    async with hall.db.transaction() as tx:
        appeal = await appeals.lodge(tx, decision, "Le mur était d’aplomb.", by=None, now=hall.street.now)
    assert "Forme à examiner" in text(await hall.manager.get("/appeals"))
    here = f"/appeals/{appeal}"
    assert (await hall.evaluator.get(here)).status_code == 404
    assert (await hall.administrator.post(f"{here}/admissibility", data={"admissible": ""})).status_code == 422
    unsaid = await hall.administrator.post(f"{here}/admissibility", data={"admissible": "no"})
    assert (unsaid.status_code, "Motivez la réponse" in text(unsaid)) == (422, True)
    assert (await hall.administrator.post(f"{here}/admissibility", data={"admissible": "yes"})).status_code == 303
    assert (await hall.administrator.post(f"{here}/reviewers", data={"assessor_id": "x"})).status_code == 422
    chosen = await hall.administrator.post(f"{here}/reviewers", data={"assessor_id": str(hall.observer_id)})
    assert chosen.status_code == 303
    assert "MACO-1, reçu le" in text(await hall.observer.get("/agenda"))
    unmotivated = await hall.observer.post(f"{here}/answer", data={"answer": "pass"})
    assert (unmotivated.status_code, "Motivez la réponse" in text(unmotivated)) == (422, True)
    answer = {"answer": "pass", "motivation": "Les photos le montrent."}
    assert (await hall.observer.post(f"{here}/answer", data=answer)).status_code == 303
    assert "communiquer la décision révisée" in text(await hall.manager.get(here))


async def test_the_figures_are_a_table_with_sources_and_a_file(hall: Hall) -> None:
    await hall.street.tested(hall.street.noor_id, "pass")
    assert "/reports/annual/2026" in (await hall.manager.get("/reports")).text
    page = await hall.manager.get("/reports/annual/2026")
    assert "Validations et screenings 1 0 1" in text(page) or "Validations et screenings 0 1 1" in text(page)
    assert "Pas encore importé" in text(page)
    table = await hall.manager.get("/reports/annual/2026/table.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Validations et screenings" in table.text
    assert (await hall.street.noor.get("/reports")).status_code == 403


async def test_the_catalogue_is_read_and_an_edited_file_becomes_a_version(hall: Hall) -> None:
    async with hall.db.transaction() as tx:
        await a_wall(tx, hall.street.now, code="COUV-1")
    assert "MACO-1 Monter un mur en blocs" in text(await hall.administrator.get("/trades"))
    assert "Porte ses protections" in text(await hall.administrator.get("/units/MACO-1"))
    assert (await hall.administrator.get("/units/MACO-1?version=9")).status_code == 404

    async def sent(name: str, body: bytes) -> httpx.Response:
        return await hall.administrator.post("/catalogue/imports", files={"file": (name, body)})

    grid = Path("assessments/catalogue_data/construcity/maco-1.grid.toml").read_bytes()
    assert "Nouvelle version en vigueur : MACO-1 v2" in text(await sent("maco-1.grid.toml", grid))
    assert "déjà en vigueur" in text(await sent("maco-1.grid.toml", grid))
    assert "version 1" in text(await hall.administrator.get("/units/MACO-1"))
    broken = await sent("maco-1.grid.toml", b"version = \xff")
    assert (broken.status_code, "maco-1.grid.toml" in broken.text) == (422, True)
    assert (await sent("../../etc.toml", b"x = 1")).status_code == 422
    assert (await sent("maco.toml", b"")).status_code == 422
    assert (await hall.manager.get("/catalogue/imports")).status_code == 403
