"""Whatever a command changes, an entry of a chain says so, and which operator gave it.

The examples are written by hand, the list of commands is not: who adds a command says here whether
it changes anything, and if so by an example.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

import msgspec
import pytest
import typer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import load_der_private_key
from sqlalchemy import Engine, create_engine, select

from fiscus.accounting import jobs
from fiscus.channels import Accepted, RegisterSeries
from fiscus.cli import LISTED
from fiscus.commands.options import operator
from fiscus.commands.tests.command_line import fiscus, unmasked
from fiscus.commands.tests.places import PERIOD, place_of
from fiscus.journal import encode
from fiscus.model.kinds import EntryKind
from fiscus.outbox import queue
from fiscus.outbox.queue import OutboxTask
from fiscus.provisioning.provision import TASK_RELEASE
from fiscus.registry import organizations
from fiscus.registry.roles import Role
from fiscus.reporting.tests.authority import YES
from fiscus.store.connect import writing
from fiscus.store.schema import ENTRY, OBLIGATION, TAXPAYER
from fiscus.webhooks import deliveries, events, subscriptions
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.events import DeliveryTask
from fiscus.webhooks.states import SubscriptionStatus
from fiscus.webhooks.subscriptions import WantedSubscription
from tests.support import keys, telling, words
from tests.support.premises import MONDAY, Model, Premises, continued, opened
from tests.support.till import Till

CHANGING_NOTHING: Mapping[str, str] = {
    "serve": "who asks it is journaled, see tests/journeys",
    "work": "does what was journaled when it was asked for",
    "migrate": "brings tables to the newest schema: no row says anything else after it",
    "verify": "reads",
    "check": "reads a file",
    "demo": "plays in a folder of its own",
    "notification": "reads, and writes a file",
    "export dsfinvk": "leaves what `export saft` leaves, by the same function",
    "books charts": "reads",
    "books show": "reads",
    "books entries": "makes entries of what is journaled: no row says anything else after it",
    "books report": "leaves what `books entries` leaves",
    "books jobs": "reads",
    "books totals": "reads",
    "books render": "reads, and writes a file",
    "export tse": "leaves what `export saft` leaves, by the same function",
    "keys list": "reads",
    "keys public": "reads",
    "console list": "reads",
    "receipts show": "reads",
    "receipts list": "reads",
    "console ticket": "lets one file be checked, and shows nobody's data",
    "journal fingerprint": "reads",
    "journal checkpoint": "a checkpoint is part of the journal itself, and signed by the log's key",
    "journal proof": "reads",
    "journal keys": "reads",
    "journal witnesses": "reads",
    "series list": "reads",
    "series show": "reads",
    "series compare": "reads, and asks the authority",
    "systems list": "reads",
    "simulate": "an authority for tests, with a world of its own",
    "taxpayers list": "reads",
    "taxpayers show": "reads",
    "reporting list": "reads",
    "reporting show": "reads",
    "reporting months": "reads",
    "tasks list": "reads",
    "tasks show": "reads",
    "webhooks list": "reads",
    "webhooks show": "reads",
    "webhooks secret": "reads",
    "webhooks deliveries": "reads",
    "witness init": "makes the folder of a witness, which has no journal and knows none of ours",
    "witness trust": "changes a file of a witness, which has no journal",
    "witness serve": "a witness keeps in its folder what it signed, and cosigns nothing unseen",
    "witness show": "reads",
}
"""Commands without an example, with the reason."""


CALLER = "a caller"
"""Who made what an example needs and no command makes."""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """An installation with a shop in it. `place`: where commands find it; `system` its register,
    `folder` where files may be written."""

    premises: Premises
    place: Mapping[str, str]
    organization: str
    location: str
    system: str
    key: str
    folder: Path

    def runs(self, *arguments: str) -> None:
        told = fiscus(*arguments, **self.place)
        assert told.code == 0, told.error


def commands() -> Iterator[str]:
    """All commands that there are, each as it is typed."""
    for one in LISTED:
        if not one.is_group:
            yield one.name
            continue
        made = typer.main.get_command(import_module(one.module).cli)
        for name in made.commands:  # type: ignore[attr-defined]
            yield f"{one.name} {name}"


def adopt(shop: Shop) -> None:
    """A series that the program of before had registered."""
    message = RegisterSeries(
        taxpayer=words.NIF,
        document_type="FR",
        name="VELHA",
        first_number=1,
        starts_on=date.fromisoformat(MONDAY.date().isoformat()),
        facts={"class": "SI", "type": "FR", "certificate": "30", "processing": "PI"},
    )
    login = {"username": f"{words.NIF}/9", "password": "the program of before"}
    answer = shop.premises.services.channels("at_portugal").send(message, login)
    assert isinstance(answer, Accepted)
    said = ("FR", "VELHA", "--last-number", "0", "--location", shop.location)
    shop.runs("series", "adopt", *said)


def register_series(shop: Shop) -> None:
    shop.runs("series", "register", "FR", "NOVA", "--location", shop.location)


def finish_series(shop: Shop) -> None:
    """The one that its sale was numbered in."""
    told = fiscus("series", "list", "--json", **shop.place)
    [used] = [one for one in json.loads(told.out) if one["last_number"]]
    fiscus("series", "finish", used["type"], used["name"], **shop.place)


def exports(shop: Shop, what: str) -> None:
    day = MONDAY.date().isoformat()
    shop.runs("export", what, "--from", day, "--to", day, "-o", str(shop.folder / what))


def dead_task(shop: Shop) -> str:
    """A task that was given up, of the shop's organization."""
    services = shop.premises.services
    with writing(services.engine) as tx:
        queue.enqueue(tx, "dead-task", TASK_RELEASE, "device", services.clock(), shop.organization)
        task = OutboxTask(id="dead-task", kind=TASK_RELEASE, payload="device", attempts=0)
        assert queue.given_up(tx, task, "nobody there", services.clock())
    return task.id


