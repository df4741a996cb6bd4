"""The composition root: the only module that knows all parts, the wall clock and randomness."""

import asyncio
import contextlib
import hmac
import os
import sys
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from fiscus import __version__, channels, console, regimes, settings
from fiscus.access.budget import BodyBudget
from fiscus.access.limits import LoginLimits, RateLimits
from fiscus.access.subjects import KeyCache
from fiscus.access.tokens import BearerTokens
from fiscus.api import families, openapi, ops, signed
from fiscus.background import end_helpers, helpers, worker
from fiscus.checking import lane as checking
from fiscus.checking.lane import CheckLane
from fiscus.devices.pool import DevicePool, DeviceProber
from fiscus.exports.run import ExportServices
from fiscus.issuing import law_keys
from fiscus.issuing.services import IssuingServices
from fiscus.issuing.writer import OrderWriter
from fiscus.journal.heads import HeadMemory, SeenState
from fiscus.journal.seen import SeenFolder, Watermark
from fiscus.model.amounts import trap_floats
from fiscus.model.faults import Code, Corrupt, Refused, Unavailable
from fiscus.model.ids import Entropy, Ids, pooled, uuid4s, uuid7s
from fiscus.model.kinds import StatementKind
from fiscus.model.times import Clock
from fiscus.outbox.worker import Do
from fiscus.provisioning.provision import ProvisioningServices
from fiscus.regimes import KeyOwner
from fiscus.registry import chains, log, macs, organizations, receipts, signers, stating
from fiscus.registry.chains import ChainStatements, settings_of
from fiscus.registry.log import LogSigner
from fiscus.registry.macs import MacKeys
from fiscus.registry.receipts import ReceiptAddresses
from fiscus.registry.selfcheck import SelfCheck
from fiscus.registry.vault import Vault, master_key
from fiscus.registry.witnesses import LogWitnesses
from fiscus.services import Services
from fiscus.settings import Environment, Settings
from fiscus.signers import JOURNAL_ALGORITHM, LOG_ALGORITHM
from fiscus.store.artifacts import Artifacts
from fiscus.store.bucket import Bucket
from fiscus.store.connect import connect, reading, writing
from fiscus.store.migrate import migrate

ISSUER = "fiscus"
OTHER_ENVIRONMENT = Code(
    "SETTING-ENVIRONMENT-01", "this database belongs to the other environment: test is not live"
)
VERIFY = (
    sys.executable,
    "-c",
    "import os; os.nice(15); from fiscus.cli import main; main()",
    "verify",
    "--json",
)
"""Verifies the whole journal in a process of its own, which reads the settings from the environment
again."""

TENANTS_SECONDS = 10
RECEIPTS_PER_SECOND = 20
"""Pages of receipts that one address may open."""


def wall_clock() -> datetime:
    return datetime.now(UTC)


def build(chosen: Settings, clock: Clock = wall_clock, entropy: Entropy = os.urandom) -> Services:
    """The whole application for these settings: database migrated, keys in place, nothing runs yet.

    `entropy`: ids and secrets are made of it; what is signed has keys of its own making."""
    trap_floats()
    chosen.make_folder()
    opened = connect(chosen.url())
    migrate(opened)
    master = master_key(chosen.master_key, chosen.data_dir / "master.key", entropy)
    vault = Vault(master, entropy, chosen.environment.value)
    uuid7 = uuid7s(clock, pooled(entropy))
    engine = stating.attached(opened, ChainStatements(vault, clock, uuid7, uuid4s(entropy)))
    macs_ = _macs(engine, vault, clock, entropy)
    issuing = _desk(chosen, engine, clock, entropy, uuid7, vault, macs_)
    secret = _keys(chosen, issuing)
    watermark = _watermark(chosen, issuing, macs_)
    log.sign_first(engine, vault, clock(), issuing.heads)
    threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="fiscus")
    channel_settings = settings.of_channels(chosen.is_live)
    return Services(
        settings=chosen,
        engine=engine,
        clock=clock,
        uuid4=uuid4s(entropy),
        uuid7=uuid7,
        entropy=entropy,
        vault=vault,
        issuing=issuing,
        writer=OrderWriter(issuing),
        provisioning=_provisioning(chosen, issuing, entropy),
        watermark=watermark,
        log=LogSigner(engine, vault, clock, issuing.heads),
        witnesses=LogWitnesses(engine, vault, clock, chosen.witness_places(), chosen.data_dir),
        selfcheck=SelfCheck(engine, clock, chosen.data_dir, chosen.verify_hours, VERIFY),
        exports=_exports(chosen, issuing),
        tokens=BearerTokens(secret, ISSUER, clock),
        link_key=signed.key(secret),
        macs=macs_,
        receipts=_receipts(chosen, engine, clock, macs_),
        subjects=KeyCache(engine, threads),
        limits=RateLimits(chosen.rate_limit_per_second, clock),
        receipt_visits=_receipt_visits(chosen, clock),
        logins=LoginLimits(clock),
        budget=BodyBudget(),
        proxies=chosen.proxies(),
        checks=CheckLane(root=(chosen.data_dir / checking.FOLDER).absolute(), clock=clock),
        channels=channels.opening(
            channel_settings, chosen.data_dir / "simulators", clock, is_live=chosen.is_live
        ),
        set_up=tuple(channel_settings),
        threads=threads,
    )


