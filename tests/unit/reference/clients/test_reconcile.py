"""How an application merges siblings: the cart's union, the last writer."""

import pytest

from reference.clients.reconcile import cart, cart_union, last_writer, stamped, unstamped


def test_an_item_has_no_line_break():
    with pytest.raises(ValueError, match="no line break"):
        cart([b"a\nb"])


def test_reconcilers():
    assert cart_union([]) == b""
    assert cart_union([b"b\na", b"c\na"]) == b"a\nb\nc"
    assert last_writer([stamped(10, b"old value"), stamped(20, b"new value")]) == stamped(20, b"new value")
    assert unstamped(stamped(20, b"new value")) == b"new value"
    assert last_writer([]) == b""
