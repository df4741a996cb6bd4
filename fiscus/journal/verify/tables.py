"""Every table, described once: its class, its key, its columns, and who states its rows.

A table or a column that is not described here is a finding; so this is the one place to change
when a column is added. The tables of the class *work* decide nothing, their columns are free.
"""

from collections.abc import Mapping
from typing import NamedTuple

JOURNAL, PROJECTION, SECRET, COMPUTED, WORK = (
    "journal",
    "projection",
    "secret",
    "computed",
    "work",
)


class TableDescription(NamedTuple):
    """One table. `unstated` are columns that no statement has: computed, or work; `hidden` are
    secrets, stated as their SHA-256; `home` is the column that names the chain of the statement;
    `beside` is a column and the table whose row of that key is stated in the same chain. With
    neither of both the chain is the installation's. `later` are columns that came later: a
    statement without one says that it is NULL."""

    kind: str
    columns: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    unstated: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    home: str = ""
    beside: tuple[str, str] | None = None
    later: frozenset[str] = frozenset()

    @property
    def stated(self) -> tuple[str, ...]:
        return tuple(name for name in self.columns if name not in self.unstated)


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def some(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENTRY = words(
    "id chain epoch sequence kind body encoding digest link key signature at organization taxpayer "
    "location intent refers series number day document_type is_training thing version"
)
LINK = some("link")
SERIES_COMPUTED = words("number carried last_record last_day last_at")

TABLES: Mapping[str, TableDescription] = {
    "entry": TableDescription(JOURNAL, ENTRY),
    "checkpoint": TableDescription(JOURNAL, words("epoch size root at note")),
    "leaf_run": TableDescription(JOURNAL, words("epoch start chain chain_epoch first last")),
    "tile": TableDescription(COMPUTED, words("epoch level index hashes")),
    "chain": TableDescription(
        COMPUTED,
        words("id class organization epoch sequence link entry at covered z closed outage"),
        key=("id",),
    ),
    "claim": TableDescription(
        COMPUTED,
        words("scope key digest taker created_at expires_at entry metadata status answer"),
        key=("scope", "key"),
    ),
    "organization": TableDescription(
        PROJECTION,
        words("id parent type name metadata created_at updated_at receipts"),
        key=("id",),
        home="id",
        later=some("receipts"),
    ),
    "taxpayer": TableDescription(
        PROJECTION,
        words(
            "id version organization regime state mode content details secrets secrets_generation "
            "metadata created_at updated_at link sole_number"
        ),
        key=("id",),
        unstated=LINK,
        hidden=some("secrets"),
        home="organization",
    ),
    "location": TableDescription(
        PROJECTION,
        words(
            "id version organization taxpayer is_head_office state mode content details metadata "
            "created_at updated_at link"
        ),
        key=("id",),
        unstated=LINK,
        home="organization",
    ),
    "register": TableDescription(
        PROJECTION,
        words(
            "id version organization taxpayer location state mode content details metadata "
            "created_at updated_at link"
        ),
        key=("id",),
        unstated=LINK,
        home="organization",
    ),
    "subject": TableDescription(
        SECRET,
        words(
            "id organization name key role systems state version generation secret_hash "
            "previous_hash previous_until metadata created_at"
        ),
        key=("id",),
        hidden=some("secret_hash previous_hash"),
        home="organization",
    ),
    "register_key": TableDescription(
        SECRET,
        words("register kind generation serial expires_at public_pem certificate_pem secret"),
        key=("register",),
        hidden=some("secret"),
        beside=("register", "register"),
    ),
    "setting_key": TableDescription(
        SECRET,
        words("name kind generation secret public_pem certificate_pem created_at"),
        key=("name",),
        hidden=some("secret"),
    ),
    "data_key": TableDescription(
        SECRET, words("scope wrapped"), key=("scope",), hidden=some("wrapped")
    ),
    "device": TableDescription(
        SECRET,
        words("id organization kind family info usable_until secret generation created_at"),
        key=("id",),
        hidden=some("secret"),
        home="organization",
    ),
    "fitting": TableDescription(
        PROJECTION,
        words(
            "device register organization client state reason error fitted_at released_at told_at"
        ),
        key=("device",),
        home="organization",
    ),
    "series": TableDescription(
        PROJECTION,
        words(
            "id owner taxpayer location document_type name folded is_training state "
            "validation_code number carried last_record last_day last_at created_at asked_at "
            "starts_on holder held_until link purpose registered_on last_told ordered_at ended_at "
            "said said_at attempts"
        ),
        key=("id",),
        unstated=LINK | {*SERIES_COMPUTED} | some("holder held_until said said_at attempts"),
        beside=("taxpayer", "taxpayer"),
        later=some("purpose registered_on last_told ordered_at ended_at"),
    ),
    "session": TableDescription(
        PROJECTION,
        words(
            "id register organization state currency opening variance opened_at counted_at "
            "closed_at opened_by counted_by closed_by"
        ),
        key=("id",),
        home="register",
    ),
    "closing": TableDescription(
        PROJECTION,
        words(
            "id organization taxpayer register type is_sealed number last_z first_sequence "
            "last_sequence since until day session"
        ),
        key=("id",),
        home="register",
    ),
    "label": TableDescription(PROJECTION, words("entry metadata"), key=("entry",), home="entry"),
    "frozen": TableDescription(
        PROJECTION,
        words("taxpayer product description"),
        key=("taxpayer", "product"),
        home="taxpayer",
    ),
    "bookkeeping": TableDescription(
        PROJECTION,
        words("id version organization content created_at updated_at link"),
        key=("id",),
        unstated=LINK,
        home="organization",
    ),
    "webhook_subscription": TableDescription(
        PROJECTION,
        words(
            "id version organization company endpoint_url event_types status secrets "
            "previous_until created_at updated_at deleted_at deleted_by link"
        ),
        key=("id",),
        unstated=LINK,
        hidden=some("secrets"),
        home="organization",
    ),
    "person": TableDescription(
        PROJECTION,
        words("id version organization code name language role state metadata created_at"),
        key=("id",),
        home="organization",
    ),
    "console_session": TableDescription(
        SECRET,
        words(
            "id version organization kind subject generation role first_day last_day secret_hash "
            "created_at opened_at expires_at ended_at"
        ),
        key=("id",),
        hidden=some("secret_hash"),
        home="organization",
    ),
    "declaration": TableDescription(
        PROJECTION,
        words(
            "id organization taxpayer month type reference latecomers declared_at declared_by "
            "ended_at ended_by reason"
        ),
        key=("id",),
        home="organization",
    ),
    "task": TableDescription(WORK),
    "signing": TableDescription(WORK),
    "obligation": TableDescription(WORK),
    "report_pause": TableDescription(WORK),
    "file": TableDescription(WORK),
    "cosignature": TableDescription(WORK),
    "witness": TableDescription(WORK),
    "followed": TableDescription(WORK),
    "accounting_entry": TableDescription(WORK),
    "task_turn": TableDescription(WORK),
    "accounted": TableDescription(WORK),
    "entry_shape": TableDescription(WORK),
    "export_job": TableDescription(WORK),
    "export_job_item": TableDescription(WORK),
    "export_job_register": TableDescription(WORK),
    "webhook_event": TableDescription(WORK),
    "webhook_delivery": TableDescription(WORK),
    "document_index": TableDescription(WORK),
    "sales_total": TableDescription(WORK),
}

STATED = tuple(name for name, rule in TABLES.items() if rule.kind in (PROJECTION, SECRET))
"""Tables whose rows are compared with statements."""

FOREIGN_TABLES = ("alembic_version",)
"""Tables that tools of databases keep; those of SQLite itself begin with `sqlite_`."""
