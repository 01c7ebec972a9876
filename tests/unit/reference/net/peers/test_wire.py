"""Frames: what a node says arrives as it was said; anything else is a WireError and nothing worse."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import messages
from reference.messages import Forward, Ping, ReplicaPut
from reference.net.peers.fields import MAX_TEXT, WireError, pack, unpack
from reference.net.peers.states import batch_codec
from reference.net.peers.wire import GREETINGS, MAX_FRAME, MAX_GREETING, Hello, Splitter, Wire, message_kinds
from reference.storage.engine import Batch, Copy
from reference.versions.dotted import DottedState
from tests.unit.reference.net.values import modes, of

KINDS = (*GREETINGS, *message_kinds())
WIRES = {mode: Wire(mode) for mode in ("dotted", "paper-clock", "last-writer")}


@st.composite
def spoken(draw):
    mode = draw(modes)
    return mode, draw(of(draw(st.sampled_from(KINDS)), mode))


def test_every_message_of_the_node_can_be_sent():
    assert {"ReplicaPut", "ReplicaState", "Forward", "ClientWrite"} <= {kind.__name__ for kind in KINDS}
    assert all(kind in KINDS for kind in messages.ANSWERS)


@given(spoken(), st.integers(0, 2**64 - 1))
def test_a_message_arrives_as_it_was_sent(said, incarnation):
    mode, message = said
    frame = WIRES[mode].encode(message, incarnation)
    [cut] = Splitter(MAX_FRAME).feed(frame)
    assert WIRES[mode].decode(cut) == (incarnation, message)
    assert type(WIRES[mode].decode(cut)[1]) is type(message)


@given(modes.flatmap(lambda mode: st.tuples(st.just(mode), of(Batch, mode, absent=True))))
def test_a_record_comes_back_from_the_disk_as_it_was_written(written):
    mode, batch = written
    codec = batch_codec(mode)
    assert unpack(codec, pack(codec, batch)) == batch


def test_a_value_goes_as_it_is_not_as_text():
    value = bytes(range(256)) * 100
    frame = WIRES["dotted"].encode(Forward((1, 2), "k", value, None))
    assert value in frame
    assert len(frame) < len(value) + 100


@given(st.lists(spoken(), max_size=5), st.data())
def test_frames_may_be_split_anywhere(said, data):
    frames = [WIRES[mode].encode(message) for mode, message in said]
    stream = b"".join(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    splitter, found = Splitter(MAX_FRAME), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += splitter.feed(stream[start:end])
    assert found == [frame[4:] for frame in frames]


def test_a_length_beyond_the_limit_is_refused_before_anything_is_held():
    with pytest.raises(WireError, match="limit is 8192"):
        list(Splitter(MAX_GREETING).feed(b"\xff\xff\xff\xff"))


def test_too_large_a_message_is_refused_by_its_sender():
    with pytest.raises(WireError, match="the limit is"):
        WIRES["dotted"].encode(Forward((1, 2), "k", bytes(MAX_FRAME), None))


@given(modes, st.binary(max_size=60))
def test_noise_is_a_wire_error(mode, noise):
    with pytest.raises(WireError):
        WIRES[mode].decode(noise)


@given(spoken(), modes, st.data())
def test_a_damaged_frame_is_a_wire_error_or_another_good_message(said, other, data):
    """Never another exception; and what is let through is a message that could have been sent."""
    mode, message = said
    frame = bytearray(WIRES[mode].encode(message)[4:])
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(frame) - 1))
        frame[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    wire = WIRES[other]
    try:
        incarnation, found = wire.decode(bytes(frame))
    except WireError:
        return
    again = wire.encode(found, incarnation)[4:]
    assert wire.decode(again) == (incarnation, found)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
structures = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=9,
)


@given(modes, st.sampled_from(KINDS), st.lists(structures, max_size=4), st.binary(max_size=20))
def test_any_json_under_a_good_name_is_checked_field_by_field(mode, kind, fields, tail):
    text = json.dumps([kind.__name__, *fields]).encode()
    frame = bytes(8) + b"\x01" + len(text).to_bytes(4, "big") + text + tail
    try:
        _, found = WIRES[mode].decode(frame)
    except WireError:
        return
    assert WIRES[mode].decode(WIRES[mode].encode(found)[4:])[1] == found


def reply(text, tail=b""):
    return bytes(8) + b"\x01" + len(text).to_bytes(4, "big") + text + tail


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"", "a frame of 0 bytes"),
        (bytes(8), "too few for a header"),
        (bytes(8) + b"\x02\0\0\0\0", "version 2; this node speaks 1"),
        (bytes(8) + b"\x01\0\0\0\xff{}", "255 bytes of JSON where 2 are left"),
        (reply(b"\xff"), "no JSON"),
        (reply(b"[" * 100_000), "no JSON"),
        (reply(b"1" * 5000), "no JSON"),
        (reply(b"{}"), "expected a list"),
        (reply(b'["Exec",[1,2]]'), "unknown kind Exec"),
        (reply(b'["Ping"]'), "0 fields where 1"),
        (reply(b'["Ping",[1,true]]'), "expected an unsigned integer"),
        (reply(b'["Ping",[1,-1]]'), "expected an unsigned integer"),
        (reply(b'["Ping",[1,2]]', b"x"), "1 bytes that no field names"),
        (reply(b'["Forward",[1,2],"k",3,null]', b"ab"), "a blob of 3 bytes where 2 are left"),
        (reply(b'["ReplicaGet",[1,2],"\\ud800"]'), "expected text"),
        (reply(b'["ReplicaGet",[1,2],"' + b"k" * (MAX_TEXT + 1) + b'"]'), "expected text"),
        (reply(b'["ReplicaState",[1,2],null]'), "expected a list"),
        (reply(b'["ReplicaState",[1,2],[[["a",1]],[["a",2,0]]]]'), "not covered by its own vector"),
        (reply(b'["ReplicaState",[1,2],[[["a",1],["a",2]],[]]]'), "twice"),
        (reply(b'["ReplicaState",[1,2],[[["a",0]],[]]]'), r"expected \[actor, counter\]"),
        (reply(b'["Gossip",[1,2],"v",[[1,"n1","drunk","n2",1,"","",true]]]'), "cannot be drunk"),
        (
            reply(b'["Gossip",[1,2],"v",[[1,"n1","up","n2",99999,"","",true]]]'),
            "99999 tokens; a member has",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_said(frame, reason):
    with pytest.raises(WireError, match=reason):
        WIRES["dotted"].decode(frame)


def test_a_state_of_another_mode_is_not_understood():
    frame = WIRES["dotted"].encode(ReplicaPut((1, 2), "k", DottedState({"a": 1}, {("a", 1): b"v"}), None))
    for mode in ("paper-clock", "last-writer"):
        with pytest.raises(WireError):
            WIRES[mode].decode(frame[4:])


def test_a_greeting_fits_the_limit_for_strangers():
    config = tuple((f"a_long_option_name_{index}", "0.123456789") for index in range(60))
    assert len(WIRES["dotted"].encode(Hello("n" * 60, "m" * 60, 2**64 - 1, config))) < MAX_GREETING


def test_an_unknown_record_is_refused():
    codec = batch_codec("dotted")
    packed = pack(codec, (Copy("k", DottedState({}, {})),)).replace(b"Copy", b"Cope")
    with pytest.raises(WireError, match="unknown kind Cope"):
        unpack(codec, packed)


def test_a_ping_is_small():
    assert len(WIRES["dotted"].encode(Ping((2**64 - 1, 10)), 2**64 - 1)) < 64
