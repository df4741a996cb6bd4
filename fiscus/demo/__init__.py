"""A day in a Lisbon café, played against the real service: from nothing to an audit file."""
