"""A day in a Lisbon café, in the words of the Unified API: up to a checked audit file."""
