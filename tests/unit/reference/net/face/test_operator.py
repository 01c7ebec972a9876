"""`POST /admin/members`: what an operator may say, and what he is told where it cannot be."""

import json

import pytest

PATH = "/admin/members"


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"{", 400, "not JSON"),
        (b"[]", 400, "must be a JSON object"),
        (b'{"change": "leave", "nod": "n2"}', 400, "unknown field `nod`"),
        (b'{"change": "leave"}', 400, "needs `change`"),
        (b'{"change": "vanish", "node": "n2"}', 400, "join, leave, remove"),
        (b'{"change": "join", "node": "n3"}', 400, "needs `address`"),
        (b'{"change": "join", "node": "n3", "address": "127.0.0.1:x"}', 400, "has no port"),
        ('{"change": "join", "node": "n3", "address": "127.0.0.1:²"}'.encode(), 400, "has no port"),
        (b'{"change": "join", "node": "n3", "address": "127.0.0.1:99999"}', 400, "between 1 and 65535"),
        (b'{"change": "join", "node": "n3", "address": "127.0.0.1\\u0000:80"}', 400, "names no host"),
        (b'{"change": "join", "node": "n3", "address": "%s:80"}' % (b"a" * 150), 400, "names no host"),
        (b'{"change": "join", "node": "n3", "address": "\\ud800:80"}', 400, "names no host"),
        (b'{"change": "join", "node": "\\ud800", "address": "127.0.0.1:1"}', 400, "no member is called"),
        (b'{"change": "join", "node": "n\\u0000", "address": "127.0.0.1:1"}', 400, "no member is called"),
        (b'{"change": "join", "node": "n3", "address": "h:1", "center": "\\ud800"}', 400, "no data centre"),
        (b'{"change": "join", "node": "n3", "address": "h:1", "tokens": 4097}', 400, "between 1 and 4096"),
        (b"[" * 100_000, 400, "not JSON"),
        (b'{"change": "join", "tokens": %s}' % (b"1" * 5000), 400, "not JSON"),
        (b'{"change": "join", "node": "n3", "address": "127.0.0.1:1", "tokens": 0}', 400, "between 1 and"),
        (b'{"change": "join", "node": "n3", "address": "127.0.0.1:1", "tokens": true}', 400, "must be a int"),
        (b'{"change": "join", "node": "n1", "address": "127.0.0.1:1"}', 409, "n1 is up"),
        (b'{"change": "leave", "node": "n9"}', 409, "n9 is no member"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(live, body, status, reason):
    got, fields, _ = live.ask("POST", PATH, body)
    assert got == status
    assert reason in fields["reason"]
    assert fields["outcome"] == "refused"


def test_a_join_and_a_removal_show_among_the_members(live):
    join = {"change": "join", "node": "n3", "address": "127.0.0.1:9", "tokens": 7, "center": "east"}
    assert live.ask("POST", PATH, json.dumps(join).encode())[:2][0] == 202
    third = live.ask("GET", PATH)[1]["members"][2]
    assert third == {
        "name": "n3",
        "status": "joining",
        "tokens": 7,
        "center": "east",
        "address": "127.0.0.1:9",
    }
    status, fields, _ = live.ask("POST", PATH, b'{"change": "remove", "node": "n3"}')
    assert (status, fields["now"]) == (202, "gone")


def test_the_last_copies_cannot_be_let_go(live):
    """One copy of every key needs one node."""
    assert live.ask("POST", PATH, b'{"change": "remove", "node": "n2"}')[0] == 202
    status, fields, _ = live.ask("POST", PATH, b'{"change": "leave", "node": "n1"}')
    assert status == 409
    assert "fewer than N=1" in fields["reason"]
