"""The database itself forbids changing what is written once, on both engines."""

from collections.abc import Iterator

REFUSAL = "is append-only: rows are never changed or removed"


def statements(name: str, dialect: str) -> Iterator[str]:
    """The DDL that makes one table append-only."""
    if dialect == "sqlite":
        for event in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {name}_no_{event.lower()} BEFORE {event} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, '{name} {REFUSAL}'); END"
            )
        return
    yield (
        f"CREATE FUNCTION {name}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{name} {REFUSAL}'; END $$"
    )
    yield (
        f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}_is_append_only()"
    )
