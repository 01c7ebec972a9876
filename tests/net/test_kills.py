"""SIGKILL during writes: no torn record is ever served, and every acknowledged write is there."""

import contextlib
import http.client
import json
import random
import subprocess
import sys
import threading
import time

import pytest

from tests.net.cluster import ask, cluster, values


@pytest.mark.slow
def test_a_writer_killed_two_hundred_times(tmp_path):
    command = [sys.executable, "-m", "tests.net.kill_writers", str(tmp_path), "200", "1"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    counts = json.loads(ended.stdout)
    assert counts["kills"] == 200
    assert counts["acknowledged"] > 200, "the kills came while it wrote"
    assert counts["unacknowledged_kept"] > 0


@pytest.mark.slow
def test_a_node_killed_while_clients_write(tmp_path):
    """The whole way: HTTP, node, log. What answered 200 is there after the next start."""
    (tmp_path / "config").write_text("n = 1\nr = 1\nw = 1\n")
    rng = random.Random(1)
    acknowledged: list[str] = []
    with cluster(tmp_path, 1, "--config", str(tmp_path / "config")) as nodes:
        for turn in range(10):
            stop = threading.Event()

            def write(client, turn=turn, stop=stop):
                number = 0
                with contextlib.suppress(OSError, http.client.HTTPException):
                    while not stop.is_set():
                        key = f"t{turn}-c{client}-{number}"
                        if ask(nodes, "n1", "PUT", f"/kv/{key}", key.encode() * 50)[0] == 200:
                            acknowledged.append(key)
                        number += 1

            clients = [threading.Thread(target=write, args=(client,)) for client in range(3)]
            for client in clients:
                client.start()
            time.sleep(rng.uniform(0.02, 0.15))
            nodes.kill("n1")
            stop.set()
            for client in clients:
                client.join()
            nodes.start("n1")
        assert len(acknowledged) > 100
        for key in acknowledged:
            assert values(nodes, "n1", key) == [key.encode() * 50]
