"""What the tour leaves behind: files, and a manifest that says what each is."""

from pathlib import Path

import msgspec


class Souvenir(msgspec.Struct, frozen=True):
    """`kind` is for programs, `path` is within the folder, `url` is where it came from, `says` is for people."""

    kind: str
    path: str
    url: str
    says: str


class Souvenirs:
    """A folder that fills up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: list[Souvenir] = []

    def keep(self, kind: str, path: str, content: bytes, *, url: str, says: str) -> None:
        """Write `content` to `path` within the folder and enter it in the manifest."""
        (self.folder / path).write_bytes(content)
        self.kept.append(Souvenir(kind, path, url, says))

    def write_manifest(self) -> None:
        """`manifest.json`: everything kept, in the order of the journey."""
        listed = msgspec.json.format(msgspec.json.encode(self.kept), indent=2)
        (self.folder / "manifest.json").write_bytes(listed + b"\n")
