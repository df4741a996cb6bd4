"""The composition root: the only place that knows everyone, the wall clock, and chance."""

import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache, partial

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from fiscus import __version__, channels, regimes, settings
from fiscus.api import openapi, ops, reporting, signed, unified
from fiscus.api.http import House, Limits, Tokens
from fiscus.channels import Connection
from fiscus.exports import apart, jobs, keeping
from fiscus.exports import run as export
from fiscus.exports.run import Engines
from fiscus.issuing import automatic, claims, errands, fitting, leftovers
from fiscus.issuing.desk import Desk, seal_key_name
from fiscus.issuing.devices import Devices, Prober
from fiscus.issuing.fitting import Workshop
from fiscus.issuing.writer import Writer
from fiscus.journal import checkpoint
from fiscus.model.amounts import trap_floats
from fiscus.model.faults import Code, Refused, Unavailable
from fiscus.model.ids import pooled, uuid4s, uuid7s
from fiscus.model.times import Clock
from fiscus.outbox.worker import Worker
from fiscus.registry import signers
from fiscus.registry.vault import Vault, master_key
from fiscus.settings import Environment, Settings
from fiscus.store.artifacts import Artifacts
from fiscus.store.bucket import Bucket
from fiscus.store.connect import connect, reading, writing
from fiscus.store.migrate import migrate

NOT_LIVE = Code("CHANNEL-LIVE-01", "this authority cannot be reached by this version in live")

ISSUER = "fiscus"
OTHER_ENVIRONMENT = Code(
    "SETTING-ENVIRONMENT-01", "this database belongs to the other environment: test is not live"
)
RECOVER_SECONDS = 10
LEFT_OVER_SECONDS = 900
CUT_OFF_SECONDS = 30
SWEEP_SECONDS = 3600


def wall_clock() -> datetime:
    return datetime.now(UTC)


def build(chosen: Settings, clock: Clock = wall_clock) -> House:
    """The whole house for these settings, database migrated, keys in place, nothing running yet."""
    trap_floats()
    chosen.data_dir.mkdir(parents=True, exist_ok=True)
    engine = connect(chosen.url())
    migrate(engine)
    vault = Vault(
        master_key(chosen.master_key, chosen.data_dir / "master.key", os.urandom), os.urandom
    )
    own = settings.of_regimes(chosen.is_live)
    uuid7 = uuid7s(clock, pooled(os.urandom))
    devices = Devices(
        engine=engine, clock=clock, ids=uuid4s(os.urandom), vault=vault,
        folder=chosen.data_dir / "devices", is_live=chosen.is_live,
    )  # fmt: skip
    desk = Desk(
        engine=engine, clock=clock, ids=uuid7, vault=vault, devices=devices, settings=own,
        is_live=chosen.is_live,
    )  # fmt: skip
    secret = _keys(chosen, desk)
    return House(
        settings=chosen, engine=engine, clock=clock, uuid4=uuid4s(os.urandom), uuid7=uuid7,
        entropy=os.urandom, vault=vault, desk=desk, writer=Writer(desk),
        workshop=Workshop(
            desk=desk, entropy=os.urandom, kind=chosen.device_kind(),
            wanted=chosen.device_wanted(),
        ),
        exports=Engines(
            engine=engine, clock=clock, vault=vault, settings=own,
            artifacts=_artifacts(chosen), devices=devices,
        ),
        tokens=Tokens(secret, ISSUER, clock), link_key=signed.key(secret),
        limits=Limits(chosen.rate_limit_per_second, clock),
        channels=_channels(chosen, clock),
        threads=ThreadPoolExecutor(max_workers=16, thread_name_prefix="fiscus"),
    )  # fmt: skip


def _artifacts(chosen: Settings) -> Artifacts:
    access = chosen.bucket()
    return Artifacts(chosen.data_dir / "artifacts", Bucket(access) if access else None)


