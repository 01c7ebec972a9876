"""Strategies for everything that may stand in a message: by annotation, states by mode."""

import types
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from reference.config import MODES
from reference.membership import Change
from reference.merkle import DEPTH, FANOUT
from reference.messages import CompareChildren, CompareLeaves, Differing
from reference.net.peers.states import STATUSES
from reference.net.peers.wire import Hello, Welcome
from reference.requests import Once
from reference.versions.dotted import Dotted
from reference.versions.last_writer import LastWriter
from reference.versions.paper_clock import PaperClock
from reference.versions.siblings import Context, Event

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
nice = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8)
"""What a node can be called."""
ADDRESSES = ["", "127.0.0.1:9", "localhost:65535", "[::1]:1", "db-1.example.com:7000"]
naturals = st.integers(0, 2**64 - 1) | st.integers(0, 9)
blobs = st.binary(max_size=40)
modes = st.sampled_from(MODES)
_VERSIONS = {"dotted": Dotted(), "last-writer": LastWriter(), "paper-clock": PaperClock()}

requests = st.tuples(naturals, naturals)


def paths(least: int, most: int) -> st.SearchStrategy[Any]:
    """From the root of a Merkle tree down so many steps."""
    return st.lists(st.integers(0, FANOUT - 1), min_size=least, max_size=most).map(tuple)


def _some(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(one, max_size=3).map(tuple)


_CHILDREN = st.lists(naturals, min_size=FANOUT, max_size=FANOUT).map(tuple)
_PLACES: dict[Any, st.SearchStrategy[Any]] = {
    CompareChildren: st.builds(
        CompareChildren, requests, names, _some(st.tuples(naturals, paths(0, DEPTH - 1), _CHILDREN))
    ),
    CompareLeaves: st.builds(
        CompareLeaves,
        requests,
        names,
        _some(st.tuples(naturals, paths(DEPTH, DEPTH))),
        _some(st.tuples(names, blobs)),
    ),
    Differing: st.builds(Differing, requests, _some(st.tuples(naturals, paths(0, DEPTH)))),
}
"""Messages whose places must be those of a tree."""


@st.composite
def states(draw: Any, mode: str) -> Any:
    """What a few writes and deletes, blind or with a context, leave behind."""
    versions = _VERSIONS[mode]
    state = versions.empty
    for _ in range(draw(st.integers(0, 4))):
        node = draw(st.sampled_from(["n1", "n2", "ñ3"]))
        event = Event(f"{node}@{draw(st.integers(0, 2)):016x}", node, draw(st.integers(1, 2**63)))
        clock = state.clock() if draw(st.booleans()) else None
        value = draw(blobs) if clock is None or draw(st.booleans()) else None
        state = versions.write(state, value, clock, event)
    return state


def of(kind: Any, mode: str, absent: bool = False) -> st.SearchStrategy[Any]:
    """Values of an annotated type; `absent`: a state may be None, as in storage records."""
    arguments = get_args(kind)
    if kind is Any:
        return states(mode) | st.none() if absent else states(mode)
    if kind is Context:
        return st.builds(Context, names, states(mode).map(lambda state: state.clock()), st.none() | names)
    if kind is Change:
        fields = {name: of(hint, mode) for name, hint in get_type_hints(Change).items()}
        fields |= {"epoch": st.integers(0, 2**63 - 1), "tokens": st.integers(0, 9)}
        fields |= {"node": nice, "center": nice | st.just(""), "address": st.sampled_from(ADDRESSES)}
        return st.builds(Change, **(fields | {"status": st.sampled_from(STATUSES)}))
    if kind is Once:
        numbers = st.integers(0, 2**63 - 1)
        return st.builds(Once, names, numbers, numbers, st.none() | naturals)
    if kind in (Hello, Welcome):
        fields = {name: of(hint, mode) for name, hint in get_type_hints(kind).items()}
        return st.builds(kind, **(fields | {"name": nice}))
    if kind in _PLACES:
        return _PLACES[kind]
    if get_origin(kind) is tuple:
        if arguments[-1] is Ellipsis:
            return st.lists(of(arguments[0], mode, absent), max_size=3).map(tuple)
        return st.tuples(*[of(one, mode, absent) for one in arguments])
    if get_origin(kind) in (Union, types.UnionType):
        return st.one_of(*[st.none() if one is type(None) else of(one, mode, absent) for one in arguments])
    if hasattr(kind, "_fields"):
        hints = get_type_hints(kind)
        return st.builds(kind, *[of(hints[name], mode, absent) for name in kind._fields])
    return {str: names, int: naturals, bytes: blobs, bool: st.booleans()}[kind]
