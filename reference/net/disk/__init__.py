"""Where the node's data lives: files, groups of records that are whole or not there, SQLite."""
