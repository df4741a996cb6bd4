"""Two revisions, measured alternately: `python -m bench.seal --compare REV`, or `bench.tse`.

The servers of each side run that side's code, over a database of that side's own that is kept from
run to run; founding and load are this tree's client for both, so only what both serve is compared.
A pair is one run of each, right after each other, and who begins changes from pair to pair: what
the machine does besides hits both. The median of the pairs' ratios is the answer.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from bench import loads
from bench.client import Ack, Load
from bench.installation import Installation, fresh
from bench.loads import Figure
from bench.machine import Machine, Yardstick, headline, machine, table
from bench.source import Source, checked_out, present

Place = TypeVar("Place")
"""What a bench founds before it can sell."""


class Judgement(Protocol):
    @property
    def is_good(self) -> bool: ...

    def sentence(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Trade(Generic[Place, Ack]):
    """What the benches over HTTP differ in. `found` makes the place with so many registers, `load`
    what so many clients do there, `judged` says whether all that was acknowledged is kept."""

    ack: type[Ack]
    yardstick: Callable[[], Yardstick]
    found: Callable[[Installation, int], Place]
    load: Callable[[Installation, Place, argparse.Namespace, int, int], Load]
    judged: Callable[[Installation, Place, Sequence[Ack]], Judgement]


@dataclass(kw_only=True)
class Side(Generic[Place, Ack]):
    """One revision with its installation and what its clients were promised so far."""

    source: Source
    installation: Installation
    place: Place
    sold: list[Ack]


class Ratios(msgspec.Struct, frozen=True, kw_only=True):
    """This tree divided by the other revision. Above 1 is better in the first two, below 1 in the
    others."""

    per_second: float
    ratio: float
    server_ms: float
    client_ms: float
    p99: float


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    first: str
    there: Figure
    here: Figure
    ratios: Ratios


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """The pairs of one size on one setup, and the median of each ratio."""

    pairs: list[Pair]
    medians: Ratios


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """`revision` is the commit that this tree was compared with. `verdicts` are of both sides."""

    machine: Machine
    revision: str
    seed: int
    seconds: float
    compared: list[Compared]
    verdicts: list[str]
    is_good: bool


def run(trade: Trade[Any, Any], wanted: argparse.Namespace) -> None:
    """Compare, print, and end with 1 if a side lost or broke what it acknowledged."""
    yardstick = trade.yardstick()
    compared: list[Compared] = []
    verdicts: dict[str, bool] = {}
    with checked_out(wanted.compare) as there, present() as here:
        for engine, processes in loads.wanted_setups(wanted):
            for registers in wanted.registers:
                with (
                    _side(trade, there, engine, registers, wanted) as other,
                    _side(trade, here, engine, registers, wanted) as own,
                ):
                    for clients in wanted.clients:
                        size = (processes, registers, clients)
                        compared.append(_compared(trade, yardstick, other, own, wanted, size))
                    for side in (other, own):
                        name = f"{side.source.name}, {engine} {processes}, {registers} registers"
                        verdict, is_good = _verdict(trade, side, is_own=side is own)
                        verdicts[f"{name}: {verdict}"] = is_good
    result = Result(
        machine=machine(),
        revision=there.name,
        seed=wanted.seed,
        seconds=wanted.seconds,
        compared=compared,
        verdicts=list(verdicts),
        is_good=all(verdicts.values()),
    )
    print(markdown(result, yardstick))
    loads.written(wanted.json, result)
    if not result.is_good:
        sys.exit("a side did not keep what it acknowledged")


@contextmanager
def _side(
    trade: Trade[Place, Ack],
    source: Source,
    engine: str,
    registers: int,
    wanted: argparse.Namespace,
) -> Iterator[Side[Place, Ack]]:
    """A revision's own installation, founded, its servers stopped again."""
    with fresh(engine, FISCUS_LOG_LEVEL=wanted.log_level) as installation:
        installation.source = source
        _serve(installation, 1)
        try:
            place = trade.found(installation, registers)
        except (RuntimeError, msgspec.MsgspecError) as error:
            sys.exit(f"{source.name} does not serve what this bench needs: {error}")
        installation.stop()
        yield Side(source=source, installation=installation, place=place, sold=[])


def _serve(installation: Installation, processes: int) -> None:
    """Start the servers, and make sure whose code they run."""
    installation.log.unlink(missing_ok=True)
    installation.serve(processes)
    found = installation.code()
    if found != {installation.source.package}:
        raise RuntimeError(f"{installation.source.name} runs {found or 'unknown code'}")


def _compared(
    trade: Trade[Place, Ack],
    yardstick: Yardstick,
    other: Side[Place, Ack],
    own: Side[Place, Ack],
    wanted: argparse.Namespace,
    size: tuple[int, int, int],
) -> Compared:
    pairs = []
    for number in range(wanted.pairs):
        order = (own, other) if number % 2 else (other, own)
        figures = {
            side.source.name: _run(trade, yardstick, side, wanted, size, number) for side in order
        }
        pairs.append(
            pair(order[0].source.name, figures[other.source.name], figures[own.source.name])
        )
        print(f"  pair {number + 1}: {_short(pairs[-1].ratios)}", file=sys.stderr, flush=True)
    return Compared(pairs=pairs, medians=medians([one.ratios for one in pairs]))


