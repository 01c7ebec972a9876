"""What was recorded? Events and operations, sessions, rounds of final reads, elements of sets: a history
as values, before anybody judges it."""
