"""The command line says what is wrong, in one line that names the option and the fix, and exits with 4."""

import json

import pytest

from reference.cli.command import main, parser, serve_settings
from reference.cli.settings import address, node_config, peers
from reference.net.errors import UsageError
from reference.node import Node

PEERS = "n1=127.0.0.1:7001,n2=127.0.0.1:7002,n3=127.0.0.1:7003"


def settings_of(*words):
    return serve_settings(parser().parse_args(["serve", *words]))


def test_the_same_peers_form_the_ring_and_say_where_this_node_listens(tmp_path):
    found = settings_of("--name", "n2", "--peers", PEERS, "--data", str(tmp_path))
    assert found.listen == ("127.0.0.1", 7002)
    assert found.http == ("127.0.0.1", 8000)
    assert list(found.peers) == ["n1", "n2", "n3"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("8001", ("127.0.0.1", 8001)), (":8001", ("127.0.0.1", 8001)), ("[::1]:80", ("::1", 80))],
)
def test_a_port_alone_is_one_of_loopback(text, expected):
    """Q4: nothing is open to others unless told so."""
    assert address(text, "--http") == expected


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--name", "n4"], "--name n4 is not in --peers (n1, n2, n3)"),
        (["--name", "n1", "--joining"], "--joining: --peers are the present members"),
        (["--name", "n4", "--joining"], "--listen HOST:PORT is needed"),
        (["--name", "n1", "--http", "host:http"], "--http: expected HOST:PORT, got `host:http`"),
        (["--name", "n1", "--http", "h:70000"], "--http: expected HOST:PORT"),
        (["--name", "n1", "--http", "h:" + "1" * 5000], "--http: expected HOST:PORT"),
        (["--name", "n1", "--http", "a" * 150 + ":1"], "cannot be a host's name"),
        (["--name", "n1", "--http", "no\0host:1"], "cannot be a host's name"),
        (["--name", "n1", "--peers", "n1=h:1,n1=h:2"], "--peers: n1 is there twice"),
        (["--name", "n1", "--peers", "n1=h:1,n2=h:1"], "--peers: n2 has the address of another node"),
        (["--name", "n1", "--peers", "n1:h:1"], "--peers: expected NAME=HOST:PORT"),
        (["--name", "n1", "--peers", "n1=h:1,n2=h:2"], "n=3 copies need as many nodes, there are 2"),
        (["--name", "n1", "--config", "no-such-file"], "--config no-such-file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_work_is_said(words, reason, capsys):
    assert main(["serve", "--peers", PEERS, "--data", "unused", *words]) == 4
    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1


def test_data_is_needed_unless_nothing_is_kept(tmp_path):
    with pytest.raises(UsageError, match="--data DIR is needed"):
        settings_of("--name", "n1", "--peers", PEERS)
    (tmp_path / "config").write_text("engine = memory")
    found = settings_of("--name", "n1", "--peers", PEERS, "--config", str(tmp_path / "config"))
    assert found.data is None


def test_a_configuration_of_lines_or_json_over_the_defaults(tmp_path):
    lines = tmp_path / "lines"
    lines.write_text("# ours\nr = 1\n\nsloppy = false   # strict\nmode = paper-clock\nanti_entropy_s = 2\n")
    whole = tmp_path / "json"
    whole.write_text('{"r": 1, "sloppy": false, "mode": "paper-clock", "anti_entropy_s": 2.0}')
    assert node_config(lines) == node_config(whole)
    assert (node_config(lines).r, node_config(lines).sloppy, node_config(lines).w) == (1, False, 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("q = 1", "unknown field `q`"),
        ("n = three", "n: expected int, got 'three'"),
        ("sloppy = maybe", "sloppy: expected bool"),
        ("r = 4", "must lie between 1 and n=3"),
        ("n 3", "line 1: expected `name = value`"),
        ("n = 3\nn = 3", "line 2: expected `name = value`, each name once"),
        ("{", "Expecting"),
        ('{"n": ' + "[" * 100_000, "recursion"),
        ('{"n": ' + "1" * 5_000 + "}", "digits"),
        ("n = " + "1" * 5_000, "n: expected int"),
        ("tokens = 5000", "tokens: 5000 must be between 1 and 4_096"),
        ('{"n": "3"}', "n: expected int"),
    ],
)
def test_a_bad_configuration_names_the_file_and_the_field(tmp_path, text, reason):
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(UsageError, match=str(path)) as caught:
        node_config(path)
    assert reason in str(caught.value)


def test_peers_may_be_written_with_spaces():
    assert peers("n1=a:1, n2=b:2") == {"n1": ("a", 1), "n2": ("b", 2)}


def test_help_teaches(capsys):
    assert main(["serve", "--help"]) == 0
    text = capsys.readouterr().out
    for said in ("curl -X PUT", "--peers", "forms the ring", "max_object_bytes", "clock_limit"):
        assert said in text


def test_an_unknown_command_is_a_usage_error(capsys):
    assert main(["serv"]) == 4


def test_one_client_command_after_the_other(live, capsys):
    http = ["--http", str(live.http_port)]
    assert main(["put", "word", "one", *http]) == 0
    assert main(["put", "word", "two", *http]) == 0
    capsys.readouterr()
    assert main(["get", "word", *http]) == 0
    shown = capsys.readouterr()
    assert sorted(shown.out.split()) == ["one", "two"]
    context = shown.err.split()[1]
    assert main(["put", "word", "three", "--context", context, *http]) == 0
    assert main(["put", "word", "four", "--replace", *http]) == 0
    capsys.readouterr()
    assert main(["get", "word", *http]) == 0
    assert capsys.readouterr().out == "four\n"
    assert main(["put", "other", "x", "--context", context, *http]) == 1
    assert "refused: X-Dynamo-Context: it belongs to another key" in capsys.readouterr().err
    assert main(["delete", "word", *http]) == 0
    capsys.readouterr()
    assert main(["get", "word", *http]) == 0
    assert capsys.readouterr().out == ""
    assert main(["status", *http]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "n1"


def test_no_node_there(capsys):
    assert main(["get", "k", "--http", "1"]) == 4
    assert "no node at 127.0.0.1:1" in capsys.readouterr().err


def test_an_exception_in_the_node_ends_the_process_with_its_traceback(tmp_path, capsys, monkeypatch):
    async def broken(self):
        raise KeyError("a bug")

    monkeypatch.setattr(Node, "start", broken)
    (tmp_path / "config").write_text("engine = memory")
    words = ["serve", "--name", "n1", "--peers", PEERS.replace("7001", "0"), "--http", "0"]
    assert main([*words, "--config", str(tmp_path / "config")]) == 1
    error = capsys.readouterr().err
    assert "n1 broke:" in error
    assert "KeyError: 'a bug'" in error
