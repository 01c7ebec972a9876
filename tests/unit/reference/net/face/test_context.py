"""A1: the context is opaque, bound to its key, and refused when it is anything but what a get returned."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.net.face.context import ContextError, Contexts, ForeignContext
from reference.versions.siblings import Context
from tests.unit.reference.net.values import modes, names, states


@given(modes, names, st.data())
def test_a_context_survives_the_trip(mode, key, data):
    context = Context(key, data.draw(states(mode)).clock(), data.draw(st.none() | names))
    text = Contexts(mode).encode(context)
    assert text.isascii()
    assert not set(text) & set("+/= \t\r\n")
    assert Contexts(mode).decode(text, key) == context


@given(modes, names, st.data())
def test_one_character_changed_is_noticed(mode, key, data):
    contexts = Contexts(mode)
    text = contexts.encode(Context(key, data.draw(states(mode)).clock()))
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    changed = text[:at] + other + text[at + 1 :]
    try:
        found = contexts.decode(changed, key)
    except ContextError:
        return
    assert found == contexts.decode(text, key)  # the last character's unused bits


@given(modes, st.text(max_size=80))
def test_noise_is_refused(mode, text):
    with pytest.raises(ContextError):
        Contexts(mode).decode(text, "k")


def test_of_another_key():
    text = Contexts("dotted").encode(Context("cart", {"n1@1": 3}))
    with pytest.raises(ForeignContext, match="another key"):
        Contexts("dotted").decode(text, "card")


def test_of_another_mode():
    text = Contexts("dotted").encode(Context("cart", {"n1@1": 3}))
    with pytest.raises(ContextError, match="another version or mode"):
        Contexts("last-writer").decode(text, "cart")


def test_cut_off():
    text = Contexts("dotted").encode(Context("cart", {"n1@1": 3}))
    with pytest.raises(ContextError, match="checksum"):
        Contexts("dotted").decode(text[:-4], "cart")


def test_a_clock_of_a_thousand_actors_still_fits_a_header():
    clock = {f"n{index % 9}@{index * 2654435761 % 2**64:016x}": index + 1 for index in range(1000)}
    contexts = Contexts("dotted")
    assert contexts.decode(contexts.encode(Context("k", clock)), "k").clock == clock


def test_one_that_does_not_fit_is_an_error_of_ours_not_a_broken_header():
    clock = {f"{index * 0x9E3779B97F4A7C15 % 2**64:016x}": index + 1 for index in range(20_000)}
    with pytest.raises(ContextError, match="a header takes"):
        Contexts("dotted").encode(Context("k", clock))


@pytest.mark.parametrize("counter", [0, 2**63, 2**64, 2**128 - 1])
def test_a_context_with_a_counter_that_no_clock_has_is_none_of_ours(counter, monkeypatch):
    """Forged with a right checksum: nothing keeps a client from computing one."""
    contexts = Contexts("dotted")
    with monkeypatch.context() as patch:
        patch.setattr("reference.net.peers.states.is_counter", lambda _: True)
        forged = contexts.encode(Context("k", {"n1@0": counter}))
    with pytest.raises(ContextError, match="it cannot be read"):
        contexts.decode(forged, "k")
