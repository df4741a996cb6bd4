"""What a sub-user of a taxpayer may do, and whether the taxpayer's activity is open: all, and it
is, unless a test says otherwise."""

import sqlite3
from contextlib import closing
from pathlib import Path

from fiscus.channels.at_portugal.simulator.faults import BadFault
from fiscus.channels.at_portugal.simulator.world import connected

PROFILES = frozenset({"WSE", "WFA", "WDT"})
"""Series, documents, transport documents."""


def narrow(folder: Path, username: str, profiles: str) -> None:
    """Leave a sub-user these profiles only (separated by blanks); `all` gives all back."""
    asked = profiles.split()
    if profiles != "all" and not set(asked) <= PROFILES:
        raise BadFault(f"profiles are {', '.join(sorted(PROFILES))}, or all")
    with closing(connected(folder)) as db:
        if profiles == "all":
            db.execute("DELETE FROM permissions WHERE username = ?", (username,))
            return
        db.execute(
            "INSERT INTO permissions VALUES (?, ?) ON CONFLICT (username) DO UPDATE"
            " SET profiles = excluded.profiles",
            (username, " ".join(asked)),
        )


def set_activity(folder: Path, nif: str, *, is_open: bool) -> None:
    """Close the activity of a taxpayer, or open it again."""
    statement = (
        "DELETE FROM without_activity WHERE nif = ?"
        if is_open
        else "INSERT OR IGNORE INTO without_activity VALUES (?)"
    )
    with closing(connected(folder)) as db:
        db.execute(statement, (nif,))


def is_active(db: sqlite3.Connection, nif: str) -> bool:
    """Whether the activity of a taxpayer is open."""
    found = db.execute("SELECT 1 FROM without_activity WHERE nif = ?", (nif,)).fetchone()
    return found is None
