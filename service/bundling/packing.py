"""A ZIP written file by file to the disk, then its index and the index's signature: the same files give the same bytes."""

import hashlib
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

from service.checkpoints import Signer

INDEX, SIGNATURE, KEY = "index.json", "index.json.sig", "signing-key.pem"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first day that a ZIP can say: no file is younger than another
UNIX = 3  # or the archive would tell on which system it was made


class Listed(Struct, frozen=True):
    """A file of the bundle."""

    path: str
    sha256: str
    bytes: int


class Index(Struct, frozen=True, kw_only=True):
    """What is signed. `about`: the session or the year; `files`: all but the index and its signature."""

    format: str = "preuve/bundle/1"
    about: dict[str, Any]
    with_names: bool
    files: tuple[Listed, ...]


class Packer:
    """`with Packer(path) as packer: packer.add("a.json", …)`, and at the end `packer.seal(…)`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files: list[Listed] = []

    def __enter__(self) -> "Packer":
        self.archive = zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.archive.close()

    def add(self, path: str, content: bytes) -> None:
        """Write one file; it is not kept in memory."""
        self._write(path, content)
        self.files.append(Listed(path, hashlib.sha256(content).hexdigest(), len(content)))

    def seal(self, about: dict[str, Any], *, with_names: bool, signer: Signer) -> None:
        """The index of what was added, and its signature."""
        index = written(Index(about=about, with_names=with_names, files=tuple(self.files)))
        self._write(INDEX, index)
        self._write(SIGNATURE, _key(signer).sign(index))

    def _write(self, path: str, content: bytes) -> None:
        entry = zipfile.ZipInfo(path, LONG_AGO)
        entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, UNIX
        self.archive.writestr(entry, content)


def written(record: Any) -> bytes:
    """JSON with sorted keys and two spaces: the same record is the same bytes."""
    return msgspec.json.format(msgspec.json.encode(record, order="deterministic"), indent=2) + b"\n"


def public_key(signer: Signer) -> bytes:
    """The key that signs now, as openssl reads it."""
    return _key(signer).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _key(signer: Signer) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(signer.seeds[-1])
