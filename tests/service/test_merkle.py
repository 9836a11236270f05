"""Merkle trees: the known answers of RFC 6962's reference tests, and what every tree and every proof must satisfy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.merkle import (
    EMPTY,
    appended,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The entries, roots and proofs that Certificate Transparency's own implementations are tested with.
ENTRIES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]
H96 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
H5F = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
H6B = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
HBC = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
HCA = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
H0E = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"


def test_the_empty_tree_hashes_nothing() -> None:
    assert root([]).hex() == EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [
        (0, 1, []),
        (0, 8, [H96, H5F, H6B]),
        (5, 8, [HBC, HCA, ROOTS[3]]),
        (2, 3, [ROOTS[1]]),
        (1, 5, [ROOTS[0], H5F, HBC]),
    ],
)
def test_inclusion_proofs_are_those_of_the_reference(index: int, size: int, proof: list[str]) -> None:
    assert [one.hex() for one in inclusion_proof(index, LEAVES[:size])] == proof


@pytest.mark.parametrize(
    ("old", "new", "proof"),
    [(1, 1, []), (1, 8, [H96, H5F, H6B]), (6, 8, [H0E, HCA, ROOTS[3]]), (2, 5, [H5F, HBC])],
)
def test_consistency_proofs_are_those_of_the_reference(old: int, new: int, proof: list[str]) -> None:
    assert [one.hex() for one in consistency_proof(old, LEAVES[:new])] == proof


def test_the_tree_of_seven_in_the_rfc() -> None:
    """RFC 6962, 2.1.3, by the names it gives its nodes."""
    a, b, c, d, e, f, j = LEAVES[:7]
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, ell = node_hash(g, h), node_hash(i, j)
    assert root(LEAVES[:7]) == node_hash(k, ell)
    assert inclusion_proof(0, LEAVES[:7]) == [b, h, ell]
    assert inclusion_proof(3, LEAVES[:7]) == [c, g, ell]
    assert inclusion_proof(4, LEAVES[:7]) == [f, j, k]
    assert inclusion_proof(6, LEAVES[:7]) == [i, k]
    assert consistency_proof(3, LEAVES[:7]) == [c, d, g, ell]
    assert consistency_proof(4, LEAVES[:7]) == [ell]
    assert consistency_proof(6, LEAVES[:7]) == [i, j, k]


Tree = st.lists(st.binary(max_size=4), min_size=1, max_size=70).map(lambda entries: [leaf_hash(e) for e in entries])


@given(Tree)
def test_a_log_that_grows_leaf_by_leaf_has_the_root_of_the_whole(leaves: list[bytes]) -> None:
    peaks: tuple[bytes, ...] = ()
    for size, leaf in enumerate(leaves):
        peaks = appended(peaks, size, leaf)
        assert len(peaks) == (size + 1).bit_count()
        assert root_of(peaks) == _by_definition(leaves[: size + 1])


def _by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962's MTH, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    half = max(2**power for power in range(8) if 2**power < len(leaves))
    return node_hash(_by_definition(leaves[:half]), _by_definition(leaves[half:]))


@given(Tree, st.data())
def test_every_leaf_is_proved_and_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, top = inclusion_proof(index, leaves), root(leaves)
    assert verify_inclusion(leaves[index], index, len(leaves), proof, top)
    assert not verify_inclusion(leaf_hash(b"never entered"), index, len(leaves), proof, top)
    assert not verify_inclusion(leaves[index], index, len(leaves), [*proof, top], top)
    assert not verify_inclusion(leaves[index], len(leaves), len(leaves), proof, top)
    for spoilt in _spoilt(proof):
        assert not verify_inclusion(leaves[index], index, len(leaves), spoilt, top)


@given(Tree, st.data())
def test_every_earlier_size_is_a_beginning_and_a_rewritten_one_is_none(
    leaves: list[bytes], data: st.DataObject
) -> None:
    old = data.draw(st.integers(0, len(leaves)))
    proof, before, after = consistency_proof(old, leaves), root(leaves[:old]), root(leaves)
    assert verify_consistency(old, len(leaves), before, after, proof)
    assert not verify_consistency(old, len(leaves), before, after, [*proof, after])
    if old:
        rewritten = root([leaf_hash(b"never entered"), *leaves[1:old]])
        assert not verify_consistency(old, len(leaves), rewritten, after, proof)
    for spoilt in _spoilt(proof):
        assert not verify_consistency(old, len(leaves), before, after, spoilt)


def _spoilt(proof: list[bytes]) -> list[list[bytes]]:
    other = leaf_hash(b"other")
    return [[*proof[:n], other, *proof[n + 1 :]] for n in range(len(proof))] + [proof[:n] for n in range(len(proof))]


def test_sizes_that_never_were_are_refused() -> None:
    for index in (-1, 8):
        with pytest.raises(IndexError):
            inclusion_proof(index, LEAVES)
    with pytest.raises(IndexError):
        consistency_proof(9, LEAVES)
    assert not verify_consistency(9, 8, root(LEAVES), root(LEAVES), [])
    assert not verify_consistency(3, 8, root(LEAVES[:3]), root(LEAVES), [])
