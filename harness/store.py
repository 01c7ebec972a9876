"""Where results live: `store/<campaign>/`, one row a run in `campaign.db`, one folder a run that is kept.

    store/
      latest -> quick-7        the last campaign that ended
      current -> quick-7-2     the one that began last
      quick-7/
        campaign.db            table `runs`: one row for every run; table `campaign`: what was asked
        results.json report.html junit.xml
        runs/<run>/            plan.yaml history.jsonl results.json report.html

A row holds the run's whole plan, so that a run whose folder was dropped comes back by `schism replay`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import HarnessError, UsageError

DATABASE = "campaign.db"
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
_JSON_COLUMNS = ("counts", "chances", "checks", "findings", "plan")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS campaign (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
  number INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL,
  system TEXT NOT NULL, workload TEXT NOT NULL, nemesis TEXT NOT NULL,
  seed TEXT NOT NULL, promise TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL,
  before_minima TEXT NOT NULL,
  counts TEXT NOT NULL, chances TEXT NOT NULL, checks TEXT NOT NULL, findings TEXT NOT NULL,
  failure TEXT, interrupted INTEGER NOT NULL, history_sha256 TEXT NOT NULL,
  kept INTEGER NOT NULL, seconds REAL NOT NULL, plan TEXT NOT NULL
);
"""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One run as `campaign.db` keeps it. Dictionaries and lists are JSON columns.

    `verdict` is the run's on its own, the minima of a single run included; `before_minima` without them:
    what its cell pools (`checkers.chances.vacuity.pool`). `seed` is text in the database: it has 64 bits.
    """

    number: int
    """Place in the campaign's order, from 1."""
    name: str
    system: str
    workload: str
    nemesis: str
    """The cell: labels of the plan's entries."""
    seed: int
    promise: str = ""
    """What it was judged by: not always what is promised, see `checkers.conditions.promises.effective`."""
    verdict: str = "unknown"
    reason: str = ""
    before_minima: str = "unknown"
    counts: dict[str, int] = {}
    """Operations by outcome: ok, fail, info."""
    chances: dict[str, Any] = {}
    """How much could have failed: ok by function, conflicts, possibly stale reads, faults verified ..."""
    checks: dict[str, dict[str, Any]] = {}
    """By check: verdict, asserted, judged and violations (how many), reason, why, stats."""
    findings: list[dict[str, Any]] = []
    """The first violations of each check: check, asserted, kind, key, ops, message."""
    failure: str | None = None
    """The harness's own failure: its place and text (a crash, a hang, a client's exception)."""
    interrupted: bool = False
    history_sha256: str = ""
    kept: bool = True
    """Whether its folder is still there."""
    seconds: float = 0.0
    plan: dict[str, Any] = {}
    """The `Run`, whole."""


_COLUMNS = tuple(field.name for field in msgspec.structs.fields(Row))


