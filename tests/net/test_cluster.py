"""Five real processes: any node takes any request, one may die, and what it missed reaches it later."""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from reference.cli.cluster import Cluster
from tests.net.cluster import ask, cluster, reads, wait_for


@pytest.fixture(scope="module")
def five(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("five")) as nodes:
        yield nodes


def test_what_one_node_took_every_node_returns(five):
    for index, name in enumerate(five.names):
        assert ask(five, name, "PUT", f"/kv/shared-{index}", f"by {name}".encode())[0] == 200
    for name in five.names:
        for index, writer in enumerate(five.names):
            reads(five, name, f"shared-{index}", [f"by {writer}".encode()])


def test_siblings_at_two_nodes_are_merged_by_a_context_from_a_third(five):
    ask(five, "n1", "PUT", "/kv/cart", b"milk")
    ask(five, "n2", "PUT", "/kv/cart", b"bread")
    reads(five, "n3", "cart", [b"bread", b"milk"])
    reads(five, "n4", "cart", [b"bread", b"milk"])
    context = ask(five, "n4", "GET", "/kv/cart")[2]
    assert ask(five, "n5", "PUT", "/kv/cart", b"bread milk", context)[0] == 200
    reads(five, "n1", "cart", [b"bread milk"])
    reads(five, "n2", "cart", [b"bread milk"])
    context = ask(five, "n2", "GET", "/kv/cart")[2]
    assert ask(five, "n3", "DELETE", "/kv/cart", None, context)[0] == 200
    reads(five, "n4", "cart", [])


def test_the_owners_and_only_they_hold_a_key(five):
    ask(five, "n1", "PUT", "/kv/placed", b"v")
    held = {name: ask(five, name, "GET", "/admin/local/placed")[1]["held"] for name in five.names}
    wait_for(
        lambda: sum(ask(five, name, "GET", "/admin/local/placed")[1]["held"] for name in five.names) == 3
    )
    assert 2 <= sum(held.values()) <= 3


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_a_context_survives_a_round_trip_through_curl(five, tmp_path):
    url = f"http://127.0.0.1:{five.ports['n1']}/kv/curl"
    value = tmp_path / "value"
    value.write_bytes(bytes(range(256)) * 400)

    def curl(*words):
        return subprocess.run(
            ["curl", "-sS", "--max-time", "10", *words], capture_output=True, check=True
        ).stdout

    for _ in range(2):
        assert b'"ok"' in curl("-X", "PUT", "--data-binary", f"@{value}", url)
    head = curl("-D", "-", "-o", "/dev/null", url).decode()
    context = next(line.split(": ")[1] for line in head.splitlines() if line.startswith("X-Dynamo-Context"))
    assert b'"ok"' in curl("-X", "PUT", "-H", f"X-Dynamo-Context: {context}", "-d", "merged", url)
    reads(five, "n2", "curl", [b"merged"])
    (tmp_path / "large").write_bytes(bytes(1_000_001))
    assert b"1000000" in curl("-X", "PUT", "--data-binary", f"@{tmp_path / 'large'}", url)
    assert curl("-X", "DELETE", "-o", "/dev/null", "-w", "%{http_code}", url) == b"428"


def test_a_node_dies_writes_go_on_and_it_gets_what_it_missed(five):
    """Section 4.6: always writeable, hinted handoff."""
    victim, others = five.names[0], five.names[1:]
    five.kill(victim)
    while ask(five, others[0], "PUT", "/kv/first", b"v")[0] != 200:
        pass  # it may have been forwarded to the node that was just killed: unknown, but soon
    time.sleep(0.5)
    for index in range(12):
        status, body, _ = ask(five, others[index % 4], "PUT", f"/kv/missed-{index}", b"v")
        assert status == 200, body
    hints = sum(ask(five, name, "GET", "/admin/state")[1]["hints"] for name in others)
    assert hints > 0, "the dead node owns some of twelve keys"
    five.start(victim)
    wait_for(lambda: all(ask(five, name, "GET", "/admin/state")[1]["hints"] == 0 for name in five.names))
    for index in range(12):
        owners = [n for n in five.names if ask(five, n, "GET", f"/admin/local/missed-{index}")[1]["held"]]
        assert len(owners) >= 3
        reads(five, victim, f"missed-{index}", [b"v"])


def test_a_stopped_node_keeps_no_request_for_good(five):
    """SIGSTOP: it neither answers nor refuses."""
    victim, others = five.names[2], [name for name in five.names if name != five.names[2]]
    process = five.processes[victim]
    process.send_signal(signal.SIGSTOP)
    answered = 0
    try:
        for index in range(8):
            status = ask(five, others[index % 4], "PUT", f"/kv/stopped-{index}", b"v")[0]
            assert status in (200, 504), "forwarded to it in the first moments: unknown"
            if status == 200:
                reads(five, others[(index + 1) % 4], f"stopped-{index}", [b"v"])
                answered += 1
        assert answered >= 6
    finally:
        process.send_signal(signal.SIGCONT)
    wait_for(lambda: all(ask(five, name, "GET", "/admin/state")[1]["hints"] == 0 for name in five.names))


def test_nodes_stop_on_sigterm_with_0(tmp_path):
    nodes = Cluster(tmp_path, 3)
    try:
        nodes.start()
        ask(nodes, "n1", "PUT", "/kv/k", b"v")
    finally:
        codes = nodes.stop()
    assert codes == [0, 0, 0]
    assert "n1 stopped" in nodes.log("n1")
    assert "Traceback" not in "".join(nodes.log(name) for name in nodes.names)


def test_what_was_acknowledged_is_there_after_all_nodes_were_killed(tmp_path):
    with cluster(tmp_path, 3) as nodes:
        for index in range(20):
            assert ask(nodes, nodes.names[index % 3], "PUT", f"/kv/k{index}", str(index).encode())[0] == 200
        for name in nodes.names:
            nodes.kill(name)
        nodes.start()
        for index in range(20):
            reads(nodes, "n1", f"k{index}", [str(index).encode()])


def start_one(tmp_path, *words):
    command = [
        sys.executable,
        "-m",
        "reference",
        "serve",
        "--name",
        "n1",
        "--data",
        str(tmp_path / "n1"),
        *words,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)


def test_a_port_in_use_is_said_in_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        peers = "n1=127.0.0.1:0,n2=127.0.0.1:1,n3=127.0.0.1:2"
        ended = start_one(tmp_path, "--peers", peers, "--http", str(port))
    assert ended.returncode == 4
    assert ended.stderr == f"error: --http 127.0.0.1:{port}: Address already in use; choose another address\n"


def test_a_parent_that_dies_takes_its_nodes_along(tmp_path):
    with cluster(tmp_path, 3) as nodes:
        process = nodes.processes["n1"]
        process.stdin.close()  # what the system does when the parent is killed
        with contextlib.suppress(subprocess.TimeoutExpired):
            assert process.wait(5) == 0
        assert process.poll() == 0
        process.stdin = open(tmp_path / "n1.log", "rb")  # noqa: SIM115  (closed by the cluster)
