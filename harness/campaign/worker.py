"""A worker process: reads runs as JSON lines from stdin, executes and judges each, answers with its row.

    -> {"number": 7, "directory": "store/quick-1/runs/0007-…", "run": {…}, "limit_s": 120}
    <- {"ready": true} once, then for each run {"row": {…}}   or   {"fatal": "one line", "exit": 4}

The answers go to the stdout that the process was started with; anything else that prints lands on stderr.
A run that takes longer than `limit_s` of wall time ends the process with its stack on stderr. When the
campaign's process is gone (SIGKILL), the worker goes at once too, and leaves what is on disk.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from harness.campaign.one import crashed, run_one
from harness.errors import SchismError
from harness.plan.load import run_from_json


def main() -> None:
    """Answer until stdin ends, the campaign goes away, or a run is interrupted."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    threading.Thread(target=_go_with, args=(os.getppid(),), daemon=True).start()
    try:
        _send(answers, {"ready": True})
        for line in sys.stdin.buffer:
            task = msgspec.json.decode(line)
            faulthandler.dump_traceback_later(task["limit_s"], exit=True)
            answer = _answer(task)
            faulthandler.cancel_dump_traceback_later()
            _send(answers, answer)
            if "fatal" in answer or answer["row"].interrupted:
                return
    except (BrokenPipeError, KeyboardInterrupt):
        return


def _go_with(campaign: int) -> None:
    while os.getppid() == campaign:
        time.sleep(0.5)
    os._exit(1)


def _answer(task: dict[str, Any]) -> dict[str, Any]:
    begun = time.perf_counter()
    run = run_from_json(task["run"])
    try:
        return {"row": run_one(run, task["number"], Path(task["directory"]))}
    except SchismError as error:
        return {"fatal": str(error), "exit": int(error.exit)}
    except Exception as error:
        # What no part of the run caught: this run failed, by our fault; the next ones may still be done.
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        failure = f"worker: {type(error).__name__}: {error} ({where})"
        return {"row": crashed(run, task["number"], failure, time.perf_counter() - begun)}


def _send(answers: BinaryIO, answer: dict[str, Any]) -> None:
    answers.write(msgspec.json.encode(answer) + b"\n")
    answers.flush()


if __name__ == "__main__":
    main()
