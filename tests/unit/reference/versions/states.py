"""States of every mode, as a cluster could hold them, for Hypothesis: a few replicas that write and merge."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from reference.versions.dotted import Dotted
from reference.versions.last_writer import LastWriter
from reference.versions.paper_clock import PaperClock
from reference.versions.siblings import Event

MODES = {
    "dotted": Dotted(),
    "paper-clock": PaperClock(),
    "paper-clock, cut": PaperClock(2),
    "last-writer": LastWriter(),
}
REPLICAS = 3


@dataclass(frozen=True)
class Step:
    """One thing that happens to one replica: a put, a delete, or taking in another replica's state."""

    kind: str
    replica: int
    other: int
    context: int | None
    """Which of the contexts read so far it carries; None: blind."""
    wall: int


steps = st.lists(
    st.builds(
        Step,
        kind=st.sampled_from(["put", "put", "delete", "merge", "read", "read"]),
        replica=st.integers(0, REPLICAS - 1),
        other=st.integers(0, REPLICAS - 1),
        context=st.none() | st.integers(0, 30),
        wall=st.integers(0, 5),
    ),
    max_size=25,
)


def play(versions: Any, history: list[Step]) -> list[Any]:
    """Every state that any replica ever held, as `history` unfolds, the latest of each replica last."""
    replicas = [versions.empty] * REPLICAS
    contexts: list[Any] = []
    held: list[Any] = []
    stamps = [0] * REPLICAS
    for number, step in enumerate(history):
        at = step.replica
        clock = contexts[step.context % len(contexts)] if contexts and step.context is not None else None
        if step.kind == "read":
            contexts.append(replicas[at].clock())
            continue
        if step.kind == "merge":
            replicas[at] = versions.merge(replicas[at], replicas[step.other])
        elif step.kind == "put" or clock is not None:
            stamps[at] = max(stamps[at] + 1, step.wall)
            value = f"v{number}".encode() if step.kind == "put" else None
            event = Event(f"n{at}@1", f"n{at}", stamps[at])
            replicas[at] = versions.write(replicas[at], value, clock, event)
        held.append(replicas[at])
    return [versions.empty, *held, *replicas]
