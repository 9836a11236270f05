"""A paper as blocks of said text, and how it is set: one template for all of them, because papers differ in what they say.

What they say is composed beside this module, in the reader's language, with the sentences of service/locales.
"""

import unicodedata
from datetime import date
from pathlib import Path

import msgspec
import typst
from msgspec import Struct

from certificates import typesetting

_HERE = Path(__file__).parent
_TEMPLATE = (_HERE / "sheet.typ").read_bytes()
UNDRAWN = "\N{WHITE SQUARE}"  # for a letter that none of our fonts has: a summons with a gap is better than none


class Heading(Struct, frozen=True, tag="heading"):
    text: str


class Paragraph(Struct, frozen=True, tag="paragraph"):
    """`strong`: what the whole paper is about."""

    text: str
    strong: bool = False


class Facts(Struct, frozen=True, tag="facts"):
    """What something is called, and what it is."""

    pairs: tuple[tuple[str, str], ...]


class Bullets(Struct, frozen=True, tag="bullets"):
    items: tuple[str, ...]


class Notice(Struct, frozen=True, tag="notice"):
    title: str
    text: str


class Table(Struct, frozen=True, tag="table"):
    """`head`: what the columns are called. `widths`: their shares of the width."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


class Code(Struct, frozen=True, tag="code"):
    """An address, for eyes and for a camera. `alt`: the picture, said aloud."""

    address: str
    caption: str
    alt: str


class Signature(Struct, frozen=True, tag="signature"):
    """Where hands sign, each with the name under its line."""

    names: tuple[str, ...]


class Bars(Struct, frozen=True, tag="bars"):
    """A table whose shares (0 to 1, None: nothing to show) are drawn, too: the drawing repeats what the words say."""

    head: tuple[str, str, str]
    rows: tuple[tuple[str, str, str], ...]
    shares: tuple[float | None, ...]


Block = Bars | Heading | Paragraph | Facts | Bullets | Notice | Table | Code | Signature


class Sheet(Struct, frozen=True, kw_only=True):
    """One paper. `to`: the lines of the addressee; `foot`: small, on every page; `page`: how a page is numbered."""

    language: str
    title: str
    centre: str
    day: date
    blocks: tuple[Block, ...]
    foot: str
    page: str
    to: tuple[str, ...] = ()


def render(sheet: Sheet) -> bytes:
    """The paper as a PDF (PDF/A-2a, PDF/UA-1), the same bytes for the same sheet; it blocks, so call it in a thread."""
    facts = msgspec.json.encode(sheet).decode()
    try:
        return _set(_plain(facts), sheet)
    except typst.TypstError:
        return _set(_drawable(_plain(facts)), sheet)


def _set(facts: str, sheet: Sheet) -> bytes:
    inputs = {"sheet": facts} | {
        f"qr-{number}": typesetting.qr(block.address)
        for number, block in enumerate(sheet.blocks)
        if isinstance(block, Code)
    }
    return typesetting.pdf(_TEMPLATE, inputs, sheet.day, root=_HERE)


def _plain(facts: str) -> str:
    """Without what nobody sees: a direction override could make a paper say another thing than its text."""
    seen = (c for c in unicodedata.normalize("NFC", facts) if unicodedata.category(c) not in {"Cf", "Cs", "Co"})
    return "".join(seen)


def _drawable(facts: str) -> str:
    missing = {c for c in set(facts) if not c.isascii() and not typesetting.drawn(c)}
    return "".join(UNDRAWN if c in missing else c for c in facts)
