"""A cluster of real nodes on loopback, to try with curl: `python -m reference.cli.cluster`.

The nodes are children of this process, read its end on their standard input, and stop with it however it
ends.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from reference.cli.settings import LOOPBACK

START_S, STOP_S = 15.0, 5.0


class Cluster:
    """Nodes n1 to nK on free ports. `start` and `stop` one or all; always ended by process id."""

    def __init__(
        self,
        data: Path,
        count: int = 5,
        options: Sequence[str] = (),
        program: Sequence[str] = (sys.executable, "-m", "reference"),
    ) -> None:
        """`options` are added to every node's command line; `program` runs a node's commands."""
        self.data = data
        self.names = [f"n{index + 1}" for index in range(count)]
        ports = free_ports(2 * count)
        self.ports = dict(zip(self.names, ports[:count], strict=True))
        """Where clients find each node, on loopback."""
        self.peer_ports = dict(zip(self.names, ports[count:], strict=True))
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._said: dict[str, int] = {}
        self._options = list(options)
        self._program = list(program)

    def start(self, *names: str, timeout_s: float = START_S) -> None:
        """Start these, or all, and wait until they are ready. Raises RuntimeError with what one said."""
        names = names or tuple(self.names)
        for name in names:
            self._spawn(name)
        for name in names:
            self._await_ready(name, time.monotonic() + timeout_s)

    def log(self, name: str) -> str:
        """All that a node has printed."""
        path = self.data / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def kill(self, name: str) -> None:
        """SIGKILL."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()

    def stop(self) -> list[int]:
        """End all in order; their exit codes. SIGKILL for those who do not."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        codes = []
        for process in self.processes.values():
            try:
                codes.append(process.wait(STOP_S))
            except subprocess.TimeoutExpired:
                process.kill()
                codes.append(process.wait())
            assert process.stdin is not None
            process.stdin.close()
        self.processes.clear()
        return codes

    def _spawn(self, name: str) -> None:
        peers = ",".join(f"{peer}={LOOPBACK}:{port}" for peer, port in self.peer_ports.items())
        command = [*self._program, "serve", "--name", name, "--peers", peers, "--stop-on-eof"]
        command += ["--http", str(self.ports[name]), "--data", str(self.data / name), *self._options]
        self._said[name] = len(self.log(name))
        with open(self.data / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )

    def _await_ready(self, name: str, deadline: float) -> None:
        while f"{name} ready" not in self.log(name)[self._said[name] :]:
            if self.processes[name].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start: {self.log(name) or 'it said nothing'}")
            time.sleep(0.02)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody uses at this moment.

    Below those that systems hand to outgoing connections, so that a node that was killed finds its own free.
    """
    found: list[int] = []
    candidates = list(range(15_000, 32_000))
    random.shuffle(candidates)
    while len(found) < count:
        port = candidates.pop()
        with socket.socket() as attempt, contextlib.suppress(OSError):
            attempt.bind((LOOPBACK, port))
            found.append(port)
    return found


def main() -> int:
    """Run until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make cluster", description="Real nodes on loopback, for curl.")
    parser.add_argument("--nodes", type=int, default=5)
    parser.add_argument("--data", type=Path, help="keep their data here (default: a folder that is removed)")
    parser.add_argument("--config", help="configuration file of the nodes")
    arguments = parser.parse_args()
    options = ["--config", arguments.config] if arguments.config else []
    with contextlib.ExitStack() as held:
        data = arguments.data or Path(held.enter_context(tempfile.TemporaryDirectory(prefix="dynamo-")))
        data.mkdir(parents=True, exist_ok=True)
        cluster = Cluster(data, arguments.nodes, options)
        held.callback(cluster.stop)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)
        try:
            cluster.start()
            print(_advice(cluster), flush=True)
            signal.pause()
        except RuntimeError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\nstopping the nodes", flush=True)
    return 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _advice(cluster: Cluster) -> str:
    first, second, last = (f"http://{LOOPBACK}:{cluster.ports[name]}" for name in _three(cluster.names))
    nodes = "  ".join(f"{name} http://{LOOPBACK}:{port}" for name, port in cluster.ports.items())
    return f"""\
{len(cluster.names)} nodes, data in {cluster.data}: {nodes}

  curl -X PUT --data-binary milk {first}/kv/cart
  curl -i {last}/kv/cart                  # the values in base64, and their context
  curl -X PUT --data-binary bread {second}/kv/cart    # blind: a sibling of milk
  C=$(curl -si {last}/kv/cart | tr -d '\\r' | sed -n 's/^X-Dynamo-Context: //p')
  curl -X PUT -H "X-Dynamo-Context: $C" --data-binary milk+bread {first}/kv/cart    # replaces both
  curl {first}/status    # also /health /metrics /admin/state /admin/members
  kill -9 {cluster.processes[cluster.names[0]].pid}    # {cluster.names[0]} dies; the others go on

Ctrl-C stops them."""


def _three(names: Sequence[str]) -> tuple[str, str, str]:
    return names[0], names[len(names) // 2], names[-1]


if __name__ == "__main__":
    sys.exit(main())
