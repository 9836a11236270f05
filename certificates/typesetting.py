"""How a page is set: typst with fonts of our own, tagged, the same bytes on every machine."""

import io
import shutil
import tempfile
import unicodedata
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path

import segno
import typst

_HERE = Path(__file__).parent


def plain(text: str) -> str:
    """Composed letters, single spaces, nothing invisible: direction overrides could show another name."""
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(c for c in composed if unicodedata.category(c) != "Cf")
    return " ".join(seen.split())


def qr(address: str) -> str:
    """Level M survives a fold or a stamp; the page itself leaves the quiet zone."""
    picture = io.BytesIO()
    segno.make_qr(address, error="m").save(picture, kind="svg", dark="#1B2528", border=0, xmldecl=False)
    return picture.getvalue().decode()


def pdf(template: bytes, inputs: dict[str, str], day: date, *, root: Path, fonts: typst.Fonts | None = None) -> bytes:
    """The template as a tagged PDF (PDF/A-2a, PDF/UA-1) of that day. It blocks: call it in a thread."""
    # A compiler of its own for every page: it keeps state, and threads may render at once.
    compiler = typst.Compiler(root=root, font_paths=fonts or _fonts())
    made = compiler.compile(
        template,
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=["a-2a", "ua-1"],
        timestamp=datetime.combine(day, time(), UTC),
    )
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> typst.Fonts:
    """Three weights of Source Sans Pro and the fonts inside typst, none of the machine's own.

    The package holds each weight twice (.otf, .ttf) and typst would take the one the file system lists
    first, another on another machine: so it sees a folder with one of each, and reads them all before
    the folder goes.
    """
    package = Path(str(files("font_source_sans_pro"))) / "files"
    with tempfile.TemporaryDirectory() as folder:
        for weight in ("Light", "Regular", "Semibold"):
            shutil.copy(package / f"SourceSansPro-{weight}.otf", folder)
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
        pdf(_EVERY_WEIGHT, {}, date(2026, 1, 1), root=package, fonts=fonts)
    return fonts


_EVERY_WEIGHT = b"""
#set document(title: "fonts")
#set text(font: "Source Sans Pro")
#text(weight: 300)[a] #text(weight: 400)[a] #text(weight: 600)[a]
"""

_ONE_LETTER = b"""
#set document(title: "letter")
#set text(font: "Source Sans Pro")
#sys.inputs.letter
"""


def drawn(letter: str) -> bool:
    """Whether one of our fonts has this letter."""
    try:
        return bool(pdf(_ONE_LETTER, {"letter": letter}, date(2026, 1, 1), root=_HERE))
    except typst.TypstError:
        return False
