"""Checkpoints: the published forms are those that others' programs read, and a false one is refused."""

from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from service import checkpoints
from service.checkpoints import Checkpoint, Forged

# The example that the implementations of signed notes are tested with.
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
CHECKPOINT = Checkpoint(4711, bytes(range(32)), 815, datetime(2026, 9, 1, 8, tzinfo=UTC))


def test_a_note_that_another_program_signed_is_read() -> None:
    assert checkpoints.opened(EXAMPLE, [checkpoints.verifier(EXAMPLE_KEY)]) == "This is an example message.\n"
    assert str(checkpoints.verifier(EXAMPLE_KEY)) == EXAMPLE_KEY


@pytest.mark.parametrize(
    "note",
    [EXAMPLE.replace("example m", "other m"), EXAMPLE.replace("Uw2QOkn8", "Uw2QOkn9"), EXAMPLE.replace("foo", "bar"),
     EXAMPLE.replace("Uw2Q", "Uw2!"), "This is an example message.\n", "", "\n\n", "—\n\n—\n"],
)  # fmt: skip
def test_a_false_note_is_refused(note: str) -> None:
    with pytest.raises(Forged):
        checkpoints.opened(note, [checkpoints.verifier(EXAMPLE_KEY)])


@pytest.mark.parametrize(
    "key", ["", "a+b", "example.com/foo+530d903b+" + EXAMPLE_KEY.rpartition("+")[2], "a+00000000+!"]
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        checkpoints.verifier(key)


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    signer = checkpoints.signer(tmp_path)
    note = checkpoints.note(CHECKPOINT, signer.sign(CHECKPOINT), signer.verifiers)
    assert note.splitlines()[:3] == ["preuve/audit", "4711", b64encode(CHECKPOINT.root).decode()]
    checkpoints.publish(tmp_path, note)
    kept = checkpoints.published(tmp_path)
    assert kept == note
    assert checkpoints.parsed(kept, signer.verifiers) == CHECKPOINT
    larger = note.replace("\n4711\n", "\n4712\n")
    with pytest.raises(Forged, match="signature is false"):
        checkpoints.parsed(larger, signer.verifiers)


def test_a_note_about_something_else_is_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(Forged, match="not a checkpoint"):
        checkpoints.parsed(EXAMPLE, [checkpoints.verifier(EXAMPLE_KEY)])


def test_the_key_is_made_once_for_its_owner_alone_and_the_last_of_several_signs(tmp_path: Path) -> None:
    first = checkpoints.signer(tmp_path)
    assert checkpoints.signer(tmp_path) == first
    assert (tmp_path / "audit.key").stat().st_mode & 0o777 == 0o600
    with (tmp_path / "audit.key").open("a") as file:
        file.write("11" * 32 + "\n")
    both = checkpoints.signer(tmp_path)
    assert both.verifiers[0] == first.verifiers[0]
    old, new = first.sign(CHECKPOINT), both.sign(CHECKPOINT)
    assert checkpoints.parsed(checkpoints.note(CHECKPOINT, old, both.verifiers), both.verifiers) == CHECKPOINT
    assert checkpoints.parsed(checkpoints.note(CHECKPOINT, new, both.verifiers), both.verifiers[1:]) == CHECKPOINT
    with pytest.raises(Forged):
        checkpoints.note(msgspec.structs.replace(CHECKPOINT, size=1), new, both.verifiers)
