"""Pictures that a grid shows: decoded and encoded anew here, so that nothing of the file they came in is kept."""

import hashlib
import io
import warnings
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct
from PIL import Image, ImageOps

from assessments.photos import without_metadata
from assessments.refusals import NotAPhoto, NotFound
from assessments.standard_refusals import NotAPicture

LARGEST = 8_000_000  # bytes of a file
PIXELS = 40_000_000
SIDE = 1600  # pixels of the longer side that is kept
KEPT = 1_000_000  # bytes
FORMATS = ("JPEG", "PNG", "WEBP")


class Picture(Struct, frozen=True):
    """A JPEG without anything a camera or a program wrote beside it."""

    sha256: str
    image: bytes
    width: int
    height: int


def read(file: bytes) -> Picture:
    """The picture of a file, turned upright, at most 1600 pixels a side, on white; blocking.

    Refuses NotAPicture (no JPEG, PNG or WebP, over 8 MB or 40 million pixels, or broken).
    """
    if not 0 < len(file) <= LARGEST:
        raise NotAPicture
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(file), formats=FORMATS) as opened:
                if opened.width * opened.height > PIXELS:
                    raise NotAPicture
                plain = _on_white(ImageOps.exif_transpose(opened))
    except NotAPicture:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NotAPicture from None
    plain.thumbnail((SIDE, SIDE))
    for quality in (85, 70, 50):
        buffer = io.BytesIO()
        plain.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= KEPT:
            return _picture(buffer.getvalue(), plain)
    raise NotAPicture


def exported(jpeg: bytes) -> Picture:
    """A picture that was encoded here before, kept to the byte; blocking.

    Refuses NotAPicture: what could not have been encoded here (another format, too large, with anything beside the
    picture in it).
    """
    try:
        if not 0 < len(jpeg) <= KEPT or without_metadata(jpeg) != jpeg:
            raise NotAPicture
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            if max(image.size) > SIDE:
                raise NotAPicture
            image.load()
            return _picture(jpeg, image)
    except (NotAPhoto, OSError, ValueError, SyntaxError):
        raise NotAPicture from None


def _on_white(image: Image.Image) -> Image.Image:
    """Transparent parts become white; profiles, comments and the like stay behind."""
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image)
        image = ground
    plain = Image.new("RGB", image.size)
    plain.paste(image.convert("RGB"))
    return plain


def _picture(encoded: bytes, image: Image.Image) -> Picture:
    return Picture(hashlib.sha256(encoded).hexdigest(), encoded, image.width, image.height)


async def keep(tx: asyncpg.Connection, picture: Picture, *, by: UUID | None, now: datetime) -> None:
    """Store a picture that was read here; the same one is kept once."""
    await tx.execute(
        """insert into assessments.pictures (sha256, image, width, height, added_at, added_by)
           values ($1, $2, $3, $4, $5, $6) on conflict (sha256) do nothing""",
        picture.sha256,
        picture.image,
        picture.width,
        picture.height,
        now,
        by,
    )


async def get(tx: asyncpg.Connection, sha256: str) -> Picture:
    """Refuses NotFound."""
    row = await tx.fetchrow("select sha256, image, width, height from assessments.pictures where sha256 = $1", sha256)
    if row is None:
        raise NotFound
    return Picture(**row)


async def known(tx: asyncpg.Connection, hashes: Iterable[str]) -> set[str]:
    """Which of these are kept."""
    rows = await tx.fetch("select sha256 from assessments.pictures where sha256 = any ($1)", [*hashes])
    return {row["sha256"] for row in rows}


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` pictures added before that no version of a standard shows any more; return how many."""
    status = await tx.execute(
        """delete from assessments.pictures where sha256 in (
               select p.sha256 from assessments.pictures p
               where p.added_at < $1 and not exists (
                   select from assessments.standards s
                   where jsonb_path_exists(s.grid, '$.**.sha256 ? (@ == $hash)', jsonb_build_object('hash', p.sha256)))
               limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
