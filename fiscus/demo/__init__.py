"""A day in a Berlin kiosk and one in a Lisbon café, played against the real service."""
