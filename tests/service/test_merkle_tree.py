"""A tree that remembers gives the proofs of RFC 6962 that the plain functions give, for every size that the log had."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import merkle
from service.merkle import Tree


@given(st.integers(1, 60), st.data())
def test_the_proofs_are_those_of_the_plain_functions(size: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    tree, had = Tree(leaves), data.draw(st.integers(1, size))
    index, old = data.draw(st.integers(0, had - 1)), data.draw(st.integers(0, had))
    assert tree.inclusion(index, had) == merkle.inclusion_proof(index, leaves[:had])
    assert tree.consistency(old, had) == merkle.consistency_proof(old, leaves[:had])


def test_there_is_no_proof_of_what_the_log_never_had() -> None:
    tree = Tree([merkle.leaf_hash(b"a")])
    for index, size in ((1, 1), (0, 2), (-1, 1)):
        with pytest.raises(IndexError):
            tree.inclusion(index, size)
    with pytest.raises(IndexError):
        tree.consistency(2, 1)
