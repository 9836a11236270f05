"""One standard as a file: JSON, the same to the byte whenever it is written, read back with the place of every fault.

    {"format": "preuve-standard-1", "unit": "TPCR-3", "content": {…}, "pictures": {"<sha256>": "<JPEG in base64>"}}

`content` is standards.Content: its description is in that of the interface (/api/openapi.json). What a file does not
name is not kept, and what it names wrongly is refused with its path and a remedy.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from assessments import pictures
from assessments.standard_refusals import NotAPicture
from assessments.standards import Content

FORMAT = "preuve-standard-1"
LARGEST = 20_000_000  # bytes


class File(Struct, frozen=True, forbid_unknown_fields=True):
    """`unit`: the code of the unit it is about. `pictures`: those that the grid shows, by their SHA-256, in base64."""

    format: Annotated[str, Meta(pattern=r"^preuve-standard-1$(?!\n)", max_length=17)]
    unit: Annotated[str, Meta(max_length=8)]
    content: Content
    pictures: Annotated[dict[str, bytes], Meta(max_length=160)] = {}


class Fault(Struct, frozen=True):
    """Where in the file something is wrong, and what to do."""

    path: str
    remedy: str


class StandardFault(Exception):
    """The file cannot be used."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.remedy}" for fault in faults))
        self.faults = faults


def write(unit: str, content: Content, shown: Mapping[str, bytes]) -> bytes:
    """The file of a standard; `shown` holds the pictures of its grid by their hash."""
    file = File(FORMAT, unit, content, {one: shown[one] for one in sorted(shown)})
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


def read(body: bytes, *, unit: str) -> tuple[Content, tuple[pictures.Picture, ...]]:
    """What a file says, for this unit; blocking. Raises StandardFault with all that can be said about it."""
    try:
        file = msgspec.json.decode(body, type=File)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as broken:
        said, _, path = str(broken).partition(" - at `")
        raise StandardFault((Fault(path.strip("`").removeprefix("$").strip("."), f"{said}: correct it"),)) from None
    return accept(file, unit=unit)


def accept(file: File, *, unit: str) -> tuple[Content, tuple[pictures.Picture, ...]]:
    """What a file that was read says, for this unit; blocking. Raises StandardFault."""
    found = tuple(_faults(file, unit))
    if found:
        raise StandardFault(found)
    return file.content, tuple(pictures.exported(image) for image in file.pictures.values())


def _faults(file: File, unit: str) -> Iterator[Fault]:
    if file.unit != unit:
        yield Fault("unit", f"this is the standard of {file.unit}, not of {unit}: open the page of {file.unit}")
    shown = {picture.sha256 for picture in file.content.grid.pictures}
    for sha256 in sorted(shown - file.pictures.keys()):
        yield Fault("pictures", f"{sha256} is shown in the grid and missing here: add it, or take it out of the grid")
    for sha256, image in file.pictures.items():
        path = f"pictures.{sha256}"
        if sha256 not in shown:
            yield Fault(path, "nothing in the grid shows it: take it out")
        elif hashlib.sha256(image).hexdigest() != sha256:
            yield Fault(path, "its content has another hash: export the standard again")
        else:
            try:
                pictures.exported(image)
            except NotAPicture:
                yield Fault(path, "it is no JPEG that was exported here: choose the picture again on the page")
