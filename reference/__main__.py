"""`python -m reference COMMAND`: run a node, or speak to one."""

from __future__ import annotations

import sys

from reference.cli.command import main

if __name__ == "__main__":
    sys.exit(main())
