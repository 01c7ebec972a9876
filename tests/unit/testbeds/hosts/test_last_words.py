"""Why a process ended, from what it left: the cause, not the last line of a dump."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.testbeds.hosts.last_words import SILENT, causes, last_words

PYTHON = """\
INFO ready
Traceback (most recent call last):
  File "node.py", line 3, in <module>
    serve()
ValueError: too few children

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "node.py", line 9, in <module>
    stop()
  File "node.py", line 12, in stop
    raise RuntimeError("cannot stop")
RuntimeError: cannot stop
sys:1: ResourceWarning: unclosed socket
"""
GO = """\
2026/01/01 listening
panic: assignment to entry in nil map

goroutine 17 [running]:
main.(*Store).Put(...)
\t/src/store.go:41 +0x1d
exit status 2
"""
JAVA = """\
Exception in thread "main" java.lang.IllegalStateException: cannot open
\tat org.example.Main.main(Main.java:5)
Caused by: java.io.IOException: disk is full
\tat org.example.Log.open(Log.java:9)
\t... 1 more
"""
RUST = """\
thread 'main' panicked at src/main.rs:3:5:
called `Option::unwrap()` on a `None` value
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (PYTHON, ["RuntimeError: cannot stop"]),
        (GO, ["panic: assignment to entry in nil map"]),
        (GO.replace("panic: assignment to entry in nil map", "fatal error: all goroutines are asleep"),
         ["fatal error: all goroutines are asleep"]),
        (JAVA, ['Exception in thread "main" java.lang.IllegalStateException: cannot open',
                "Caused by: java.io.IOException: disk is full"]),
        (RUST, ["thread 'main' panicked at src/main.rs:3:5:", "called `Option::unwrap()` on a `None` value"]),
        ("terminate called after throwing an instance of 'E'\n  what():  boom\nAborted\n",
         ["terminate called after throwing an instance of 'E'", "what():  boom"]),
        ("ready\nbye\n\n", ["bye"]),
        ("", []),
    ],
)  # fmt: skip
def test_the_lines_that_say_why(text: str, why: list[str]) -> None:
    assert causes(text.splitlines()) == why


def test_only_what_this_life_said_counts(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text(GO)
    before = log.stat().st_size
    with log.open("a") as file:
        file.write("ready\nout of space\n")
    assert last_words(log, before) == ["out of space"]
    assert last_words(log, log.stat().st_size) == [SILENT]
    assert last_words(tmp_path / "none.txt") == [SILENT]
