"""Witnesses of the journal's log: the server that an outsider runs, and what asks it.

A witness remembers the newest checkpoint of each log that it knows and cosigns a newer one only if
the log has merely grown. So nobody can show one history to it and another to somebody else.
"""