JOB = "0196a1f0-0000-4000-8000-000000000001"


def books(shop: Shop) -> None:
    shop.runs("books", "begin")


def books_for_datev(shop: Shop) -> None:
    books(shop)
    shop.runs("books", "set", "datev-extf", "consultant_number=1001", "client_number=7")


def open_job(shop: Shop) -> None:
    """A job that a program has asked for and not worked off."""
    books(shop)
    told = fiscus("books", "entries", "--json", **shop.place)
    listed = json.loads(told.out)["entries"]
    services = shop.premises.services
    with writing(services.engine) as tx:
        jobs.create(
            tx,
            id_=JOB,
            company=listed[0]["company"],
            organization=shop.organization,
            entries=[one["id"] for one in listed],
            by="connector",
            at=datetime.now(UTC),
        )


def ended_job(shop: Shop) -> None:
    open_job(shop)
    shop.runs("books", "cancel", JOB)


def loads_books(shop: Shop) -> None:
    file = shop.folder / "rules.csv"
    file.write_text("key;account;name\nclearing;1189;Our own\n", "utf-8")
    shop.runs("books", "load", str(file))


def exports_books(shop: Shop) -> None:
    shop.runs("books", "export", "datev-extf", "-o", str(shop.folder / "month"), *PERIOD)


def a_report(shop: Shop) -> str:
    with shop.premises.services.engine.connect() as tx:
        return str(tx.scalar(select(OBLIGATION.c.id)))


def no_receipts(shop: Shop) -> None:
    services = shop.premises.services
    with writing(services.engine) as tx:
        organizations.switch_receipts(
            tx, shop.organization, is_on=False, by="ana", at=services.clock()
        )


LINK_OF = ("--from", "2026-01-01", "--to", "2026-12-31", "--json", "--organization")


def a_link(shop: Shop) -> str:
    told = fiscus("console", "link", *LINK_OF, shop.organization, **shop.place)
    assert told.code == 0, told.error
    return str(json.loads(told.out)["session"])


def told_reports(shop: Shop) -> None:
    telling.tell(shop.premises, lambda report: YES)


def here_since_2020(shop: Shop) -> None:
    """Whatever the wall clock says, months of that year are over."""
    with shop.premises.services.engine.begin() as tx:
        tx.execute(TAXPAYER.update().values(created_at="2020-01-15T12:00:00.000000Z"))


BEFORE: Mapping[str, Callable[[Shop], None]] = {
    "receipts on": no_receipts,
    "series cancel": register_series,
    "reporting delete": told_reports,
    "reporting declare": here_since_2020,
    "books load": books,
    "books set": books,
    "books export": books_for_datev,
    "books cancel": open_job,
    "books retry": ended_job,
}
"""What must have happened before some of the examples."""