def _keys(chosen: Settings, desk: Desk) -> bytes:
    """The installation's keys, made at the first start. A law's own key is made for test only:
    in live it has been handed to an authority and must be imported."""
    with writing(desk.engine) as tx:
        at = desk.clock()
        token_key = _token_key(chosen.environment)
        others = (_token_key(one) for one in Environment if one != chosen.environment)
        if any(signers.is_there(tx, name) for name in others):
            raise Refused(OTHER_ENVIRONMENT, "FISCUS_ENVIRONMENT")
        signers.ensure(tx, desk.vault, token_key, "rsa-2048", at)
        signers.ensure(tx, desk.vault, signers.CHECKPOINT, "ecdsa-p256", at)
        for code, regime in regimes.installed().items():
            if regime.seal_key and not chosen.is_live:
                signers.ensure(tx, desk.vault, seal_key_name(code), regime.seal_key, at)
        return signers.secret(tx, desk.vault, token_key)


def _token_key(environment: Environment) -> str:
    """Its name tells for good which environment the database was founded for."""
    return f"token:{environment.value}"


def _channels(chosen: Settings, clock: Clock) -> Callable[[str], Connection]:
    @cache
    def opened(code: str) -> Connection:
        channel = channels.find(code)
        if not chosen.is_live:
            return channel.simulate(chosen.data_dir / "simulators", clock)
        if channel.connect is None:
            raise Unavailable(NOT_LIVE, code)
        return channel.connect({})

    return opened


def worker(house: House, *, exports_apart: bool = False) -> Worker:
    """The worker with all its tasks and chores. `exports_apart`: exports are made by processes of
    their own, which read the settings from the environment again."""

    def sign_checkpoint() -> None:
        with reading(house.engine) as tx:
            signer = signers.opened(tx, house.vault, signers.CHECKPOINT)
        checkpoint.make_all(partial(writing, house.engine), signer, house.clock())

    def recover() -> None:
        errands.recover(house.desk, house.channels)

    def end_left_over() -> None:
        leftovers.end(house.desk)

    def close_due() -> None:
        automatic.close_due(house.desk, house.channels)

    def sweep() -> None:
        with writing(house.engine) as tx:
            claims.sweep(tx, house.clock())
        house.exports.artifacts.sweep(house.clock())
        keeping.expire(house.exports)

    return Worker(
        house.engine,
        house.clock,
        {
            jobs.TASK: (
                apart.do if exports_apart else partial(export.do, house.exports),
                lambda task, error: export.give_up(house.exports, task, error),
            ),
            keeping.TASK_DROP: (
                lambda task: keeping.drop(house.exports, task),
                lambda task, error: keeping.give_up(house.exports, task, error),
            ),
            fitting.TASK: (
                lambda task: fitting.do(house.workshop, task),
                lambda task, error: fitting.give_up(house.workshop, task, error),
            ),
            fitting.TASK_RELEASE: (
                lambda task: fitting.release(house.workshop, task),
                lambda task, error: fitting.leave(house.workshop, task, error),
            ),
        },
        (
            (RECOVER_SECONDS, recover),
            (LEFT_OVER_SECONDS, end_left_over),
            (CUT_OFF_SECONDS, close_due),
            (house.settings.checkpoint_seconds, sign_checkpoint),
            (SWEEP_SECONDS, sweep),
        ),
    )


class Entrance:
    """Requests with a fixed path go straight to their endpoint, all others through the router."""

    def __init__(self, inner: Starlette, direct: Mapping[tuple[str, str], ASGIApp]) -> None:
        self.inner = inner
        self._direct = direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = (scope.get("method", ""), scope.get("path", ""))
        await self._direct.get(place, self.inner)(scope, receive, send)


def application(house: House, *, with_worker: bool = True, exports_apart: bool = False) -> Entrance:
    """The service: doors open while the writer (and the worker) run."""
    helper = worker(house, exports_apart=exports_apart) if with_worker else None
    prober = Prober(house.desk.devices)

    @contextlib.asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        house.writer.start()
        prober.start()
        if helper:
            helper.start()
        yield
        house.writer.stop()
        prober.stop()
        if helper:
            helper.stop()
        house.threads.shutdown()
        house.outside.shutdown()
        house.engine.dispose()

    inner = Starlette(
        routes=[
            *unified.routes(house),
            *reporting.routes(house),
            *ops.routes(
                house, openapi.merged(__version__, unified.document(), reporting.document())
            ),
        ],
        exception_handlers={404: unified.not_found(house), 405: unified.not_found(house)},
        lifespan=running,
    )
    inner.router.redirect_slashes = False  # An unknown path is a 404, also with a slash too much.
    return Entrance(inner, unified.direct(house))
