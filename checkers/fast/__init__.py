"""Judges large histories from their columns: what is clean is cleared here, the rest goes the plain way.

A screen proves that a check finds nothing, and gives the very finding that the check would give. It never
accuses: where it sees anything odd it says nothing, and the check itself judges, with its evidence. So the
same findings come out, sooner.
"""

LARGE = 20_000
"""Operations below which the checks themselves are as quick as any preparation."""
