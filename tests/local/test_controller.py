"""Nothing outlives its controller: not an orderly end, not SIGKILL, and nothing at all the next start."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.testbeds.hosts.leftovers import PREFIX, Register, end_leftovers, root
from harness.testbeds.hosts.processes import Process, started
from tests.local.processes import gone, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks into /proc"),
]

CONTROLLER = """
import sys
from pathlib import Path
from harness.systems.dynamo import Dynamo
from harness.testbeds.local.testbed import LocalTestbed

testbed = LocalTestbed(1, ("n1", "n2", "n3"))
Dynamo().deploy(testbed, {"n": 3})

async def story():
    for node in testbed.nodes:
        await testbed.start(node)
    await testbed.pause("n2")
    print("started", flush=True)
    await testbed.sleep(float(sys.argv[1]))

try:
    testbed.run(story())
finally:
    testbed.close(Path(sys.argv[2]))
"""


def controller(tmp_path: Path, seconds: float) -> subprocess.Popen[bytes]:
    """A process that runs three nodes, one of them paused, for so long; `tmp_path` marks all of them."""
    process = subprocess.Popen(
        [sys.executable, "-c", CONTROLLER, str(seconds), str(tmp_path / "logs")],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"started\n"
    return process


def registers(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.glob(f"schism-*/{PREFIX}*"))


def test_an_orderly_end_leaves_no_process_and_no_file_but_the_logs(tmp_path: Path) -> None:
    process = controller(tmp_path, 0)
    assert process.wait(30) == 0
    assert running(str(tmp_path)) == []
    assert registers(tmp_path) == []
    assert sorted(log.parent.name for log in tmp_path.glob("logs/*/log.txt")) == ["n1", "n2", "n3"]


def test_an_interrupt_leaves_no_process(tmp_path: Path) -> None:
    process = controller(tmp_path, 60)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) != 0
    assert running(str(tmp_path)) == []
    assert registers(tmp_path) == []


def test_sigkill_of_the_controller_ends_its_nodes_the_paused_one_too(tmp_path: Path) -> None:
    process = controller(tmp_path, 60)
    assert len(running(str(tmp_path))) == 4
    process.kill()
    process.wait()
    assert gone(str(tmp_path))
    assert len(registers(tmp_path)) == 1  # its files wait for the next start
    again = controller(tmp_path, 0)
    again.wait(30)
    assert registers(tmp_path) == []


def sleeper(register: Register | None) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    if register is not None:
        register.add("n1", process.pid)
    return process


def abandon(register: Register) -> None:
    """As if its controller had been killed: the line then names a process that is not there."""
    lines = (register.directory / "processes").read_text().splitlines()
    gone_one = [line.replace(str(os.getpid()), "999999999") for line in lines if line.endswith(" controller")]
    rest = [line for line in lines if not line.endswith(" controller")]
    (register.directory / "processes").write_text("\n".join([*gone_one, *rest]) + "\n")


def test_the_next_start_ends_what_a_dead_controller_left_and_only_that(tmp_path: Path) -> None:
    dead, alive = Register(tmp_path), Register(tmp_path)
    left, stranger, others = sleeper(dead), sleeper(None), sleeper(alive)
    abandon(dead)
    try:
        assert end_leftovers(tmp_path) == [left.pid]
        assert left.wait(5) == -signal.SIGKILL
        assert not dead.directory.exists()
        assert (stranger.poll(), others.poll()) == (None, None)
        assert alive.directory.exists()
        assert end_leftovers(tmp_path) == []
    finally:
        for process in (left, stranger, others):
            process.kill()
            process.wait()


def test_a_process_that_only_has_the_id_of_a_dead_one_is_left_alone(tmp_path: Path) -> None:
    dead = Register(tmp_path)
    stranger = sleeper(None)
    try:
        with (dead.directory / "processes").open("a") as file:
            file.write(f"{stranger.pid} boot/12345 n1\n")
        abandon(dead)
        assert end_leftovers(tmp_path) == []
        assert stranger.poll() is None
        assert not dead.directory.exists()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_directory_that_its_controller_has_just_made_is_not_touched(tmp_path: Path) -> None:
    fresh = tmp_path / f"{PREFIX}fresh"
    fresh.mkdir()
    end_leftovers(tmp_path)
    assert fresh.exists()


def test_the_root_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert root() == tmp_path / f"schism-{os.getuid()}"
    assert root().stat().st_mode & 0o777 == 0o700
    root().chmod(0o755)
    with pytest.raises(Exception, match="private directory"):
        root()


def test_a_process_is_known_by_its_start_and_paused_as_the_system_says(tmp_path: Path) -> None:
    process = Process(["sleep", "60"], tmp_path, tmp_path / "log.txt")
    began = started(process.pid)
    assert began
    assert not process.paused
    process.signal(signal.SIGSTOP)
    deadline = time.monotonic() + 60
    while not process.paused and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.paused
    assert started(process.pid) == began
    process.end()
    assert started(process.pid) == ""
    assert process.exit_code == -signal.SIGKILL
