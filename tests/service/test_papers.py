"""Papers: tagged, in the candidate's language, true; the attendance never says the result, the minutes are the manager's."""

import io
import re
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pikepdf
import pypdfium2
import pytest
import zxingcpp

from assessments import decisions
from scheduling import bookings, sessions
from service import booking_rules
from service.papers import seats, sheets, shelf
from service.papers.shelf import Kind
from service.refusals import NotFound
from tests.builders.assessments import Sitting, deliberated, recorded
from tests.builders.hall import Hall

Tx = asyncpg.Connection
OUTCOME = re.compile(r"réussi|échou|pass|fail|geslaagd|bestanden|niet geslaagd", re.I)


def said(pdf: bytes) -> str:
    """What a viewer reads, as one line."""
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)


def claims(pdf: bytes) -> tuple[str, str, str, bool]:
    """What the file says it is: PDF/A part and level, PDF/UA part, language, and whether its structure is tagged."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        with document.open_metadata() as metadata:
            archive = f"{metadata['pdfaid:part']}{metadata['pdfaid:conformance']}"
            accessible = str(metadata["pdfuaid:part"])
        tagged = bool(document.Root.MarkInfo.Marked) and "/StructTreeRoot" in document.Root
        return archive, accessible, str(document.Root.Lang), tagged


async def summoned(hall: Hall) -> tuple[UUID, UUID]:
    """A test under way, to which everybody was summoned; the session and the booking."""
    there = await hall.running()
    await hall.street.react()
    return there


async def over(hall: Hall, outcome: decisions.Outcome = "fail") -> tuple[UUID, UUID]:
    """A test that is over and told; the session and the booking."""
    session, booking = await summoned(hall)
    at = hall.street.start + timedelta(hours=4)
    async with hall.db.transaction() as tx:
        await sessions.end(tx, session, by=None, now=at)
        sitting = _sitting(hall, session, booking)
        await recorded(tx, sitting, **({"1.1": "not_met"} if outcome == "fail" else {}))
        await deliberated(tx, sitting, outcome)
        decision = await decisions.take(tx, booking, taken_by=hall.manager_id, now=at)
        await decisions.release(tx, decision, by=None, now=at)
    return session, booking


def _sitting(hall: Hall, session: UUID, booking: UUID) -> Sitting:
    street = hall.street
    return Sitting(
        booking, street.noor_id, session, street.unit, street.room.centre_id, hall.evaluator_id, hall.observer_id,
        hall.manager_id, street.start,
    )  # fmt: skip


async def paper(hall: Hall, kind: Kind, booking: UUID) -> bytes:
    async with hall.db.read() as tx:
        _, sheet = await shelf.compose(tx, kind, booking, settings=hall.street.app.state.settings)
    return sheets.render(sheet)


async def speak(hall: Hall, language: str, status: str = "jobseeker") -> None:
    async with hall.db.transaction() as tx:
        await tx.execute("update assessments.candidates set language = $1, status = $2", language, status)


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "fr",
            ("Convocation à votre épreuve", "mardi 15 septembre 2026, de 9 h 00 à 13 h 00", "carte d’identité", "4 h"),
        ),
        ("nl", ("Oproeping voor uw test", "dinsdag 15 september 2026", "identiteitskaart", "4 u")),
        ("en", ("Summons to your test", "Tuesday, 15 September 2026", "identity card", "4 h")),
        ("de", ("Einladung zu Ihrer Prüfung", "Dienstag, 15. September 2026", "Personalausweis", "4")),
    ],
)
async def test_a_summons_says_all_there_is_to_know_in_the_candidates_language(
    hall: Hall, language: str, sentences: tuple[str, ...]
) -> None:
    _, booking = await summoned(hall)
    await speak(hall, language)
    pdf = await paper(hall, "convocation", booking)
    text = said(pdf)
    assert claims(pdf) == ("2A", "1", f"{language}-{'GB' if language == 'en' else 'BE'}", True)
    assert [sentence for sentence in sentences if sentence not in text] == []
    for fact in ("Noor Peeters", "MACO-1", "Rue Royale 45", "1000 Bruxelles", "Français"):
        assert fact in text
    assert "\N{WHITE SQUARE}" not in text
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[len(document) - 1].render(scale=3).to_pil()
    (scanned,) = [code.text for code in zxingcpp.read_barcodes(picture)]
    door = httpx.URL(scanned).path
    assert (await hall.street.noor.get(door)).headers["location"] == f"/bookings/{booking}"
    assert "Noor Peeters" in (await hall.manager.get(door)).text
    for who, status in ((hall.street.sam, 404), (hall.street.stranger, 401), (hall.street.other_manager, 404)):
        assert (await who.get(door)).status_code == status


@pytest.mark.parametrize(
    ("language", "title", "signed"),
    [
        ("fr", "Contrat d’épreuve", "noté la signature le mardi 15 septembre 2026"),
        ("nl", "Testcontract", "handtekening genoteerd op dinsdag 15 september 2026"),
        ("en", "Test contract", "noted the signature on Tuesday, 15 September 2026"),
        ("de", "Prüfungsvertrag", "Unterschrift vermerkt: Dienstag, 15. September 2026"),
    ],
)
async def test_a_contract_is_signed_by_hand_and_says_then_when(
    hall: Hall, language: str, title: str, signed: str
) -> None:
    _, booking = await summoned(hall)
    await speak(hall, language)
    pdf = await paper(hall, "contract", booking)
    assert claims(pdf)[:2] == ("2A", "1")
    text = said(pdf)
    for fact in (title, signed, "Noor Peeters", "MACO-1", "Rue Royale 45"):
        assert fact in text, text
    async with hall.db.read() as tx:
        seat = await seats.of_booking(tx, booking)
        before = msgspec.structs.replace(seat, contract_signed_at=None, attended_at=None)
        sheet = await shelf.PAPERS["contract"].compose(tx, before, settings=hall.street.app.state.settings)
        assert signed not in said(sheets.render(sheet))
        assert sheets.Signature in [type(block) for block in sheet.blocks]
        early = msgspec.structs.replace(before, convoked_at=None)
        with pytest.raises(NotFound):  # nobody is summoned yet
            await shelf.PAPERS["contract"].compose(tx, early, settings=hall.street.app.state.settings)


async def test_a_summons_tells_the_extra_time_and_until_when_one_may_cancel(hall: Hall) -> None:
    _, booking = await summoned(hall)
    async with hall.db.read() as tx:
        seat = await seats.of_booking(tx, booking)
    later = msgspec.structs.replace(seat, extra_minutes=60, ends_at=seat.ends_at + timedelta(hours=1))
    async with hall.db.read() as tx:
        sheet = await shelf.PAPERS["convocation"].compose(tx, later, settings=hall.street.app.state.settings)
    text = said(sheets.render(sheet))
    assert "5 h, dont 1 h de temps supplémentaire" in text
    assert "dimanche 13 septembre 2026, 9 h 00" in text


async def test_until_when_one_may_cancel_is_the_rule_of_the_house(hall: Hall) -> None:
    """As the pages say it; who is summoned after that moment is not told of it."""
    booking_rules._read.cache_clear()
    (hall.street.app.state.settings.data / "booking.toml").write_text("late_hours = 24\n")
    _, booking = await summoned(hall)
    assert "lundi 14 septembre 2026, 9 h 00" in said(await paper(hall, "convocation", booking))
    async with hall.db.transaction() as tx:
        await tx.execute("update scheduling.bookings set convoked_at = lower(during) - interval '3 hours'")
    text = said(await paper(hall, "convocation", booking))
    assert "sans conséquence" not in text
    assert "prévenez-nous le plus vite possible" in text


async def test_a_worker_shows_the_employer_the_hours_of_leave_and_others_do_not(hall: Hall) -> None:
    _, booking = await summoned(hall)
    assert "congé-éducation" not in said(await paper(hall, "enrolment", booking))
    await speak(hall, "fr", "worker")
    text = said(await paper(hall, "enrolment", booking))
    assert "8 heures de congé-éducation payé" in text
    assert "17 mai 1990" in text
    assert "jeudi 17 mai" not in text, "nobody asks on which day of the week somebody was born"
    assert "Monter un mur en blocs" in text


@pytest.mark.parametrize("language", ["fr", "nl", "en", "de"])
@pytest.mark.parametrize("outcome", ["pass", "fail"])
async def test_an_attestation_of_attendance_never_says_the_result(
    hall: Hall, outcome: decisions.Outcome, language: str
) -> None:
    _, booking = await over(hall, outcome)
    await speak(hall, language)
    pdf = await paper(hall, "attendance", booking)
    assert not OUTCOME.search(said(pdf).replace("Kompetenz", ""))
    other = "fail" if outcome == "pass" else "pass"
    async with hall.db.transaction() as tx:  # the same bytes, however it went
        await tx.execute("set local role none")
        await tx.execute("alter table assessments.decisions disable trigger user")
        await tx.execute("update assessments.decisions set outcome = $1", other)
    assert await paper(hall, "attendance", booking) == pdf


async def test_no_attendance_is_attested_before_the_test_has_ended(hall: Hall) -> None:
    _, booking = await summoned(hall)
    with pytest.raises(NotFound):
        await paper(hall, "attendance", booking)


async def test_a_result_says_the_facts_and_what_comes_next(hall: Hall) -> None:
    _, booking = await over(hall, "fail")
    pdf = await paper(hall, "result", booking)
    text = said(pdf)
    assert claims(pdf)[:2] == ("2A", "1")
    for sentence in (
        "Vous n’avez pas réussi cette fois", "Ceci doit toujours être juste", "Demandez un entretien", "éléments sur",
        "Vous pouvez introduire un recours jusqu’au mercredi 30 septembre 2026",
    ):  # fmt: skip
        assert sentence in text, text


async def test_a_pass_leads_to_the_certificate_and_other_units(hall: Hall) -> None:
    _, booking = await over(hall, "pass")
    text = said(await paper(hall, "result", booking))
    assert "Félicitations" in text
    assert "Votre Titre est en préparation" in text
    assert "recours" not in text


async def test_minutes_hold_jury_votes_and_decision(hall: Hall) -> None:
    session, _ = await over(hall, "fail")
    answer = await hall.manager.get(f"/centre/sessions/{session}/minutes.pdf")
    text = said(answer.content)
    assert claims(answer.content) == ("2A", "1", "fr-BE", True)
    for fact in ("Procès-verbal", "Noor Peeters", "évaluateur – pas réussi", "La grille propose", "présent", "cvdc",
                 "SHA-256", "Liste de contrôle", "Évalués de la même façon"):  # fmt: skip
        assert fact in text, text


async def test_minutes_are_for_the_manager_of_that_centre_alone(hall: Hall) -> None:
    session, _ = await over(hall)
    for address in (f"/centre/sessions/{session}/minutes.pdf", f"/api/v1/sessions/{session}/minutes"):
        assert (await hall.manager.get(address)).status_code == 200
        assert (await hall.street.other_manager.get(address)).status_code == 404
        for who in (hall.administrator, hall.street.noor, hall.evaluator, hall.street.stranger):
            assert (await who.get(address)).status_code in (401, 403)


async def test_there_are_no_minutes_before_the_end(hall: Hall) -> None:
    session, _ = await summoned(hall)
    assert (await hall.manager.get(f"/centre/sessions/{session}/minutes.pdf")).status_code == 404


async def test_papers_are_ones_own_and_the_centres_but_a_result_only_ones_own(hall: Hall) -> None:
    _, booking = await over(hall)
    street = hall.street
    for kind in ("convocation", "enrolment", "contract", "attendance"):
        for address in (f"/bookings/{booking}/papers/{kind}", f"/api/v1/bookings/{booking}/papers/{kind}"):
            for who, status in (
                (street.noor, 200),
                (street.sam, 404),
                (hall.manager, 200),
                (street.other_manager, 404),
            ):
                assert (await who.get(address)).status_code == status
    for address in (f"/bookings/{booking}/result.pdf", f"/api/v1/bookings/{booking}/result.pdf"):
        for who, status in ((street.noor, 200), (street.sam, 404), (hall.manager, 403)):
            assert (await who.get(address)).status_code == status
    answer = await street.noor.get(f"/bookings/{booking}/papers/convocation")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="convocation-MACO-1-2026-09-15.pdf"'
    assert (await hall.manager.get(f"/bookings/{booking}/papers/result")).status_code == 404
    assert (await street.noor.get(f"/bookings/{booking}/papers/everything")).status_code == 404
    kinds = (await street.noor.get(f"/api/v1/bookings/{booking}/papers")).json()
    assert kinds == ["enrolment", "convocation", "contract", "attendance"]


async def test_a_seat_given_back_has_no_papers(hall: Hall) -> None:
    session = await hall.street.open_session(days=7)
    await hall.street.book(session)
    (booking,) = (await hall.street.noor.get("/api/v1/bookings")).json()
    page = await hall.street.noor.get(f"/bookings/{booking['id']}")
    assert f"/bookings/{booking['id']}/papers/enrolment" in page.text
    async with hall.db.transaction() as tx:
        await bookings.release_seat(tx, UUID(booking["id"]), "cancelled_by_centre", by=None, now=hall.street.now)
    assert (await hall.street.noor.get(f"/bookings/{booking['id']}/papers/enrolment")).status_code == 404
    assert "/papers/" not in (await hall.street.noor.get(f"/bookings/{booking['id']}")).text


async def test_the_same_facts_are_the_same_bytes_and_a_letter_without_a_font_leaves_its_place(hall: Hall) -> None:
    _, booking = await summoned(hall)
    assert await paper(hall, "convocation", booking) == await paper(hall, "convocation", booking)
    async with hall.db.transaction() as tx:
        await tx.execute("update assessments.candidates set family_name = '木村 #let'")
    text = said(await paper(hall, "enrolment", booking))
    assert "Noor \N{WHITE SQUARE}\N{WHITE SQUARE} #let" in text
