"""A result as its candidate gets it, in each of the four languages: page, mail and tagged PDF say the same, with the facts
behind it and everything that may come next; read by programs that know nothing of us (poppler's)."""

import io
import re
import shutil
import subprocess
from datetime import timedelta
from uuid import UUID

import pikepdf
import pytest

from assessments import profiles, ratings, recordings
from tests.builders.assessments import SCREENING, all_met
from tests.builders.hall import Hall, text
from tests.builders.pages import a_sitting_of, a_wall
from tests.service.test_papers import claims, said, speak

POPPLER = shutil.which("pdfinfo") and shutil.which("pdftotext")
# failed | what must be right | meeting | try again | guidance first | other unit | appeal | passed | certificate | other
# units | report of a screening | no pass or fail | the subjects of the mails
SENTENCES = {
    "fr": (
        "Vous n’avez pas réussi cette fois-ci", "Ceci doit toujours être juste, et ce n’était pas", "Demandez un entretien",
        "Réessayez, dans n’importe quel centre", "2 essais à cette épreuve n’ont pas réussi. Avant le prochain, vous rencontrez",
        "Passez l’épreuve d’une autre unité de ce métier", "Vous pouvez introduire un recours jusqu’au", "Félicitations",
        "Votre Titre porte le numéro BXL-2026-000001", "l’épreuve des autres unités de ce métier", "Ce que vous avez montré",
        "On ne peut ni réussir ni échouer", "Votre résultat est disponible", "Le rapport de votre screening est disponible",
    ),
    "nl": (
        "U bent deze keer niet geslaagd", "Dit moet altijd juist zijn, en dat was het niet", "Vraag een gesprek",
        "Probeer opnieuw, in om het even welk centrum", "2 pogingen voor deze test zijn niet gelukt. Vóór de volgende praat u",
        "Leg de test af van een andere eenheid van dit beroep", "U kunt beroep aantekenen tot en met", "Proficiat",
        "Uw certificaat heeft het nummer BXL-2026-000001", "de test afleggen voor de andere eenheden van dit beroep",
        "Wat u hebt getoond", "U kunt niet slagen of zakken", "Uw resultaat is beschikbaar",
        "Het verslag van uw screening is beschikbaar",
    ),
    "de": (
        "Sie haben dieses Mal nicht bestanden", "Das muss immer stimmen, und es stimmte nicht", "Bitten Sie um ein Gespräch",
        "Versuchen Sie es wieder, in jedem Zentrum", "2 Versuche bei dieser Prüfung sind nicht gelungen. Vor dem nächsten",
        "Legen Sie die Prüfung einer anderen Einheit dieses Berufs ab", "Einspruch erheben", "Herzlichen Glückwunsch",
        "Ihr Zertifikat hat die Nummer BXL-2026-000001", "die Prüfung für die anderen Einheiten dieses Berufs ablegen",
        "Was Sie gezeigt haben", "Man kann weder bestehen noch durchfallen", "Ihr Ergebnis ist da",
        "Der Bericht Ihres Screenings ist da",
    ),
    "en": (
        "You did not pass this time", "This must always be right, and it was not", "Ask for a meeting",
        "Try again, in any centre", "2 attempts at this test did not succeed. Before the next one you meet",
        "Take the test of another unit of this trade", "You may appeal until", "Congratulations",
        "Your certificate has the number BXL-2026-000001", "be tested on the other units of this trade", "What you showed",
        "There is no pass or fail", "Your result is available", "Your screening report is available",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", SENTENCES)
async def test_page_mail_and_paper_say_it_in_the_candidates_language(hall: Hall, language: str) -> None:
    failed, wrong, meeting, again, guided, another, appeal, passed, serial, others, showed, neither, *subjects = (
        SENTENCES[language]
    )
    street = hall.street
    async with hall.db.transaction() as tx:
        await a_wall(tx, street.now, code="MACO-2")
    await speak(hall, language)

    first, _ = await street.tested(street.noor_id, "fail", days_ago=28, i1_1="not_met")
    await told(hall, first, language, [failed, wrong, meeting, again, another], without=[guided, passed])
    second, _ = await street.tested(street.noor_id, "fail", days_ago=7, i1_1="not_met")
    await told(hall, second, language, [failed, wrong, meeting, guided, another, appeal], without=[again, passed])
    third, _ = await street.tested(street.sam_id, "pass", days_ago=6)
    await street.react()
    await told(
        hall, third, language, [passed, serial, others], without=[failed, wrong, meeting, guided, another, appeal]
    )
    report = await screened(hall)
    await told(hall, report, language, [showed, neither, "67", "100"], without=[passed, failed, appeal, serial])

    async with hall.db.read() as tx:
        mails = await tx.fetch(
            """select m.subject, m.body, a.content from service.mails m join service.mail_attachments a on a.mail_id = m.id
               where m.subject = any($1) order by m.id""",
            subjects,
        )
    assert [row["subject"] for row in mails] == [subjects[0]] * 3 + [subjects[1]]
    for row, booking in zip(mails, (first, second, third, report), strict=True):
        assert f"http://localhost:8000/bookings/{booking}/result" in row["body"]
        assert [word for word in (failed, passed, wrong) if word in row["body"]] == [], (
            "the words of the mail name no result"
        )
    letters = [as_one_line(said(row["content"])) for row in mails]
    for letter, sentences in zip(letters, ([failed, wrong], [failed, guided], [passed, serial], [showed]), strict=True):
        assert [one for one in sentences if one not in letter] == [], "the letter that travels along does"


async def screened(hall: Hall) -> UUID:
    """Noor's screening is over and told; the booking."""
    street, now = hall.street, hall.street.now
    async with hall.db.transaction() as tx:
        unit = await a_wall(tx, now, code="HELP-S", scheme=SCREENING)
        sitting = await a_sitting_of(tx, street.room, unit, street.noor_id, now=now - timedelta(days=18))
        recording = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=now)
        await ratings.rate(tx, recording, all_met(i1_3="not_met", i2_2="not_observed"), by=sitting.evaluator, now=now)
        await recordings.submit(tx, recording, by=sitting.evaluator, now=now)
        await profiles.release(tx, sitting.booking, now=now)
    return sitting.booking


async def told(hall: Hall, booking: UUID, language: str, sentences: list[str], *, without: list[str]) -> None:
    """On the page and on paper: these sentences, and none of the others; the paper is tagged, in that language."""
    await hall.street.react()
    async with hall.db.read() as tx:
        owner = await tx.fetchval("select candidate_id from scheduling.bookings where id = $1", booking)
    reader = hall.street.noor if owner == hall.street.noor_id else hall.street.sam
    page = await reader.get(f"/bookings/{booking}/result?lang={language}")
    paper = (await reader.get(f"/bookings/{booking}/result.pdf?lang={language}")).content
    for where, read in (("page", text(page)), ("paper", as_one_line(said(paper)))):
        missing = [one for one in sentences if one not in as_one_line(read)]
        surplus = [one for one in without if one in as_one_line(read)]
        assert (missing, surplus) == ([], []), f"{where} in {language}: {read}"
    assert claims(paper) == ("2A", "1", f"{language}-{'GB' if language == 'en' else 'BE'}", True)
    with pikepdf.open(io.BytesIO(paper)) as document:
        figures = [
            one for one in document.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure"
        ]
        assert figures != []
        assert all(len(str(one.Alt)) > 10 for one in figures), "a picture is said, too"
    if POPPLER:
        assert re.search(r"^Tagged:\s+yes$", poppler("pdfinfo", paper), re.M)
        structure = poppler("pdfinfo", paper, "-struct-text")
        for tag in (r"^  H1", r"^  H2", r"\bTHead$", r"\bTH\b", r"\bTD\b", r"\bFigure\b", r"\bLink\b"):
            assert re.search(tag, structure, re.M), f"{tag}: {structure}"
        assert [one for one in sentences if one not in as_one_line(poppler("pdftotext", paper))] == []


def poppler(program: str, pdf: bytes, *options: str) -> str:
    end = ["-", "-"] if program == "pdftotext" else ["-"]
    return subprocess.run([program, *options, *end], input=pdf, capture_output=True, check=True).stdout.decode(
        errors="replace"
    )


def as_one_line(read: str) -> str:
    return re.sub(r"\s+", " ", read)