HOOK = "https://ledger.example/hook"


def subscribed(shop: Shop, *, is_on: bool = True) -> str:
    """A subscription that a caller of the API made."""
    services = shop.premises.services
    wanted = WantedSubscription(
        endpoint_url=HOOK,
        event_types=("record.sealed",),
        role=Role.OWNER,
        status=SubscriptionStatus.ACTIVE if is_on else SubscriptionStatus.INACTIVE,
    )
    with writing(services.engine) as tx:
        made = subscriptions.create(
            tx,
            services.vault,
            wanted,
            id_=services.uuid7(),
            organization=shop.organization,
            private=services.settings.private_targets(),
            entropy=services.entropy,
            by=CALLER,
            at=services.clock(),
        )
    return made.id


def ended_delivery(shop: Shop) -> tuple[str, str]:
    """A subscription, and a delivery of it that was given up."""
    services, id_ = shop.premises.services, subscribed(shop)
    with writing(services.engine) as tx:
        events.tell(tx, shop.organization, EventType.RECORD_SEALED, "it", services.clock())
        [found] = deliveries.of(tx, id_, limit=2)
        said = msgspec.json.encode(DeliveryTask(delivery=found.id, organization=shop.organization))
        name = f"{events.TASK}:{found.id}:0"
        task = OutboxTask(id=name, kind=events.TASK, payload=said.decode(), attempts=0)
        assert queue.given_up(tx, task, "nobody there", services.clock())
        deliveries.give_up(tx, task, "nobody there")
    return id_, found.id


EXAMPLES: Mapping[str, Callable[[Shop], None]] = {
    "init": lambda shop: shop.runs("init", "--another", "--json"),
    "keys create": lambda shop: shop.runs(
        "keys", "create", "pos-5", "--organization", shop.organization, "--json"
    ),
    "keys disable": lambda shop: shop.runs("keys", "disable", shop.key),
    "keys enable": lambda shop: shop.runs("keys", "enable", shop.key),
    "keys rotate": lambda shop: shop.runs("keys", "rotate", shop.key, "--json"),
    "receipts on": lambda shop: shop.runs("receipts", "on", "--organization", shop.organization),
    "receipts off": lambda shop: shop.runs("receipts", "off", "--organization", shop.organization),
    "console link": lambda shop: shop.runs("console", "link", *LINK_OF, shop.organization),
    "console end": lambda shop: shop.runs("console", "end", a_link(shop)),
    "journal rotate": lambda shop: shop.runs("journal", "rotate", shop.system),
    "series adopt": adopt,
    "series register": register_series,
    "series cancel": lambda shop: shop.runs("series", "cancel", "FR", "NOVA"),
    "series finish": finish_series,
    "systems set": lambda shop: shop.runs("systems", "set", "--numbers", "ignore"),
    "taxpayers set": lambda shop: shop.runs("taxpayers", "set", "--reporting", "saft"),
    "reporting retry": lambda shop: shop.runs("reporting", "retry", a_report(shop)),
    "reporting delete": lambda shop: shop.runs(
        "reporting", "delete", a_report(shop), "--reason", "to the wrong customer"
    ),
    "reporting declare": lambda shop: shop.runs(
        "reporting", "declare", "2020-02", "--as", "no-invoicing"
    ),
    "tasks revive": lambda shop: shop.runs("tasks", "revive", dead_task(shop)),
    "tasks forget": lambda shop: shop.runs("tasks", "forget", dead_task(shop)),
    "books begin": books,
    "books load": loads_books,
    "books set": lambda shop: shop.runs("books", "set", "beancount", "roots=8=Income"),
    "books export": exports_books,
    "books cancel": lambda shop: shop.runs("books", "cancel", JOB),
    "books retry": lambda shop: shop.runs("books", "retry", JOB),
    "webhooks add": lambda shop: shop.runs(
        "webhooks", "add", HOOK, "record.sealed", "--organization", shop.organization, "--json"
    ),
    "webhooks rotate": lambda shop: shop.runs("webhooks", "rotate", subscribed(shop), "--json"),
    "webhooks pause": lambda shop: shop.runs("webhooks", "pause", subscribed(shop)),
    "webhooks resume": lambda shop: shop.runs("webhooks", "resume", subscribed(shop, is_on=False)),
    "webhooks delete": lambda shop: shop.runs("webhooks", "delete", subscribed(shop)),
    "webhooks redeliver": lambda shop: shop.runs("webhooks", "redeliver", *ended_delivery(shop)),
    "export saft": lambda shop: exports(shop, "saft"),
    "export journal": lambda shop: exports(shop, "journal"),
}
ELSEWHERE = {"keys import"}
"""Commands that want an installation of another kind: they have a test of their own here."""