class Database:
    """The rows of one campaign. One writer; readers at any time (WAL)."""

    def __init__(self, path: Path, write: bool = False) -> None:
        self.path = path
        self._write = write
        with self._errors():
            if write:
                self._connection = sqlite3.connect(path)
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = NORMAL")
                self._connection.executescript(_SCHEMA)
            else:
                self._connection = _connect_read_only(path)

    def put(self, row: Row) -> None:
        """Write one run's row at once, replacing an earlier one of the same number."""
        values = msgspec.to_builtins(row)
        values["seed"] = str(row.seed)
        for name in _JSON_COLUMNS:
            values[name] = msgspec.json.encode(values[name]).decode()
        holes = ", ".join("?" for _ in _COLUMNS)
        sql = f"INSERT OR REPLACE INTO runs ({', '.join(_COLUMNS)}) VALUES ({holes})"
        with self._errors(), self._connection:
            self._connection.execute(sql, [values[name] for name in _COLUMNS])

    def dropped(self, number: int) -> None:
        """Note that the folder of this run is gone."""
        with self._errors(), self._connection:
            self._connection.execute("UPDATE runs SET kept = 0 WHERE number = ?", (number,))

    def rows(self) -> Iterator[Row]:
        """Every row, in the order of the campaign."""
        with self._errors():
            for values in self._connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM runs ORDER BY number"):
                yield _row(values)

    def row(self, name: str) -> Row | None:
        """The row of the run called `name`."""
        sql = f"SELECT {', '.join(_COLUMNS)} FROM runs WHERE name = ?"
        with self._errors():
            values = self._connection.execute(sql, (name,)).fetchone()
            return None if values is None else _row(values)

    def note(self, **facts: Any) -> None:
        """Write facts of the whole campaign (name, seed, plan, state ...), each a JSON value."""
        pairs = [(name, msgspec.json.encode(value).decode()) for name, value in facts.items()]
        with self._errors(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO campaign VALUES (?, ?)", pairs)

    def facts(self) -> dict[str, Any]:
        """What `note` wrote."""
        with self._errors():
            pairs = self._connection.execute("SELECT name, value FROM campaign ORDER BY name").fetchall()
            return {name: msgspec.json.decode(value) for name, value in pairs}

    def close(self) -> None:
        """Let go; a writer leaves everything in the one file, which can be read from any place."""
        with self._errors():
            if self._write:
                # Readers that are still there keep the WAL alive: then it stays beside the file.
                with contextlib.suppress(sqlite3.OperationalError):
                    self._connection.execute("PRAGMA journal_mode = DELETE")
            self._connection.close()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """What we cannot write is our failure; what we cannot read is a file that is damaged."""
        try:
            yield
        except (sqlite3.DatabaseError, msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
            if not self._write:
                said = " ".join(str(error).split())[:200] or type(error).__name__
                raise UsageError(f"{self.path}: damaged, or no database of ours: {said}") from None
            if not isinstance(error, sqlite3.DatabaseError):
                raise
            raise HarnessError("store", f"{self.path}: {error}") from None


def _connect_read_only(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise UsageError(f"{path.parent}: no campaign: there is no {path.name} in it")
    # A folder that we may not write to cannot hold the files of WAL: then the file alone is read.
    mode = "mode=ro" if os.access(path.parent, os.W_OK) else "immutable=1"
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True)
    try:
        connection.execute("SELECT count(*) FROM runs")
    except sqlite3.DatabaseError as error:
        raise UsageError(f"{path}: not a campaign's database: {error}") from None
    return connection


def _row(values: tuple[Any, ...]) -> Row:
    row = dict(zip(_COLUMNS, values, strict=True))
    for name in _JSON_COLUMNS:
        row[name] = msgspec.json.decode(row[name])
    found = msgspec.convert(row, Row, strict=False)
    if not all(isinstance(finding.get("asserted"), bool) for finding in found.findings):
        raise ValueError(f"run {found.name}: a finding of no kind")
    return found


class CampaignFolder:
    """The folder of one campaign: paths that cannot leave it, its database, its links."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @classmethod
    def create(cls, store: Path, name: str, seed: int) -> CampaignFolder:
        """A new folder `<name>-<seed>`, with a counter where that exists. Raises UsageError if it cannot."""
        base = require_safe(f"{name}-{seed}")
        try:
            store.mkdir(parents=True, exist_ok=True)
            for number in range(1, 1_000_000):
                directory = store / (base if number == 1 else f"{base}-{number}")
                with contextlib.suppress(FileExistsError):
                    directory.mkdir()
                    (directory / "runs").mkdir()
                    _link(store / "current", directory)
                    return cls(directory)
        except OSError as error:
            raise UsageError(f"{store}: cannot write the store: {error.strerror}: use --store DIR") from None
        raise UsageError(f"{store}: too many campaigns called {base}: use another --store DIR")

    def run_directory(self, name: str) -> Path:
        """Where the run called `name` lives or would live. Raises UsageError on a name that leads out."""
        return self.directory / "runs" / require_safe(name)

    def database(self, write: bool = False) -> Database:
        """Open `campaign.db`. Raises UsageError where there is none to read."""
        return Database(self.directory / DATABASE, write)

    def drop(self, name: str) -> None:
        """Remove a run's folder."""
        shutil.rmtree(self.run_directory(name), ignore_errors=True)

    def discard(self) -> None:
        """Remove it all: nothing ever ran here."""
        shutil.rmtree(self.directory, ignore_errors=True)
        current = self.directory.parent / "current"
        with contextlib.suppress(OSError):
            if current.is_symlink() and not current.exists():
                current.unlink()

    def finished(self) -> None:
        """Make `latest` point here."""
        with contextlib.suppress(OSError):
            _link(self.directory.parent / "latest", self.directory)


def require_safe(name: str) -> str:
    """The name, if it is one plain part of a path. Raises UsageError otherwise."""
    if not _SAFE_NAME.fullmatch(name) or len(name) > 240:
        raise UsageError(f"`{name}` is no name of a run or campaign: letters, digits and - _ . + only")
    return name


def _link(link: Path, target: Path) -> None:
    """Point a relative symbolic link at a sibling, at once; where that cannot be, do without.

    What has that name and is no link is the user's: it stays as it is.
    """
    temporary = link.with_name(f".{link.name}.{os.getpid()}")
    if link.exists() and not link.is_symlink():
        return
    with contextlib.suppress(OSError, NotImplementedError):
        try:
            temporary.unlink(missing_ok=True)
            temporary.symlink_to(target.name)
            temporary.replace(link)
        finally:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the disk says (full, read-only, gone) into one HarnessError that names the path."""
    try:
        yield
    except OSError as error:
        raise HarnessError("store", f"{path}: cannot write: {error.strerror or error}") from None


def write_anew(path: Path, content: str | bytes) -> None:
    """Write a whole file at once: a new one beside it takes its name when all of it is there.

    Whoever reads sees the old content or the new one. A link of that name is replaced, never followed: what
    it points at is not ours; what is neither a file nor a link (a device, a folder) is refused and stays.
    Raises HarnessError where it cannot be written, and leaves nothing behind.
    """
    if path.exists() and not path.is_file() and not path.is_symlink():
        raise HarnessError("store", f"{path}: cannot write: it is no plain file")
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name[:200]}.{os.getpid()}.new")
    with writing(path):
        try:
            temporary.unlink(missing_ok=True)
            with temporary.open("xb") as file:  # x: made by us, not opened through a link
                file.write(data)
            temporary.replace(path)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
