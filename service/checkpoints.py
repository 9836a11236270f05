"""Checkpoints: a size and root of the audit log, signed with Ed25519, in the form that transparency logs exchange.

The forms are C2SP's signed-note and tlog-checkpoint, so that a witness can hold ours without a program of ours. The keys
are in the data folder, never in the database: `audit.key` has a seed in hexadecimal per line; the last one signs, the
earlier ones still verify.
"""

import binascii
import os
import secrets as chance
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

NAME = "preuve/audit"
ED25519 = b"\x01"  # signed-note's number for the algorithm


class Forged(Exception):
    """A note that no key of ours has signed, or that is none."""


class Verifier(Struct, frozen=True):
    """A public key and the name it signs under."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:4]

    def __str__(self) -> str:
        """As others are given it."""
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.key).decode()}"

    def signed(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Checkpoint(Struct, frozen=True):
    """The log when it had `size` leaves; `through` is the transaction of the last one."""

    size: int
    root: bytes
    through: int
    sealed_at: datetime

    @property
    def text(self) -> str:
        """What is signed: the three lines of tlog-checkpoint and two of our own."""
        return (
            f"{NAME}\n{self.size}\n{b64encode(self.root).decode()}\nthrough {self.through}\n"
            f"sealed {self.sealed_at.isoformat(timespec='microseconds')}\n"
        )


class Signer(Struct, frozen=True):
    """The keys of a data folder, the one that signs last."""

    seeds: tuple[bytes, ...]

    def sign(self, checkpoint: Checkpoint) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seeds[-1]).sign(checkpoint.text.encode())

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        keys = [Ed25519PrivateKey.from_private_bytes(seed).public_key() for seed in self.seeds]
        return tuple(Verifier(NAME, key.public_bytes_raw()) for key in keys)


def signer(folder: Path) -> Signer:
    """The keys of the data folder; the first one is made at first use."""
    kept = folder / "audit.key"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Written beside its place and linked into it: of two processes that start at once, one wins for both.
        with tempfile.NamedTemporaryFile("w", dir=folder, encoding="ascii") as new:
            new.write(chance.token_hex(32) + "\n")
            new.flush()
            with suppress(FileExistsError):
                os.link(new.name, kept)
    return Signer(tuple(bytes.fromhex(line) for line in kept.read_text(encoding="ascii").split()))


def note(checkpoint: Checkpoint, signature: bytes, verifiers: Sequence[Verifier]) -> str:
    """The checkpoint as it is published. Refuses (Forged) a signature that is of none of these keys."""
    for verifier in verifiers:
        if verifier.signed(checkpoint.text, signature):
            return f"{checkpoint.text}\n— {verifier.name} {b64encode(verifier.id + signature).decode()}\n"
    raise Forged("signed by none of our keys")


def opened(published: str, verifiers: Sequence[Verifier]) -> str:
    """The text of a signed note. Refuses (Forged) one without a signature of a known key, or with a false one of it."""
    text, blank, lines = published.rpartition("\n\n")
    known = {(verifier.name, verifier.id): verifier for verifier in verifiers}
    good = False
    for line in lines.splitlines() if blank else ():
        dash, name, given = [*line.split(" "), "", ""][:3]
        try:
            value = b64decode(given, validate=True)
        except binascii.Error:
            raise Forged("not a signed note") from None
        verifier = known.get((name, value[:4])) if dash == "—" else None
        if verifier is not None and not verifier.signed(text + "\n", value[4:]):
            raise Forged("its signature is false")
        good = good or verifier is not None
    if not good:
        raise Forged("signed by none of the known keys")
    return text + "\n"


def parsed(published: str, verifiers: Sequence[Verifier]) -> Checkpoint:
    """A checkpoint from its published form. Refuses (Forged) as `opened` does."""
    lines = opened(published, verifiers).splitlines()
    try:
        name, size, root, through, sealed = lines
        checkpoint = Checkpoint(
            int(size),
            b64decode(root, validate=True),
            int(through.removeprefix("through ")),
            datetime.fromisoformat(sealed.removeprefix("sealed ")),
        )
    except ValueError:
        raise Forged("not a checkpoint of ours") from None
    if name != NAME or checkpoint.text.splitlines() != lines:
        raise Forged("not a checkpoint of ours")
    return checkpoint


def verifier(given: str) -> Verifier:
    """A public key from its published form. Refuses (ValueError) what is none."""
    name, identity, key = given.split("+", 2)
    value = b64decode(key, validate=True)
    found = Verifier(name, value[1:])
    if value[:1] != ED25519 or len(found.key) != 32 or found.id.hex() != identity:
        raise ValueError("not a verifier key of Ed25519")
    return found


def published(folder: Path) -> str | None:
    """The checkpoint that the sequencer left outside the database."""
    kept = folder / "audit.checkpoint"
    return kept.read_text(encoding="utf-8") if kept.exists() else None


def publish(folder: Path, text: str) -> None:
    """Leave the newest checkpoint where whoever rewrites the database cannot reach it."""
    with tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8", delete=False) as new:
        new.write(text)
    Path(new.name).chmod(0o644)
    Path(new.name).replace(folder / "audit.checkpoint")
