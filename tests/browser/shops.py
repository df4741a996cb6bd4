"""A real installation for the pages: `fiscus serve` with a shop in Berlin, one in Lisbon, and one
whose names are written to break pages. The first two have played the demo's days.

    python -m tests.browser.shops [--port PORT]

serves it for looking at by hand, and says the keys.
"""

import argparse
import io
import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from rich.console import Console

from bench.installation import SQLITE, Installation, fresh
from fiscus.app import wall_clock
from fiscus.demo import books
from fiscus.demo.berlin import day as berlin
from fiscus.demo.berlin import story as berlin_story
from fiscus.demo.berlin.day import BerlinResults
from fiscus.demo.client import ServiceConnection
from fiscus.demo.lisbon import day as lisbon
from fiscus.demo.lisbon import story as lisbon_story
from fiscus.demo.lisbon.authority import simulated
from fiscus.demo.lisbon.day import LisbonResults
from fiscus.registry import bootstrap, keys
from fiscus.registry.roles import Role
from tests.browser import belongings
from tests.storms.two_histories import log_key, witnesses
from tests.support import hostile, words
from tests.support.till import Json, Till

RECEIPTS = 60
"""So many coffees are sold in Lisbon after the demo's day: lists have several pages."""

KIOSK, CAFE = "Kiosk am Kotti GmbH", "Padaria"

_WITNESSED_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """One shop's organization, and a key of each role for it: the subject, with credentials.
    `things` are the ids of what it has."""

    organization: str
    subjects: dict[Role, Json]
    things: dict[str, str] = field(default_factory=dict)

    def key(self, role: Role) -> str:
        """Key and secret in one word, as somebody types it to sign in."""
        return in_one_word(self.subjects[role]["credentials"])


@dataclass(frozen=True, kw_only=True)
class Shops:
    """A running installation with three shops. `owner` is the operator's key; `package` is a
    journal package of the shop in Lisbon, `records` are ids of its documents."""

    installation: Installation
    address: str
    owner: str
    kiosk: Tenant
    cafe: Tenant
    strange: Tenant
    berlin: BerlinResults
    lisbon: LisbonResults
    records: list[str]

    @property
    def package(self) -> Path:
        return self.lisbon.package

    def fiscus(self, *arguments: str) -> str:
        """What a command prints that is typed on this machine."""
        return self.installation.run(*arguments)


@contextmanager
def served(folder: Path, port: int = 0) -> Iterator[Shops]:
    """Build it in an empty folder and serve it until the end; half a minute."""
    state = str(folder / "state")
    with (
        witnesses(folder, 1) as seeing,
        fresh(
            SQLITE,
            folder,
            FISCUS_CHECKPOINT_SECONDS="1",
            FISCUS_STATE_DIR=state,
            FISCUS_WITNESSES=" ".join(one.address for one in seeing),
            FISCUS_RATE_LIMIT_PER_SECOND="0",
        ) as installation,
    ):
        if port:
            installation.ports.append(port)
            installation.start(port)
            installation.wait(port)
        else:
            installation.serve(1)
        first = json.loads(installation.run("init", "--json"))
        for one in seeing:
            one.trust(log_key(installation))
        yield _furnished(installation, first)


def _furnished(installation: Installation, first: Json) -> Shops:
    data = installation.folder / "data"
    address = f"http://127.0.0.1:{installation.ports[0]}"
    quiet, begun = Console(file=io.StringIO()), wall_clock()
    folders = [installation.folder / name for name in ("berlin", "lisbon", "books")]
    for one in folders:
        one.mkdir()
    with simulated(data) as authority, closing(ServiceConnection(address)) as line:
        kiosk = berlin.play(line, first, folders[0], data / "devices", quiet)
        cafe = lisbon.play(line, first, authority, folders[1], quiet)
    accountants = (berlin_story.ACCOUNTANT, lisbon_story.ACCOUNTANT)
    books.hand_over(data, folders[2], accountants, begun, quiet)
    with httpx.Client(base_url=address, timeout=30) as http:
        owner = Till(http=http).with_token(first["key"], first["secret"])
        strange = hostile.opened(owner)
        named = {one["name"]: one["id"] for one in owner.listed("/organizations")}
        tenants = [_tenant(owner, named[name]) for name in (KIOSK, CAFE, strange)]
        records = _more_coffees(http, tenants[1])
        for shop in tenants:
            shop.things.update(
                belongings.of_shop(installation, http, shop.organization, shop.subjects)
            )
        _until_witnessed(http)
    return Shops(
        installation=installation,
        address=address,
        owner=first["api_key"],
        kiosk=tenants[0],
        cafe=tenants[1],
        strange=tenants[2],
        berlin=kiosk,
        lisbon=cafe,
        records=records,
    )


def _tenant(owner: Till, organization: str) -> Tenant:
    maker = replace(owner, scope=organization)
    made = {
        role: maker.made("/subjects", {"type": "API_KEY", "name": f"{role}-key", "role": role})
        for role in Role
    }
    return Tenant(organization=organization, subjects=made)


def in_one_word(credentials: Json) -> str:
    return keys.in_one_word(bootstrap.PLATFORM, credentials["key"], credentials["secret"])


def _more_coffees(http: httpx.Client, cafe: Tenant) -> list[str]:
    """Receipts, each for another person; gives the ids of all of the café's documents."""
    said = cafe.subjects[Role.MANAGER]["credentials"]
    manager = Till(http=http).with_token(said["key"], said["secret"])
    manager.system = manager.listed("/systems")[0]["id"]
    for count in range(RECEIPTS):
        manager.sells(words.receipt(series="BALCAO-1", number=str(count + 4)))
    found = [one["content"] for page in manager.pages("/records") for one in page["results"]]
    return [one["id"] for one in found if one["type"].startswith("TRANSACTION")]


def _until_witnessed(http: httpx.Client) -> None:
    """Until a checkpoint over all that was sold has a second signature."""
    until = time.monotonic() + _WITNESSED_SECONDS
    while http.get("/checkpoint").text.count("\n— ") < 2:
        if time.monotonic() > until:
            raise RuntimeError("no witness has signed")
        time.sleep(0.2)


def main() -> None:
    """Serve it until somebody presses Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve the shops of the browser tests.")
    parser.add_argument("--port", type=int, default=0)
    asked = parser.parse_args()
    with (
        TemporaryDirectory(prefix="fiscus-shops-") as folder,
        served(Path(folder), asked.port) as it,
    ):
        said = {"address": it.address, "owner": it.owner, "data": f"{folder}/data"}
        for name, one in (("berlin", it.kiosk), ("lisbon", it.cafe), ("strange", it.strange)):
            said |= {f"{name} {role}": one.key(role) for role in one.subjects}
        print("\n".join(f"{name:18} {value}" for name, value in said.items()), flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            sys.exit(0)


if __name__ == "__main__":
    main()
