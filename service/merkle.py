"""Merkle trees as RFC 6962 (section 2.1) and RFC 9162 hash them: a leaf and a node never hash alike, sizes need not be
powers of two, and of two sizes of one log anybody can prove that the larger only adds to the smaller.

A tree is a sequence of leaf hashes. Pure functions: no clock, no database, no key.
"""

from collections.abc import Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()
SIZE = 32  # bytes of a hash


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The hash of the whole tree; of no leaves, that of nothing."""
    peaks: tuple[bytes, ...] = ()
    for size, leaf in enumerate(leaves):
        peaks = appended(peaks, size, leaf)
    return root_of(peaks)


def appended(peaks: tuple[bytes, ...], size: int, leaf: bytes) -> tuple[bytes, ...]:
    """The peaks of a tree of `size` leaves after one more: the roots of its perfect subtrees, largest first.

    They are all that a log must remember to grow: one hash for each bit of `size` that is set.
    """
    kept = list(peaks)
    while size & 1:  # carry, as when one is added to a binary number
        leaf = node_hash(kept.pop(), leaf)
        size >>= 1
    return (*kept, leaf)


def root_of(peaks: Sequence[bytes]) -> bytes:
    """The root of the tree with these peaks."""
    if not peaks:
        return EMPTY
    *rest, folded = peaks
    for peak in reversed(rest):
        folded = node_hash(peak, folded)
    return folded


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """What with the leaf at `index` gives the root: RFC 6962, 2.1.1, PATH(m, D[n]). Refuses (IndexError) no such leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    half = _split(len(leaves))
    if index < half:
        return [*inclusion_proof(index, leaves[:half]), root(leaves[half:])]
    return [*inclusion_proof(index - half, leaves[half:]), root(leaves[:half])]


def consistency_proof(old_size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """What shows that the tree of the first `old_size` leaves is a beginning of this one: RFC 6962, 2.1.2, PROOF(m, D[n]).

    Empty when there is nothing to show. Refuses (IndexError) a size that this tree never had.
    """
    if not 0 <= old_size <= len(leaves):
        raise IndexError(old_size)
    return _subproof(old_size, leaves, known=True) if old_size else []


class Tree:
    """The same proofs for many entries of one log: the root of a part is worked out once, whatever it is asked for."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.leaves = leaves
        self._roots: dict[tuple[int, int], bytes] = {}

    def root(self, start: int, stop: int) -> bytes:
        """Of the leaves from one place to another."""
        if stop - start == 1:
            return self.leaves[start]
        if (start, stop) not in self._roots:
            half = start + _split(stop - start)
            self._roots[start, stop] = node_hash(self.root(start, half), self.root(half, stop))
        return self._roots[start, stop]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """As `inclusion_proof`, in the log when it had `size` leaves."""
        if not 0 <= index < size <= len(self.leaves):
            raise IndexError(index)
        path, start, stop = [], 0, size
        while stop - start > 1:
            half = start + _split(stop - start)
            if index < half:
                path.append(self.root(half, stop))
                stop = half
            else:
                path.append(self.root(start, half))
                start = half
        return path[::-1]

    def consistency(self, old_size: int, size: int) -> list[bytes]:
        """As `consistency_proof`, in the log when it had `size` leaves."""
        if not 0 <= old_size <= size <= len(self.leaves):
            raise IndexError(old_size)
        path, start, stop, known = [], 0, size, True
        while 0 < old_size - start < stop - start:
            half = start + _split(stop - start)
            if old_size <= half:
                path.append(self.root(half, stop))
                stop = half
            else:
                path.append(self.root(start, half))
                start, known = half, False
        if old_size and not known:
            path.append(self.root(start, stop))
        return path[::-1]


def _subproof(old_size: int, leaves: Sequence[bytes], *, known: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b): `known` says that the old root is this subtree's."""
    if old_size == len(leaves):
        return [] if known else [root(leaves)]
    half = _split(len(leaves))
    if old_size <= half:
        return [*_subproof(old_size, leaves[:half], known=known), root(leaves[half:])]
    return [*_subproof(old_size - half, leaves[half:], known=False), root(leaves[:half])]


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], tree_root: bytes) -> bool:
    """Whether the proof leads from the leaf to the root: RFC 9162, 2.1.3.2. A malformed one is a no, never an exception."""
    if not 0 <= index < size:
        return False
    place, last, folded = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            folded = node_hash(sibling, folded)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            folded = node_hash(folded, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and folded == tree_root


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the new tree only adds to the old one: RFC 9162, 2.1.4.2. A malformed proof is a no, never an exception."""
    if not 0 <= old_size <= new_size:
        return False
    if old_size in (0, new_size):
        return not proof and old_root == (new_root if old_size else EMPTY)
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root
