"""The whole node as one file that any python3 >= 3.11 runs: `python -m reference.cli.bundle FILE.pyz`.

The same source gives the same bytes: names sorted, times fixed, nothing compressed (zlib's output differs
between its versions).
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import reference

_SHEBANG = b"#!/usr/bin/env python3\n"
_MAIN = """\
import sys

if sys.version_info < (3, 11):
    sys.exit("error: this node needs python3 >= 3.11, this is " + sys.version.split()[0])

from reference.cli.command import main

sys.exit(main())
"""
_DATE = (1980, 1, 1, 0, 0, 0)


def build(target: Path) -> int:
    """Write the file; its size in bytes."""
    root = Path(reference.__file__).parent
    files = {path.relative_to(root.parent).as_posix(): path.read_text() for path in root.rglob("*.py")}
    files["__main__.py"] = _MAIN
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".new")
    with open(unfinished, "wb") as file:
        file.write(_SHEBANG)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(name, _DATE)
                entry.create_system = 3
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, files[name])
    unfinished.chmod(0o755)
    unfinished.replace(target)
    return target.stat().st_size


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m reference.cli.bundle FILE.pyz")
    print(
        f"{sys.argv[1]}: {build(Path(sys.argv[1])):,} bytes; run it with `python3 {sys.argv[1]} serve --help`"
    )