def _receipts(chosen: Settings, engine: Engine, clock: Clock, macs_: MacKeys) -> ReceiptAddresses:
    """None is handed out where there are no pages, or nobody said how customers reach them."""
    base = chosen.public_url if chosen.console else ""
    return ReceiptAddresses(engine, clock, receipts.key(macs_.digests), base)


def _provisioning(
    chosen: Settings, issuing: IssuingServices, entropy: Entropy
) -> ProvisioningServices:
    return ProvisioningServices(
        issuing=issuing,
        entropy=entropy,
        kind=chosen.device,
        wanted={"description": "Fiscus", **settings.of_devices(chosen)},
        spare=settings.spare_devices(chosen),
    )


def _receipt_visits(chosen: Settings, clock: Clock) -> RateLimits:
    """Fewer than of other requests: whoever holds a receipt opens its page now and then."""
    chosen_most = chosen.rate_limit_per_second
    most = RECEIPTS_PER_SECOND if chosen_most is None else min(RECEIPTS_PER_SECOND, chosen_most)
    return RateLimits(most, clock)


def _desk(
    chosen: Settings,
    engine: Engine,
    clock: Clock,
    entropy: Entropy,
    uuid7: Ids,
    vault: Vault,
    macs_: MacKeys,
) -> IssuingServices:
    devices = DevicePool(
        engine=engine,
        clock=clock,
        ids=uuid4s(entropy),
        vault=vault,
        folder=chosen.data_dir / "devices",
        is_live=chosen.is_live,
    )
    return IssuingServices(
        engine=engine,
        clock=clock,
        ids=uuid7,
        vault=vault,
        devices=devices,
        settings=settings.of_regimes(chosen.is_live),
        is_live=chosen.is_live,
        digest_key=macs_.digests,
    )


def _exports(chosen: Settings, issuing: IssuingServices) -> ExportServices:
    return ExportServices(
        engine=issuing.engine,
        clock=issuing.clock,
        vault=issuing.vault,
        settings=issuing.settings,
        artifacts=_artifacts(chosen),
        devices=issuing.devices,
        heads=issuing.heads,
    )


def _watermark(chosen: Settings, issuing: IssuingServices, macs_: MacKeys) -> Watermark:
    """What was issued last, noted outside the database: from now on this process knows it."""
    with reading(issuing.engine) as tx:
        installation = chains.installation(tx)
    folders = _seen_folders(chosen, installation, macs_.digests)
    watermark = Watermark(issuing.heads, folders, issuing.clock)
    watermark.read()
    return watermark


def _seen_folders(chosen: Settings, installation: str, digests: bytes) -> tuple[SeenFolder, ...]:
    key = hmac.digest(digests, b"fiscus/seen/1", "sha256")
    return tuple(
        SeenFolder(folder, installation, key) for folder in chosen.seen_folders(installation)
    )


def seen(chosen: Settings, entropy: Entropy = os.urandom) -> SeenState | None:
    """What was noted outside the database of what was issued last; None without the master key, or
    if the database does not have the key that proves it."""
    file = chosen.data_dir / "master.key"
    if not chosen.master_key and not file.exists():
        return None
    master = master_key(chosen.master_key, file, entropy)
    vault = Vault(master, entropy, chosen.environment.value)
    engine = connect(chosen.url())
    try:
        with reading(engine) as tx:
            installation, digests = chains.installation(tx), macs.read_digests(tx, vault)
    except (Corrupt, DBAPIError):
        return None
    folders = _seen_folders(chosen, installation, digests)
    return Watermark(HeadMemory(), folders, wall_clock).read()


def _macs(engine: Engine, vault: Vault, clock: Clock, entropy: Entropy) -> MacKeys:
    with writing(engine) as tx:
        return macs.ensure(tx, vault, entropy, clock())


def _artifacts(chosen: Settings) -> Artifacts:
    access = chosen.bucket()
    return Artifacts(chosen.data_dir / "artifacts", Bucket(access) if access else None)


