"""The append-only, hash-chained, signed log: one function writes, several read, one verifies."""
