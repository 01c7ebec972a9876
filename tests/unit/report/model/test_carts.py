"""Carts in words: what differs, not sixty items."""

from __future__ import annotations

from checkers.model.history import Op
from harness.report.model.carts import differing, few, short
from harness.report.model.proofs import values

SIXTY = [f"{number}:{number}" for number in range(60)]
CART = f"9:9|{','.join(SIXTY)}"


def test_a_large_cart_is_told_by_what_the_argument_is_about() -> None:
    assert short(CART, {"7:7", "8:8"}) == "9:9|7:7,8:8 and 58 more"
    assert short(CART) == "9:9|60 items"


def test_a_small_cart_and_other_text_stay_as_they_are() -> None:
    for text in ("9:9|1:1,2:2,3:3,4:4", "9:9|", "a | b, c, d, e, f, g", "op 3 put `1|2`, and more"):
        assert short(text) == text


def test_carts_in_a_sentence_keep_what_follows_them() -> None:
    said = f"op 4 returned {{{CART}}}: neither {CART}, nor anything else; it was {CART}."
    told = "op 4 returned {9:9|60 items}: neither 9:9|60 items, nor anything else; it was 9:9|60 items."
    assert short(said) == told


def test_a_list_of_items_is_cut_down_likewise() -> None:
    assert few(SIXTY, {"59:59"}) == "59:59 and 59 more"
    assert values(SIXTY, frozenset({"59:59"})) == "59:59 and 59 more"
    assert values([CART, "1:1|2:2"], frozenset({"2:2"})) == "9:9|2:2 and 59 more, 1:1|2:2"
    assert values(["a", "b", "c", "d", "e"]) == "a, b, c, d, e", "siblings of a register are all shown"


def test_what_differs_is_what_was_added_or_removed() -> None:
    put = Op(id=0, process=0, f="put", key="k", value=CART, inv=0, items=["3:3"])
    add = Op(id=1, process=0, f="add", key="k", value="4:4", inv=0)
    assert differing([put, add]) == {"3:3", "4:4"}