def _run(
    trade: Trade[Place, Ack],
    yardstick: Yardstick,
    side: Side[Place, Ack],
    wanted: argparse.Namespace,
    size: tuple[int, int, int],
    number: int,
) -> Figure:
    """New servers for each run: what a process is lucky in (its hash seed, its memory) is not
    carried from pair to pair."""
    processes, registers, clients = size
    _serve(side.installation, processes)
    load = trade.load(side.installation, side.place, wanted, registers, clients)
    load.seed = load.seed * 1_000 + number  # No idempotency key comes twice.
    print(f"{side.source.name}: ", end="", file=sys.stderr)
    figure, outcome = loads.measured(load, trade.ack, yardstick, side.installation)
    side.sold += outcome.sold
    side.installation.stop()
    if outcome.failures:
        sys.exit(f"{side.source.name} refused: {outcome.failures[0]}")
    return figure


def pair(first: str, there: Figure, here: Figure) -> Pair:
    """Two runs side by side. `first` is the name of the one that came first."""
    ratios = Ratios(
        per_second=_over(here.per_second, there.per_second),
        ratio=_over(here.ratio, there.ratio),
        server_ms=_over(here.server_ms, there.server_ms),
        client_ms=_over(here.client_ms, there.client_ms),
        p99=_over(here.conclude_p99_ms, there.conclude_p99_ms),
    )
    return Pair(first=first, there=there, here=here, ratios=ratios)


def _over(one: float, other: float) -> float:
    """0 stands for nothing to divide by: a run without a single document is no run."""
    return round(one / other, 4) if other else 0.0


def medians(ratios: Sequence[Ratios]) -> Ratios:
    columns = {
        name: round(median(getattr(one, name) for one in ratios), 4)
        for name in Ratios.__struct_fields__
    }
    return Ratios(**columns)


def _verdict(trade: Trade[Place, Ack], side: Side[Place, Ack], *, is_own: bool) -> tuple[str, bool]:
    """This tree is judged by what it acknowledged. The other revision may keep its journal in
    another way, so that only its own verifier can read it."""
    _serve(side.installation, 1)
    if is_own:
        verdict = trade.judged(side.installation, side.place, side.sold)
        return verdict.sentence(), verdict.is_good
    try:
        side.installation.run("verify")
    except subprocess.CalledProcessError as error:
        return f"its own verifier finds: {error.stdout.decode()}", False
    return f"acknowledged {len(side.sold)} documents; its own verifier finds nothing wrong", True


def _short(ratios: Ratios) -> str:
    return (
        f"documents {ratios.per_second:.3f}, to signatures {ratios.ratio:.3f}, server processor "
        f"{ratios.server_ms:.3f}, client processor {ratios.client_ms:.3f}, p99 {ratios.p99:.3f}"
    )


def markdown(result: Result, yardstick: Yardstick) -> str:
    """A table for each size. Each cell: the other revision, this tree, this divided by that."""
    explained = (
        f"Each cell: {result.revision}, this tree, this tree divided by {result.revision}. Runs of "
        f"{result.seconds:g} s, seed {result.seed}. Milliseconds of processor for each document: "
        "the servers' with their children (not PostgreSQL's), and the load client's."
    )
    tables = [_table(one, yardstick) for one in result.compared]
    return "\n\n".join([headline(result.machine), explained, *tables, "\n".join(result.verdicts)])


def _table(compared: Compared, yardstick: Yardstick) -> str:
    size = compared.pairs[0].here
    heads = [
        "Pair",
        "First",
        "Documents/s",
        f"Ratio to {yardstick.name}",
        "Server processor ms",
        "Client processor ms",
        "Conclude p99 ms",
    ]
    rows: list[list[object]] = [
        [number, one.first, *_cells(one)] for number, one in enumerate(compared.pairs, 1)
    ]
    spans = [
        f"**{getattr(compared.medians, name):.3f}** ({min(seen):.3f} to {max(seen):.3f})"
        for name in Ratios.__struct_fields__
        for seen in [[getattr(one.ratios, name) for one in compared.pairs]]
    ]
    title = (
        f"{size.engine} ×{size.processes}, {size.registers} registers, {size.clients} clients: "
        "median of the ratios (lowest to highest) in the last row"
    )
    return f"{title}\n\n{table(heads, [*rows, ['median', '', *spans]])}"


def _cells(one: Pair) -> Iterator[str]:
    there, here, ratios = one.there, one.here, one.ratios
    yield f"{there.per_second:.1f}, {here.per_second:.1f}, {ratios.per_second:.3f}"
    yield f"{there.ratio:.4f}, {here.ratio:.4f}, {ratios.ratio:.3f}"
    yield f"{there.server_ms:.3f}, {here.server_ms:.3f}, {ratios.server_ms:.3f}"
    yield f"{there.client_ms:.3f}, {here.client_ms:.3f}, {ratios.client_ms:.3f}"
    yield f"{there.conclude_p99_ms:.1f}, {here.conclude_p99_ms:.1f}, {ratios.p99:.3f}"
