"""Exports for the command line: the same files, written where an operator wants them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import msgspec
from sqlalchemy import Connection, select

from fiscus import regimes
from fiscus.exports import jobs, package
from fiscus.exports.run import Engines, signed
from fiscus.exports.select import Part, bounds, selection
from fiscus.exports.single import DEVICE_DOWN
from fiscus.formats import find
from fiscus.journal import checkpoint
from fiscus.model.devices import Filter
from fiscus.model.faults import Code, Fault, Missing, Refused, Unavailable
from fiscus.model.places import Taxpayer
from fiscus.model.times import Period
from fiscus.registry import certificates, devices, registers, signers, taxpayers
from fiscus.registry.things import TaxpayerView
from fiscus.signers import SignerDown
from fiscus.store.connect import reading, writing
from fiscus.store.schema import SETTING_KEY, TAXPAYER

WHICH = Code("EXPORT-TAXPAYER-01", "there are several taxpayers: say which one")
NONE = Code("EXPORT-TAXPAYER-02", "there is no such taxpayer")
NO_DEVICE = Code("EXPORT-DEVICE-03", "no such device was ever fitted to this register")

_CHUNK = 1000


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A file: its format, how many documents of ours are in it."""

    format: str
    documents: int


def audit_file(
    desk: Engines,
    format: str,
    taxpayer: str,
    period: Period,
    out: Path,
    progress: Callable[[int], None],
    *,
    register: str = "",
) -> Written:
    """Write the file that the taxpayer's law prescribes; whole or not at all. With a `register`
    (an id, as any API family writes it) it holds that one's closings of the period."""
    count = [0]

    def one() -> None:
        count[0] += 1
        if count[0] % _CHUNK == 0:
            progress(count[0])

    with reading(desk.engine) as tx:
        form = find(format)
        view = taxpayer_of(tx, taxpayer, form.regime)
        if form.write is None or view.taxpayer.regime != form.regime:
            raise Refused(jobs.NO_FORMAT, "--taxpayer")
        chosen = selection(
            tx, view.taxpayer.id, period, settings=desk.settings, at=desk.clock(), progress=one,
            part=_part(tx, view, id_of(register), period) if register else None,
        )  # fmt: skip
        draft = out.with_name(f".{out.name}.draft")
        try:
            with draft.open("wb") as file:
                for chunk in form.write(chosen):
                    file.write(chunk)
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)
    return Written(format=form.code, documents=count[0])


def device_log(desk: Engines, register: str, serial: str, out: Path) -> Written:
    """Write all that the register's device has logged, as the device gives it; whole or not at
    all. `serial` (hex) names a device of before. Raises `Missing`, or `Unavailable` while the
    device does not answer."""
    with reading(desk.engine) as tx:
        views = [view for view in devices.of_one(tx, id_of(register)) if view.info is not None]
    if serial:
        views = [view for view in views if view.info is not None and view.info.serial == serial]
    chosen = devices.foremost(views)
    if chosen is None or desk.devices is None:
        raise Missing(NO_DEVICE, "--register")
    draft = out.with_name(f".{out.name}.draft")
    try:
        with draft.open("wb") as file:
            for block in desk.devices.export(chosen.device, Filter()):
                file.write(block)
        draft.replace(out)
    except SignerDown as error:
        raise Unavailable(DEVICE_DOWN, str(error)) from error
    finally:
        draft.unlink(missing_ok=True)
    return Written(format="tse", documents=0)


def checked(desk: Engines, written: Written, file: Path) -> tuple[Fault, ...]:
    """What the format's own checker says, the seals verified with the law's key."""
    form = find(written.format)
    with reading(desk.engine) as tx:
        name = f"seal:{form.regime}"
        key = tx.scalar(select(SETTING_KEY.c.public_pem).where(SETTING_KEY.c.name == name))
    return form.check(file, {**desk.settings.get(form.regime, {}), "public_key_pem": key or ""})


def journal_package(
    desk: Engines, taxpayer: str, period: Period, out: Path, progress: Callable[[int], None]
) -> None:
    """Write a journal package and, beside it, its signature; whole or not at all."""
    count = [0]

    def one() -> None:
        count[0] += 1
        if count[0] % _CHUNK == 0:
            progress(count[0])

    at = desk.clock()
    with reading(desk.engine) as tx:
        signer = signers.opened(tx, desk.vault, signers.CHECKPOINT)
    checkpoint.make_all(partial(writing, desk.engine), signer, at)
    draft = out.with_name(f".{out.name}.draft")
    try:
        with reading(desk.engine) as tx, ZipFile(draft, "w", allowZip64=True) as archive:
            _fill(tx, archive, taxpayer, period, at, one)
            serial = certificates.serial(signers.certificate(tx, signers.CHECKPOINT))
        out.with_name(out.name + ".jws").write_text(signed(draft, signer, serial))
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _fill(
    tx: Connection,
    archive: ZipFile,
    taxpayer: str,
    period: Period,
    at: datetime,
    progress: Callable[[], None],
) -> None:
    view = taxpayer_of(tx, taxpayer)
    timezone = regimes.find(view.taxpayer.regime).timezone
    parts = package.runs(tx, view.taxpayer.id, period, timezone, "")
    package.write(
        tx,
        archive,
        taxpayer=view.taxpayer.id,
        period=period,
        parts=parts,
        at=at,
        progress=progress,
    )


def _part(tx: Connection, view: TaxpayerView, register: str, period: Period) -> Part:
    """The days of one register. Raises `Missing` for one that the taxpayer does not have."""
    found = registers.read(tx, view.taxpayer.organization, register)
    if found.taxpayer != view.taxpayer.id:
        raise Missing(registers.UNKNOWN_REGISTER, "--register")
    since, after = bounds(period, regimes.find(found.regime).timezone)
    return Part(register=register, since=since, until=after - timedelta(microseconds=1))


def taxpayer_of(tx: Connection, wanted: str, regime: str = "") -> TaxpayerView:
    """By id (as any API family writes it) or tax number; the only one there is (under that law),
    if none is named.

    Raises `Missing`, or `Refused` if several could be meant.
    """
    ids = tx.scalars(select(TAXPAYER.c.id).order_by(TAXPAYER.c.id))
    views = [taxpayers.by_id(tx, id_) for id_ in ids.all()]
    if wanted:
        views = [view for view in views if _is_meant(view.taxpayer, wanted)]
    elif regime:
        views = [view for view in views if view.taxpayer.regime == regime]
    if not views:
        raise Missing(NONE, "--taxpayer")
    if len(views) > 1:
        raise Refused(WHICH, "--taxpayer")
    return views[0]


def _is_meant(owner: Taxpayer, wanted: str) -> bool:
    number = owner.facts.get(regimes.find(owner.regime).tax_number)
    return wanted == number or id_of(wanted) == owner.id


def id_of(text: str) -> str:
    """An id as we keep it: `merchant_0196a1f0…` and `0196a1f0…` are `0196a1f0-…` too."""
    try:
        return str(UUID(text.rpartition("_")[2]))
    except ValueError:
        return text
