"""The certificate on paper: one tagged A4 page, PDF/A-2a and PDF/UA-1, the same bytes every time."""

import io
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec
import segno
import typst

from certificates.refusals import NotPrintable

LONGEST_TEXT = 120
LONGEST_HEADLINE = 200  # the holder's name and the unit: set smaller as they grow

_TEMPLATES = Path(__file__).with_name("templates")
_CERTIFICATE = (_TEMPLATES / "certificate.typ").read_bytes()


class Printed(msgspec.Struct, frozen=True, kw_only=True):
    """What the page says. Labels come in the language of the page; the national number never comes at all."""

    serial: str
    public_code: str
    verify_url: str
    holder_name: str
    birth_date: date
    unit_code: str
    unit_label: str
    trade_label: str
    centre_name: str
    site_city: str
    jury_date: date
    issued_on: date
    scheme_label: str
    standard_version: str
    language: Literal["fr", "nl", "en", "de"]
    duplicate: bool = False


def render(printed: Printed) -> bytes:
    """The certificate as a PDF. The same facts give the same bytes, whatever the machine and the day.

    It blocks for 6 to 25 milliseconds, without holding the interpreter (the first call for longer: it reads
    the fonts): call it in a thread.
    Refuses (`NotPrintable`) a text that is empty, too long for the page, or has letters that no font of
    ours can draw: a certificate with a hole in a name would be worse than none. Invisible characters
    are left out of the text, so that what is copied from the page is what is seen on it. The refusal
    names the field and the characters, never the value: it may go into a log.
    """
    plain = msgspec.structs.replace(printed, **dict(_plain_texts(printed)))
    inputs = {"facts": msgspec.json.encode(plain).decode(), "qr": _qr(plain.verify_url)}
    try:
        return _compile(_CERTIFICATE, inputs, plain.issued_on)
    except typst.TypstError as broken:
        _name_the_letters_without_a_font(plain)
        raise NotPrintable(broken.message) from broken


def _plain_texts(printed: Printed) -> Iterator[tuple[str, str]]:
    for field in printed.__struct_fields__:
        value = getattr(printed, field)
        if not isinstance(value, str):
            continue
        text = _plain(value)
        longest = LONGEST_HEADLINE if field in {"holder_name", "unit_label"} else LONGEST_TEXT
        _refuse(field, [c for c in text if unicodedata.category(c) in {"Cc", "Cs", "Co"}])
        if not 0 < len(text) <= longest:
            raise NotPrintable(f"{field}: {len(text)} characters, the page takes 1 to {longest}")
        if field == "verify_url" and not (text == value and text.startswith(("https://", "http://"))):
            raise NotPrintable("verify_url: not a web address")
        yield field, text


def _plain(text: str) -> str:
    """Composed letters, single spaces, nothing invisible: direction overrides could show another name."""
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(c for c in composed if unicodedata.category(c) != "Cf")
    return " ".join(seen.split())


def _qr(address: str) -> str:
    """Level M survives a fold or a stamp; the page itself leaves the quiet zone."""
    picture = io.BytesIO()
    segno.make_qr(address, error="m").save(picture, kind="svg", dark="#1B2528", border=0, xmldecl=False)
    return picture.getvalue().decode()


def _compile(template: bytes, inputs: dict[str, str], day: date, fonts: typst.Fonts | None = None) -> bytes:
    # A compiler of its own for every page: it keeps state, and threads may render at once.
    compiler = typst.Compiler(root=_TEMPLATES, font_paths=fonts or _fonts())
    pdf = compiler.compile(
        template,
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=["a-2a", "ua-1"],
        timestamp=datetime.combine(day, time(), UTC),
    )
    assert isinstance(pdf, bytes)
    return pdf


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
        _compile(_EVERY_WEIGHT, {}, date(2026, 1, 1), fonts)
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


def _name_the_letters_without_a_font(printed: Printed) -> None:
    for field, text in _plain_texts(printed):
        _refuse(field, [letter for letter in text if not letter.isascii() and not _drawn(letter)])


def _refuse(field: str, characters: list[str]) -> None:
    if characters:
        names = (f"U+{ord(c):04X} {unicodedata.name(c, 'unnamed')}" for c in dict.fromkeys(characters))
        raise NotPrintable(f"{field}: cannot print {', '.join(names)}")


def _drawn(letter: str) -> bool:
    try:
        return bool(_compile(_ONE_LETTER, {"letter": letter}, date(2026, 1, 1)))
    except typst.TypstError:
        return False