def _keys(chosen: Settings, issuing: IssuingServices) -> bytes:
    """The installation's keys, made at the first start. A law's own key is made for test only:
    in live it has been handed to an authority and must be imported."""
    with writing(issuing.engine) as tx:
        at = issuing.clock()
        token_key = _token_key(chosen.environment)
        others = (_token_key(one) for one in Environment if one != chosen.environment)
        if any(signers.is_there(tx, name) for name in others):
            raise Refused(OTHER_ENVIRONMENT, "FISCUS_ENVIRONMENT")
        signers.ensure(tx, issuing.vault, token_key, "rsa-2048", at)
        signers.ensure(tx, issuing.vault, signers.LOG, LOG_ALGORITHM, at)
        signers.ensure(tx, issuing.vault, signers.PACKAGE, JOURNAL_ALGORITHM, at)
        _state_settings(tx, chosen, issuing)
        for regime in regimes.installed().values():
            if regime.key_owner is KeyOwner.INSTALLATION and not chosen.is_live:
                law_keys.make(tx, issuing.vault, regime, "", at)
        return signers.secret(tx, issuing.vault, token_key)


def _state_settings(tx: Connection, chosen: Settings, issuing: IssuingServices) -> None:
    """What the operator says that matters to a law is stated whenever it has changed."""
    said = {
        "environment": chosen.environment.value,
        "regimes": {code: dict(given) for code, given in sorted(issuing.settings.items()) if given},
    }
    if settings_of(tx) != said:
        stating.stating(tx).state(
            tx, StatementKind.SETTINGS, organization="", by=stating.SERVICE, settings=said
        )


def _token_key(environment: Environment) -> str:
    """The key of bearer tokens. Its name tells for which environment the database was founded."""
    return f"token:{environment.value}"


async def _watch_tenants(services: Services) -> None:
    """Switches the rate limit on once there is a second unit, which a busy one could slow."""

    def are_several() -> bool:
        with reading(services.engine) as tx:
            return organizations.are_several(tx)

    while not services.limits.is_shared:
        with contextlib.suppress(Unavailable):
            services.limits.is_shared = await services.in_thread(are_several)
        await asyncio.sleep(TENANTS_SECONDS)


class HttpApplication:
    """Requests with a fixed path go straight to their endpoint, all others through the router;
    those that come in at the operator's own port (0: there is none) to what is served there."""

    def __init__(
        self,
        inner: Starlette,
        direct: Mapping[tuple[str, str], ASGIApp],
        watching: ASGIApp,
        ops_port: int = 0,
    ) -> None:
        self.inner = inner
        self._direct = direct
        self._watching = watching
        self._ops_port = ops_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._ops_port and (scope.get("server") or ("", 0))[1] == self._ops_port:
            await self._watching(scope, receive, send)
            return
        place = (scope.get("method", ""), scope.get("path", ""))
        await self._direct.get(place, self.inner)(scope, receive, send)


def application(
    services: Services, *, with_worker: bool = True, export_by: Do | None = None
) -> HttpApplication:
    """The service: it answers while the writer (and the worker) run. `export_by`: a server has
    exports made by processes of their own, and may start others besides."""
    helper = worker(services, export_by=export_by) if with_worker else None
    prober = DeviceProber(services.issuing.devices)
    beside = helpers(services, apart=export_by is not None) if with_worker else ()

    @contextlib.asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        watch = asyncio.create_task(_watch_tenants(services))
        with reading(services.engine) as tx:
            services.issuing.heads.compare(tx)
        services.watermark.start()
        services.writer.start()
        services.checks.start()
        prober.start()
        if helper:
            helper.start()
        for thread in beside:
            thread.start()
        yield
        watch.cancel()
        services.checks.stop()
        services.writer.stop()
        prober.stop()
        end_helpers(services, beside)
        if helper:
            helper.stop()
            # What was sold last is not to wait for the next start.
            with contextlib.suppress(Unavailable):
                services.log.sign()
        services.watermark.stop()
        services.threads.shutdown()
        services.parsers.shutdown()
        services.outside.shutdown()
        services.engine.dispose()

    watching, ops_place = ops.watching(services), services.settings.ops_place()
    serving = families.served(services)
    documents = openapi.published(tuple(families.installed().values()), __version__)
    inner = Starlette(
        routes=[
            *serving.routes,
            *ops.describing(services, documents),
            *(console.served(services) if services.settings.console else ()),
            *([] if ops_place else watching),
            *([console.nowhere(services)] if services.settings.console else ()),
            *serving.nothing,
        ],
        lifespan=running,
    )
    inner.router.redirect_slashes = False  # An unknown path is a 404, also with a slash too much.
    return HttpApplication(
        inner, serving.direct, Router(watching), ops_place[1] if ops_place else 0
    )
