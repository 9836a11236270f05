"""The minutes of a session, read as a stranger's program reads them (poppler's pdftotext): who sat, who was there, what the
grids proposed, where the two differed, how the jury voted and why, who decided; and before that nothing of the grids."""

import re
import shutil
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from assessments import decisions, syncing
from assessments.entries import Entry, Said
from scheduling import sessions
from tests.builders.assessments import Sitting, deliberated, recorded
from tests.builders.hall import Hall
from tests.service.test_papers import claims
from tests.service.test_results_told import as_one_line, poppler

pytestmark = pytest.mark.skipif(not shutil.which("pdftotext"), reason="there is no pdftotext")


async def minutes(hall: Hall, session: UUID) -> bytes:
    answer = await hall.manager.get(f"/centre/sessions/{session}/minutes.pdf")
    assert answer.status_code == 200
    return answer.content


async def test_the_minutes_say_everything_once_the_jury_has_and_nothing_of_the_grids_before(hall: Hall) -> None:
    street = hall.street
    session, booking = await hall.running(absent=street.sam_id)
    at = street.start + timedelta(hours=4)
    sitting = Sitting(
        booking, street.noor_id, session, street.unit, street.room.centre_id, hall.evaluator_id, hall.observer_id,
        hall.manager_id, street.start,
    )  # fmt: skip
    async with hall.db.transaction() as tx:
        said = Said("Le malaxeur s’est arrêté", "equipment", "Nadia Van Hove")
        incident = Entry(uuid4(), booking, 1, "incident", street.start, said=said)
        await syncing.take(tx, session, syncing.Batch(uuid4(), [incident]), assessor_id=hall.observer_id, now=at)
        await recorded(tx, sitting, i1_1="not_met")
        await sessions.end(tx, session, by=None, now=at)
    early = as_one_line(poppler("pdftotext", await minutes(hall, session), "-layout"))
    assert "Le jury n’a pas délibéré au sujet de ce candidat." in early
    for sealed in ("Non atteint", "La grille propose", "Porte ses protections", "malaxeur"):
        assert sealed not in early, sealed

    async with hall.db.transaction() as tx:
        await deliberated(tx, sitting, "pass")
        decision = await decisions.take(tx, booking, taken_by=hall.manager_id, now=at)
        await decisions.release(tx, decision, by=None, now=at)
    paper = await minutes(hall, session)
    read = as_one_line(poppler("pdftotext", paper, "-layout"))
    for fact in (
        "Procès-verbal de la session", "Samir Ouhadi évaluateur", "Hélène Baert observateur",
        "Nadia Van Hove responsable de centre",
        "Noor Peeters présent 9 h 00 9 h 00", "Sam De Smet absent – –", "La grille propose pas réussi",
        "évaluateur – réussi, observateur – réussi, responsable de centre – réussi", "Le jury dit réussi",
        "Motivation Vu par le jury.",
        "Décision réussi, Nadia Van Hove", "cvdc", "Évalués de la même façon 4 sur 5", "Porte ses protections",
        "Non atteint Atteint", "SHA-256", "Liste de contrôle", "Le malaxeur s’est arrêté",
    ):  # fmt: skip
        assert fact in read, f"{fact}: {read}"
    async with hall.db.read() as tx:
        for row in await tx.fetch("select digest from assessments.recordings"):
            for half in (row["digest"][:32], row["digest"][32:]):
                assert half in read, "what was signed can be compared"
    assert claims(paper) == ("2A", "1", "fr-BE", True)
    assert re.search(r"^Tagged:\s+yes$", poppler("pdfinfo", paper), re.M)
    structure = poppler("pdfinfo", paper, "-struct-text")
    assert structure.count("Table (block)") >= 4
    assert len(re.findall(r"^\s+H2\b", structure, re.M)) >= 4
