"""Holds a bundle against its signature and the audit log's proofs: with nothing but the file and a public key."""

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from service import checkpoints, merkle
from service.bundling.packing import INDEX, SIGNATURE, Index
from service.checkpoints import Checkpoint, Forged, Verifier

LARGEST = 200_000_000  # bytes of one file, unpacked: no bundle of ours has one, a bomb has


class Fault(Exception):
    """The first thing that is not as it was signed."""


class Verdict(Struct, frozen=True):
    """What held: how many files, how many entries of the audit trail proved, and how many still waited for their seal."""

    files: int
    entries: int
    waiting: int


def verify(path: Path, verifiers: tuple[Verifier, ...]) -> Verdict:
    """Refuses (Fault) a file that is no bundle, is signed by none of the keys, or is not as it was signed."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _verified(archive, verifiers)
    except (zipfile.BadZipFile, OSError, KeyError, msgspec.MsgspecError) as fault:
        raise Fault(f"This is not a bundle: {fault}") from None


def _verified(archive: zipfile.ZipFile, verifiers: tuple[Verifier, ...]) -> Verdict:
    signed = _read(archive, INDEX)
    if not any(_signed(verifier, signed, _read(archive, SIGNATURE)) for verifier in verifiers):
        raise Fault("index.json is signed by none of the keys, or was changed")
    index = msgspec.json.decode(signed, type=Index)
    names = archive.namelist()
    listed = [file.path for file in index.files]
    if strangers := sorted(set(names) - {*listed, INDEX, SIGNATURE}):
        raise Fault(f"{strangers[0]} is not in the index")
    if len(names) != len(set(names)) or missing(listed, names):
        raise Fault(f"{next(iter(missing(listed, names)), names[0])} is missing, or there twice")
    entries = waiting = 0
    for file in index.files:
        content = _read(archive, file.path)
        if len(content) != file.bytes or hashlib.sha256(content).hexdigest() != file.sha256:
            raise Fault(f"{file.path} was changed")
        if file.path.endswith("/audit.json"):
            proved = msgspec.json.decode(content)
            entries += _proved(file.path, proved, verifiers)
            waiting += proved["waiting"]
    return Verdict(len(index.files), entries, waiting)


def missing(listed: list[str], names: list[str]) -> list[str]:
    return sorted(set(listed) - set(names))


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST:
        raise Fault(f"{name} is larger than anything in a bundle")
    return archive.read(name)


def _signed(verifier: Verifier, content: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(verifier.key).verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _proved(path: str, proved: dict[str, Any], verifiers: tuple[Verifier, ...]) -> int:
    """Each entry is in the log of a checkpoint that the key signed, and that log only adds to the one before."""
    if not proved["entries"]:
        return 0
    covering = _checkpoint(path, proved["checkpoint"], verifiers)
    for line in proved["entries"]:
        leaf = merkle.leaf_hash(msgspec.json.encode(line["entry"], order="deterministic"))
        steps = [bytes.fromhex(step) for step in line["path"]]
        if not merkle.verify_inclusion(leaf, line["index"], covering.size, steps, covering.root):
            raise Fault(f"{path}: entry {line['entry']['id']} is not in the log that was signed")
    if (before := proved["before"]) is not None:
        earlier = _checkpoint(path, before["checkpoint"], verifiers)
        steps = [bytes.fromhex(step) for step in before["consistency"]]
        if not merkle.verify_consistency(earlier.size, covering.size, earlier.root, covering.root, steps):
            raise Fault(f"{path}: the log was written anew after its first {earlier.size} entries")
    return len(proved["entries"])


def _checkpoint(path: str, note: str, verifiers: tuple[Verifier, ...]) -> Checkpoint:
    try:
        return checkpoints.parsed(note, verifiers)
    except Forged as forged:
        raise Fault(f"{path}: its checkpoint cannot be relied on: {forged}") from None
