"""A store that ends by itself: one node does, when it has kept so many writes since it started."""

import os
import sys

from store import Store, serve

FATAL = 25


class Crashing(Store):
    kept = 0

    def keep(self, key, stamp, value):
        super().keep(key, stamp, value)
        self.kept += 1
        if self.name == "n2" and self.kept == FATAL:
            print(
                "panic: index out of range [25] with length 25\n\ngoroutine dump\n  at 0x25", file=sys.stderr
            )
            sys.stderr.flush()
            os._exit(3)


if __name__ == "__main__":
    serve(Crashing)
