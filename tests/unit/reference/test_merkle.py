"""M1: trees find exactly what differs, and forget the order in which it came."""

from hypothesis import given
from hypothesis import strategies as st

from reference.merkle import DEPTH, MerkleTree, leaf_of

contents = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=4), st.binary(min_size=1, max_size=3), max_size=40
)


def tree_of(entries):
    tree = MerkleTree()
    for key, digest in entries.items():
        tree.update(key, digest)
    return tree


def differing_leaves(mine, theirs):
    """From the roots to the leaves, as two nodes do it."""
    places = [()] if mine.hash() != theirs.hash() else []
    for _ in range(DEPTH):
        places = [place for path in places for place in mine.differing(path, theirs.children(path))]
    return places


@given(contents, contents)
def test_the_leaves_that_differ_hold_every_key_that_differs_and_little_else(left, right):
    wanted = {leaf_of(key) for key in left.keys() | right.keys() if left.get(key) != right.get(key)}
    assert set(differing_leaves(tree_of(left), tree_of(right))) == wanted


@given(contents, contents, st.randoms(use_true_random=False))
def test_any_way_to_the_same_contents_gives_the_same_tree(start, end, random):
    """B33: arrival order in the hash; B34: a forgotten key that leaves a leaf behind."""
    tree = tree_of(start)
    steps = [(key, end.get(key)) for key in start.keys() | end.keys()]
    random.shuffle(steps)
    for key, digest in steps:
        tree.hash()  # looked at in between: cached hashes must not survive a change
        tree.update(key, digest)
    assert tree.hash() == tree_of(end).hash()
    assert len(tree) == len(end)


def test_an_empty_tree_and_an_emptied_one_are_alike():
    tree = tree_of({"k": b"1"})
    assert tree.hash() != 0
    tree.update("k", None)
    assert tree.hash() == MerkleTree().hash() == 0
