"""A store that orders writes by its wall clock, of which it says nothing to anybody: it cannot be skewed."""

import time

from store import Store, serve


class Stamping(Store):
    def stamp(self, seen):
        return [time.time_ns(), *super().stamp(seen)[1:]]


if __name__ == "__main__":
    serve(Stamping)
