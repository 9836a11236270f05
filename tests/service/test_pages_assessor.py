"""The pages of a jury: the agenda, the grid that loses nothing, the seal, the deliberation, the decision."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx

from assessments import accommodations, ratings, recordings
from assessments.marking import Mark, Rating
from scheduling import jury_seats, sessions
from tests.builders.assessments import SCREENING, all_met
from tests.builders.hall import Hall, text
from tests.builders.pages import a_sitting_of, a_wall
from tests.builders.web import signed_in

INDICATORS, CHECKS = ("1.1", "1.2", "1.3", "2.1", "2.2"), ("K1", "K2")


def sheet(*, observer: bool = False, **changes: str) -> dict[str, str]:
    """A grid as a browser sends it, everything met but for `i1_2="not_met"` and the like."""
    given = {"version": "*"} | {code: "met" for code in INDICATORS + (CHECKS if observer else ())}
    return given | {name.removeprefix("i").replace("_", ".", 1): value for name, value in changes.items()}


async def sealed(who: httpx.AsyncClient, booking: UUID, **changes: str) -> None:
    is_observer = changes.pop("observer", "") == "yes"
    assert (await who.post(f"/recordings/{booking}", data=sheet(observer=is_observer, **changes))).status_code == 303
    assert (await who.post(f"/recordings/{booking}/submission")).status_code == 303


async def both_sealed(hall: Hall, booking: UUID, **changes: str) -> None:
    await sealed(hall.evaluator, booking, **changes)
    await sealed(hall.observer, booking, observer="yes")


async def test_the_agenda_shows_my_juries_and_nobody_else_s(hall: Hall) -> None:
    assert "Aucune session à venir" in text(await hall.evaluator.get("/agenda"))
    session = await hall.planned()
    theirs = await hall.street.open_session(days=1)
    agenda = await hall.evaluator.get("/agenda")
    assert f"/agenda/sessions/{session}" in agenda.text
    assert str(theirs) not in agenda.text
    assert "Évaluateur" in text(agenda)
    assert (await hall.evaluator.get(f"/agenda/sessions/{theirs}")).status_code == 404
    async with hall.db.transaction() as tx:
        seat = await tx.fetchval("select id from scheduling.jury_seats where assessor_id = $1", hall.evaluator_id)
        await jury_seats.release(tx, seat, by=None, now=hall.street.now)
    assert (await hall.evaluator.get(f"/agenda/sessions/{session}")).status_code == 404


async def test_of_a_candidate_the_jury_sees_name_and_measures_only(hall: Hall) -> None:
    async with hall.db.transaction() as tx:
        measure = await accommodations.request(
            tx, hall.street.noor_id, "extra_time", now=hall.street.now, extra_percent=25
        )
        await accommodations.grant(tx, measure, by=None, now=hall.street.now)
    session, _ = await hall.running()
    page = await hall.evaluator.get(f"/agenda/sessions/{session}")
    assert "Noor Peeters temps supplémentaire (1 h) Grille non commencée" in text(page)
    assert "noor@example.org" not in page.text
    assert "1990" not in page.text


async def test_a_grid_is_kept_bit_by_bit_and_nothing_typed_is_lost(hall: Hall) -> None:
    session, booking = await hall.running()
    here = f"/recordings/{booking}"
    first = await hall.evaluator.post(here, data={"1.1": "met", "remarks": "Pluie à 10 h."})
    assert first.headers["location"] == f"{here}?saved=yes"
    half = {"1.2": "not_observed", "2.1": "not_met", "remarks": "Pluie à 10 h.", "version": "*"}
    answer = await hall.evaluator.post(here, data=half)
    assert answer.status_code == 422
    assert '<a href="#1-2">Dites pourquoi' in answer.text
    assert 'id="1-2-not_observed" name="1.2" value="not_observed" checked' in answer.text
    assert 'id="2-1-not_met" name="2.1" value="not_met" checked' in answer.text
    page = await hall.evaluator.get(here)
    assert "Lignes évaluées : 2 sur 5" in text(page)
    assert "Pluie à 10 h." in page.text
    assert "Lignes évaluées : 2 sur 5" in text(await hall.evaluator.get(f"/agenda/sessions/{session}"))
    assert "3 lignes ne sont pas encore évaluées" in text(await hall.evaluator.get(f"{here}/submission"))
    early = await hall.evaluator.post(f"{here}/submission")
    assert (early.status_code, "Certaines lignes" in text(early)) == (422, True)


async def test_submitting_says_what_it_does_then_seals(hall: Hall) -> None:
    _, booking = await hall.running()
    here = f"/recordings/{booking}"
    answer = await hall.evaluator.post(here, data={**sheet(), "onward": "submission"})
    assert answer.headers["location"] == f"{here}/submission"
    page = text(await hall.evaluator.get(f"{here}/submission"))
    assert "scellée et signée de votre nom" in page
    assert "Atteint 5" in page
    assert (await hall.evaluator.post(f"{here}/submission")).status_code == 303
    again = await hall.evaluator.post(here, data=sheet(i1_2="not_met"))
    assert (again.status_code, "Cette grille est remise et scellée" in text(again)) == (409, True)
    assert (await hall.evaluator.get(f"{here}/submission")).status_code == 303


async def test_nobody_reads_the_other_grid_before_both_are_sealed(hall: Hall) -> None:
    _, booking = await hall.running()
    here, file = f"/recordings/{booking}", f"/centre/bookings/{booking}/deliberation"
    await sealed(hall.evaluator, booking, i1_2="not_observed", **{"i1_2.reason": "Caché par le mur"})
    assert "L’autre membre du jury n’a pas encore commencé" in text(await hall.evaluator.get(here))
    await hall.observer.post(here, data={"1.2": "not_met"})
    seen = await hall.observer.get(here)
    assert "Caché par le mur" not in seen.text
    assert "La grille de l’observateur est scellée" in text(await hall.evaluator.get(here))
    assert "Caché par le mur" not in (await hall.manager.get(file)).text
    assert "Le jury ne peut pas encore délibérer" in text(await hall.manager.get(file))
    await sealed(hall.observer, booking, observer="yes", i1_2="not_met")
    for who, path in ((hall.evaluator, here), (hall.observer, here), (hall.manager, file)):
        page = text(await who.get(path))
        assert "Caché par le mur" in page
        assert "Non atteint" in page


async def test_who_does_not_examine_has_no_grid(hall: Hall) -> None:
    _, booking = await hall.running()
    here = f"/recordings/{booking}"
    assert (await hall.manager.get(here)).status_code == 404
    assert (await hall.manager.post(here, data=sheet())).status_code == 404
    stranger = await signed_in(hall.street.app, "elsewhere@example.org", "assessor", assessor_id=await someone(hall))
    assert (await stranger.get(here)).status_code == 404
    assert (await hall.street.noor.get(here)).status_code == 403


async def someone(hall: Hall) -> UUID:
    """An assessor of another jury."""
    await hall.street.open_session(days=1)
    async with hall.db.read() as tx:
        return await tx.fetchval(  # type: ignore[no-any-return]
            "select a.id from assessments.assessors a where a.given_name = 'Ahmed' limit 1"
        )


async def test_two_presses_of_the_button_begin_one_grid(hall: Hall) -> None:
    _, booking = await hall.running()
    answers = await asyncio.gather(*(hall.evaluator.post(f"/recordings/{booking}", data=sheet()) for _ in range(2)))
    assert [answer.status_code for answer in answers] == [303, 303]
    async with hall.db.read() as tx:
        assert await tx.fetchval("select count(*) from assessments.recordings") == 1


async def test_the_jury_sees_the_differences_first_and_how_each_criterion_came_to_its_state(hall: Hall) -> None:
    _, booking = await hall.running()
    await both_sealed(hall, booking, i1_1="not_met")
    page = text(await hall.manager.get(f"/centre/bookings/{booking}/deliberation"))
    differences = page.partition("Où l’évaluateur et l’observateur diffèrent")[2].partition("Ce que propose la grille")[
        0
    ]
    assert "Porte ses protections" in differences
    assert "Tient son box en ordre" not in differences
    first, _, rest = page.partition("Où l’évaluateur et l’observateur diffèrent")
    assert "Tient son box en ordre" not in first, "nothing of the grids comes before what they have to talk about"
    assert rest.index("Lire les grilles entières") < rest.index("Tient son box en ordre")
    assert "Ce que propose la grille Non réussi" in page
    assert "Éliminatoire et non atteint : Porte ses protections" in page


async def test_agreement_beyond_chance_is_a_number_only_where_it_says_something(hall: Hall) -> None:
    _, booking = await hall.running()
    await both_sealed(hall, booking, i1_1="not_met")
    page = text(await hall.manager.get(f"/centre/bookings/{booking}/deliberation"))
    assert "Accord au-delà du hasard pas dit : l’un des deux a tout évalué de la même façon" in page
    assert "κ" not in page
    _, other = await hall.running(days=1, candidate_id=hall.street.sam_id)
    await sealed(hall.evaluator, other, i1_1="not_met", i2_2="not_met")
    await sealed(hall.observer, other, observer="yes", i1_1="not_met")
    page = text(await hall.manager.get(f"/centre/bookings/{other}/deliberation"))
    assert "Évalués de la même façon 4 sur 5 Accord au-delà du hasard κ = 0,55, moyen" in page


async def test_a_departure_needs_its_motivation_and_the_outcome_follows_the_votes(hall: Hall) -> None:
    _, booking = await hall.running()
    await both_sealed(hall, booking)
    here = f"/centre/bookings/{booking}/deliberation"
    empty = await hall.manager.post(here, data={"motivation": "Nous avons vu."})
    assert (empty.status_code, empty.text.count('<li><a href="#')) == (422, 4)
    assert "Nous avons vu." in empty.text
    votes = {"evaluator": "fail", "observer": "fail", "manager": "pass"}
    outvoted = await hall.manager.post(here, data={**votes, "outcome": "pass"})
    assert '<a href="#outcome">L’issue ne suit pas les votes' in outvoted.text
    silent = await hall.manager.post(here, data={**votes, "outcome": "fail"})
    assert '<a href="#motivation">Motivez la décision du jury' in silent.text
    said = await hall.manager.post(here, data={**votes, "outcome": "fail", "motivation": "Un angle faux de 3 cm."})
    assert said.status_code == 303
    assert "Un angle faux de 3 cm." in text(await hall.manager.get(here))
    assert (await hall.manager.post(here, data={**votes, "outcome": "fail", "motivation": "Encore"})).status_code == 409


async def test_a_decision_is_taken_released_and_brings_the_certificate(hall: Hall) -> None:
    _, booking = await hall.running()
    await both_sealed(hall, booking)
    here = f"/centre/bookings/{booking}"
    votes = {name: "pass" for name in ("evaluator", "observer", "manager", "outcome")}
    await hall.manager.post(f"{here}/deliberation", data=votes)
    assert (await hall.manager.post(f"{here}/decision")).status_code == 303
    assert "Le candidat ne sait encore rien" in text(await hall.manager.get(f"{here}/deliberation"))
    async with hall.db.read() as tx:
        decision = await tx.fetchval("select id from assessments.decisions")
    for _ in range(2):
        assert (await hall.manager.post(f"/centre/decisions/{decision}/release")).status_code == 303
    await hall.street.react()
    assert "est délivré" in text(await hall.manager.get(f"{here}/deliberation"))


async def test_a_manager_who_is_nobody_in_the_register_is_told_what_is_missing(hall: Hall) -> None:
    _, booking = await hall.running()
    await both_sealed(hall, booking)
    here = f"/centre/bookings/{booking}"
    untied = hall.street.manager
    votes = {name: "pass" for name in ("evaluator", "observer", "manager", "outcome")}
    assert (await untied.post(f"{here}/deliberation", data=votes)).status_code == 303
    assert "Votre compte ne peut pas signer de décision" in text(await untied.get(f"{here}/deliberation"))
    assert (await untied.post(f"{here}/decision")).status_code == 403


async def test_a_screening_ends_with_a_profile(hall: Hall) -> None:
    async with hall.db.transaction() as tx:
        unit = await a_wall(tx, hall.street.now, code="HELP-S", scheme=SCREENING)
        planned = hall.street.now - timedelta(days=20)
        sitting = await a_sitting_of(tx, hall.street.room, unit, hall.street.noor_id, now=planned)
        await sessions.end(tx, sitting.session, by=None, now=hall.street.now)
    here = f"/centre/bookings/{sitting.booking}/profile"
    assert "Le profil n’est pas encore prêt" in text(await hall.manager.get(here))
    assert (await hall.manager.post(here)).status_code == 409
    async with hall.db.transaction() as tx:
        recording = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=hall.street.now)
        await ratings.rate(tx, recording, screened(i1_3="not_met"), by=sitting.evaluator, now=hall.street.now)
        await recordings.submit(tx, recording, by=sitting.evaluator, now=hall.street.now)
    assert "Travailler en sécurité 67 %" in text(await hall.manager.get(here))
    session = f"/centre/sessions/{sitting.session}"
    assert "Délibérer et décider" not in text(await hall.manager.get(session))
    assert (await hall.manager.post(here)).status_code == 303
    assert "Communiqué au candidat" in text(await hall.manager.get(here))


def screened(**changes: Mark) -> list[Rating]:
    return [rating for rating in all_met(**changes) if not rating.indicator.startswith("K")]
