"""What the matrix reaches for in the catalogue: a draft beside a version in force, a picture, a paper of each centre."""

import io
from datetime import datetime, timedelta
from uuid import UUID

from PIL import Image

from assessments import accreditations, documents, pictures, standards, trades, undertakings, units
from service import lapse_notices
from tests.builders.assessments import YEARS, Tx, a_content

PDF = b"%PDF-1.7\n% a paper\n"
Things = dict[str, dict[str, UUID | str]]


def an_image(kind: str = "PNG", *, size: tuple[int, int] = (40, 30), exif: bytes = b"") -> bytes:
    """A picture as somebody would choose it, with what a camera writes beside it."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(buffer, kind, **({"exif": exif} if exif else {}))
    return buffer.getvalue()


async def fill(tx: Tx, things: Things, centre_id: UUID, *, code: str, now: datetime) -> None:
    """A draft of the unit of this code, a picture, and a paper behind an accreditation of the centre."""
    unit = await units.get(tx, code)
    in_force = await standards.in_force(tx, unit.id, now)
    draft = await standards.draft(tx, unit.id, a_content(), now=now)
    picture = pictures.read(an_image())
    await pictures.keep(tx, picture, by=None, now=now)
    about: dict[str, UUID | str] = {
        "code": code,
        "picture": f"{picture.sha256}.jpg",
        "scheme": "validation",
        "criterion": "1",
    }
    things["in_force"] = about | {"standard_id": in_force.id, "document_id": await _paper(tx, centre_id, now)}
    things["written"] = about | {"standard_id": draft}


async def _paper(tx: Tx, centre_id: UUID, now: datetime) -> UUID:
    """Of the trade for which nothing is tested; the second person of a centre finds the same one."""
    trade = next(one for one in await trades.every(tx) if one.code == "SCRN")
    row = await tx.fetchval(
        "select document_id from assessments.accreditations where centre_id = $1 and trade_id = $2", centre_id, trade.id
    )
    if row is None:
        row = await documents.keep(tx, "agrément.pdf", PDF, by=None, now=now)
        await accreditations.grant(
            tx, centre_id, trade.id, first_day=YEARS[0], last_day=YEARS[1], reference="AGR-S", document_id=row, now=now
        )
    return row  # type: ignore[no-any-return]


async def lapsed(tx: Tx, assessor_id: UUID, centre_id: UUID, now: datetime) -> None:
    """A picture that nothing shows, and what was signed until yesterday, with its paper; the centre was told of it."""
    await pictures.keep(tx, pictures.read(an_image()), by=None, now=now)
    paper = await documents.keep(tx, "déclaration.pdf", PDF, by=None, now=now)
    today, last = now.date(), now.date() - timedelta(days=1)
    await undertakings.record(
        tx, assessor_id, "interest", first_day=last, last_day=last, statement="Bati SA", document_id=paper, by=None, now=now
    )  # fmt: skip
    await lapse_notices.note(tx, centre_id, week=today - timedelta(days=today.weekday()), now=now)
