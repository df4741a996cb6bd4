"""`fiscus demo --serve`: the service of the demo stays up, so that people can look at its shops."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType

from rich.console import Console

from fiscus.app import wall_clock
from fiscus.commands.serving import listening_at
from fiscus.demo.client import Json, UnexpectedAnswer
from fiscus.demo.play import DemoFolder, play
from fiscus.demo.service import commanded, served
from fiscus.model.documents import DocumentKind
from fiscus.model.faults import Refused
from fiscus.registry.roles import Role

HOST, PORT = "127.0.0.1", 8080
NEWEST = 50
"""So many receipts are looked through for one of each shop."""

OWNER_KEY = "demo-owner"
"""The name of the key that the demo makes for whoever looks at it."""

DAYS_BACK = timedelta(days=31)


@dataclass(frozen=True, kw_only=True)
class OwnerSignIn:
    """What signs in as the owner of a shop, as often as wanted: an API key and its secret."""

    key: str
    secret: str


@dataclass(frozen=True, kw_only=True)
class ShopToLookAt:
    """One shop: the address of a receipt, a link that signs in once, and its owner's key."""

    name: str
    receipt: str
    link: str
    owner: OwnerSignIn


def played_and_served(out: Path, console: Console, port: int = 0) -> None:
    """Serve what a demo has left in the folder; without any, it is played first."""
    folder = DemoFolder(out=out)
    if not is_played(folder):
        play(out, console)
    serve(folder.data, folder.log, console, port)


def is_played(folder: DemoFolder) -> bool:
    """Whether a demo was played there to its end: before that, what is there is half a day."""
    return folder.reports[1].exists()


def serve(data: Path, log: Path, console: Console, port: int = 0) -> None:
    """Serve the data folder until somebody stops it: Ctrl-C, or SIGTERM. `port` 0: the usual one,
    or a free one if another program has it. Raises `UnexpectedAnswer`."""
    address = f"http://{HOST}:{port or _free_port()}"
    with _until_stopped() as stopped, served(data, log, address) as found:
        _tell(console, found, shops(data, found))
        stopped()
    console.print("\nStopped. The same command shows it again.")


def _free_port() -> int:
    for port in (PORT, 0):
        try:
            with listening_at(HOST, port) as taken:
                return int(taken.getsockname()[1])
        except Refused:
            continue
    raise UnexpectedAnswer("no port is free")


@contextmanager
def _until_stopped() -> Iterator[Callable[[], object]]:
    """Gives what waits until this process is told to stop."""
    stop = threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop.wait
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def shops(data: Path, address: str) -> tuple[ShopToLookAt, ...]:
    """Each shop with its newest receipt, as `fiscus receipts list` and `fiscus console link` give
    them."""
    printed = commanded(data, "receipts", "list", "--limit", str(NEWEST), "--json", at=address)
    newest: dict[str, Json] = {}
    for one in json.loads(printed):
        if one["kind"] == DocumentKind.RECEIPT and not one["is_cancelled"]:
            newest.setdefault(one["organization"], one)
    return tuple(
        ShopToLookAt(
            name=one["shop"],
            receipt=one["address"],
            link=_link(data, address, id_),
            owner=owner(data, id_),
        )
        for id_, one in newest.items()
    )


def _link(data: Path, address: str, organization: str) -> str:
    today = wall_clock().date()
    days = ("--from", (today - DAYS_BACK).isoformat(), "--to", (today + timedelta(1)).isoformat())
    whose = ("--organization", organization)
    made: Json = json.loads(commanded(data, "console", "link", *whose, *days, "--json", at=address))
    return str(made["link"])


def owner(data: Path, organization: str) -> OwnerSignIn:
    """An owner's key of that organization. It is made once, and has another secret each time that
    the demo is served: the one before opens nothing any more."""
    whose = ("--organization", organization)
    found: list[Json] = json.loads(commanded(data, "keys", "list", *whose, "--json"))
    known = [one for one in found if one["name"] == OWNER_KEY]
    order: tuple[str, ...]
    if known:
        order = ("rotate", str(known[0]["id"]), "--grace", "0")
    else:
        order = ("create", OWNER_KEY, *whose, "--role", Role.OWNER.value)
    made: Json = json.loads(commanded(data, "keys", *order, "--json"))
    return OwnerSignIn(key=made["key"], secret=made["secret"])


def _tell(console: Console, address: str, found: tuple[ShopToLookAt, ...]) -> None:
    console.print(f"\n[bold]Look at it[/bold]  {address}", soft_wrap=True)
    for shop in found:
        console.print(f"\n  [bold]{shop.name}[/bold]", soft_wrap=True)
        console.print(f"  a receipt, as its customer sees it  {shop.receipt}", soft_wrap=True)
        console.print("  as an auditor, who reads and changes nothing")
        console.print(f"  (this link opens once)              {shop.link}", soft_wrap=True)
        console.print("  as the owner of this shop, who sees and may do everything in it:")
        console.print(
            f"  sign in here, as often as you like  {address}/console/sign-in", soft_wrap=True
        )
        console.print(f"  API key                             {shop.owner.key}", soft_wrap=True)
        console.print(f"  secret                              {shop.owner.secret}", soft_wrap=True)
    console.print("\nThese keys are for this demo only: it is TEST data, and the next start makes")
    console.print("new secrets. Each key sees its own shop; sign out to look at the other.")
    console.print("\nA file or a code to check, without signing in:")
    console.print(f"  {address}/check", soft_wrap=True)
    console.print("\nCtrl-C stops it.")


def command(out: Path) -> str:
    """What to type to look at what was left in that folder."""
    program = sys.argv[0] if os.path.basename(sys.argv[0]) == "fiscus" else "fiscus"
    inside = os.path.relpath(program) if os.path.isabs(program) else program
    folder = "" if out == Path("demo-output") else f" --out {out}"
    return f"{inside} demo --serve{folder}"