def with_shop(premises: Premises) -> Till:
    till = premises.unit().opens_shop()
    till.changed(f"/taxpayers/{till.taxpayer}", {}, {"reporting": "realtime"})
    till.sells(words.receipt())  # only a key that has signed something has a successor
    return till


@pytest.fixture(scope="module")
def shop_model(
    model: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Model, Till]]:
    """An installation with a shop in it, to be copied, and the shop's register."""
    folder = tmp_path_factory.mktemp("shop")
    with continued(model, folder / "shop", with_shop) as found:
        yield found


@pytest.fixture
def shop(shop_model: tuple[Model, Till], tmp_path: Path) -> Iterator[Shop]:
    """A copy that a command may change."""
    installed, till = shop_model
    with opened(installed, tmp_path / "installation") as premises:
        yield Shop(
            premises=premises,
            place=place_of(premises),
            organization=till.organization,
            location=till.location,
            system=till.system,
            key=till.credentials[0],
            folder=tmp_path,
        )


def ordered(engine: Engine) -> dict[str, tuple[str, str]]:
    """Kind of each entry of all chains and who ordered it, by its id."""
    records = {kind.value for kind in EntryKind}
    with engine.connect() as tx:
        rows = tx.execute(select(ENTRY.c.id, ENTRY.c.kind, ENTRY.c.body)).all()
    return {
        row.id: (
            row.kind,
            encode.decode(row.kind, row.body).by
            if row.kind in records
            else encode.statement(row.kind, row.body).by,
        )
        for row in rows
    }


def test_every_command_has_an_example_or_changes_nothing() -> None:
    found = list(commands())

    assert sorted(found) == sorted([*EXAMPLES, *ELSEWHERE, *CHANGING_NOTHING])


@pytest.mark.parametrize("command", EXAMPLES)
def test_a_command_leaves_an_entry_that_names_the_operator(shop: Shop, command: str) -> None:
    engine = shop.premises.services.engine
    BEFORE.get(command, lambda _: None)(shop)
    before = ordered(engine)

    EXAMPLES[command](shop)

    new = [told for id_, told in ordered(engine).items() if id_ not in before]
    assert operator() in [by for _, by in new]
    # A tenant's data key is made by the service when the first secret of it is closed, and the
    # service says what becomes of a job that the operator wants.
    by_service = {"job@1", "export@1"} if command == "books export" else {"secret@1"}
    if command.startswith("series"):
        by_service = {"series@1"}  # what the authority has answered
    assert {kind for kind, by in new if by not in (operator(), CALLER)} <= by_service


@pytest.mark.parametrize("whose", ["organization", "root", "package"])
def test_each_key_of_the_journal_is_rotated_by_the_operator(shop: Shop, whose: str) -> None:
    engine = shop.premises.services.engine
    before = ordered(engine)

    shop.runs("journal", "rotate", shop.organization if whose == "organization" else whose)

    new = [told for id_, told in ordered(engine).items() if id_ not in before]
    assert new == [("key@1", operator())]


def test_a_key_of_a_law_is_imported_by_the_operator(tmp_path: Path) -> None:
    """Where sales are for real: elsewhere a key is made at the first start."""
    live = {"data_dir": str(tmp_path / "data"), "environment": "live"}
    made = unmasked(tmp_path, "init", "--json", **live)
    assert made.code == 0, made.error
    key = load_der_private_key(keys.seal_key(), None)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "key.pem").write_bytes(pem)
    engine = create_engine(f"sqlite:///{tmp_path / 'data' / 'fiscus.db'}")
    before = ordered(engine)

    told = unmasked(tmp_path, "keys", "import", "pt", "key.pem", **live)

    assert told.code == 0, told.error
    new = [told for id_, told in ordered(engine).items() if id_ not in before]
    engine.dispose()
    assert new == [("secret@1", operator())]
