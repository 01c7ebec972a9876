"""What the harness does to a node from outside: a full disk, a moved clock, a parent that goes."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time

import pytest

from tests.net.cluster import ask, cluster, values, wait_for


@pytest.fixture
def one(tmp_path):
    (tmp_path / "config").write_text("n = 1\nr = 1\nw = 1\nrequest_timeout_s = 0.3\n")
    skew = ("--skew-file", str(tmp_path / "skew"))
    with cluster(tmp_path, 1, "--config", str(tmp_path / "config"), *skew) as nodes:
        yield nodes


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit")
def test_a_node_whose_disk_is_full_stops_acknowledging_says_so_and_recovers(one):
    assert ask(one, "n1", "PUT", "/kv/before", b"v")[0] == 200
    process = one.processes["n1"].pid
    size = (one.data / "n1" / "log").stat().st_size
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size + 100, resource.RLIM_INFINITY))
    outcomes = []
    writer = threading.Thread(target=lambda: outcomes.append(ask(one, "n1", "PUT", "/kv/full", bytes(1000))))
    writer.start()
    wait_for(lambda: ask(one, "n1", "GET", "/health")[0] == 503)
    assert "cannot write" in ask(one, "n1", "GET", "/status")[1]["storage"]["trouble"]
    status, body, _ = ask(one, "n1", "PUT", "/kv/refused", b"v")
    assert (status, body["outcome"]) == (503, "refused")
    assert values(one, "n1", "before") == [b"v"], "it still reads"
    assert (one.data / "n1" / "log").stat().st_size <= size + 100
    resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    wait_for(lambda: ask(one, "n1", "GET", "/health")[0] == 200)
    writer.join()
    assert outcomes[0][0] in (200, 504), "written at last, or unknown: never refused"
    assert ask(one, "n1", "PUT", "/kv/after", b"v")[0] == 200
    one.kill("n1")
    one.start("n1")
    assert values(one, "n1", "after") == [b"v"]
    assert values(one, "n1", "refused") == []


def test_the_skew_file_moves_the_wall_clock_of_a_running_node(one):
    def offset_ms():
        return ask(one, "n1", "GET", "/admin/state")[1]["offset_ms"]

    assert abs(offset_ms()) < 50
    for wanted in (5_000.0, -250.0):
        (one.data / "new").write_text(json.dumps({"offset_ms": wanted}))
        os.replace(one.data / "new", one.data / "skew")
        assert offset_ms() == pytest.approx(wanted, abs=50)
    (one.data / "skew").unlink()
    assert abs(offset_ms()) < 50


def test_a_damaged_log_is_refused_until_it_is_accepted(one):
    for index in range(5):
        ask(one, "n1", "PUT", f"/kv/k{index}", bytes(100))
    one.kill("n1")
    log = one.data / "n1" / "log"
    damaged = bytearray(log.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    log.write_bytes(damaged)
    with pytest.raises(RuntimeError, match=r"error: .*damaged at byte \d+"):
        one.start("n1")
    assert one.processes["n1"].wait(5) == 4
    one.kill("n1")
    one._options.append("--accept-damage")
    one.start("n1")
    assert "damaged bytes given up" in one.log("n1")
    held = sum(ask(one, "n1", "GET", f"/admin/local/k{index}")[1]["held"] for index in range(5))
    assert held == 4


def test_make_cluster_prints_what_to_try_and_stops_cleanly_on_ctrl_c(tmp_path):
    command = [
        sys.executable,
        "-m",
        "reference.cli.cluster",
        "--nodes",
        "3",
        "--data",
        str(tmp_path / "data"),
    ]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        lines = []
        while not any("Ctrl-C" in line for line in lines):
            line = running.stdout.readline()
            assert line, "it ended"
            lines.append(line)
        put = next(line for line in lines if "curl -X PUT" in line).split("#")[0].split()
        assert b'"ok"' in subprocess.run(put, capture_output=True, check=True, timeout=60).stdout
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 0
    finally:
        running.kill()
        running.wait()
        running.stdout.close()
    for name in ("n1", "n2", "n3"):
        assert f"{name} stopped" in (tmp_path / "data" / f"{name}.log").read_text()


def test_nodes_end_with_a_cluster_that_is_killed(tmp_path):
    command = [
        sys.executable,
        "-m",
        "reference.cli.cluster",
        "--nodes",
        "3",
        "--data",
        str(tmp_path / "data"),
    ]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert "3 nodes" in running.stdout.readline()
    running.kill()
    running.wait()
    running.stdout.close()
    logs = [tmp_path / "data" / f"{name}.log" for name in ("n1", "n2", "n3")]
    deadline = time.monotonic() + 60
    while not all("stopped" in log.read_text() for log in logs):
        assert time.monotonic() < deadline
        time.sleep(0.05)
