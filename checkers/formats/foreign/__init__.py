"""How do other tools write it down? Jepsen's EDN and logs and elle-cli's JSON, read and written."""
