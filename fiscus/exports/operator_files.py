"""Exports for the command line: the same files, written to a path that an operator names."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import msgspec
from sqlalchemy import Connection, select

from fiscus import regimes
from fiscus.exports import completion, jobs, package
from fiscus.exports.completion import ExportedFile
from fiscus.exports.format_file import DEVICE_DOWN
from fiscus.exports.run import ExportServices, signed
from fiscus.exports.select import ClosingRange, bounds, selection
from fiscus.formats import DeviceArchive, Format, Selection, find
from fiscus.issuing.law_keys import seal_key_name
from fiscus.model.devices import LogFilter
from fiscus.model.faults import Code, Fault, Missing, Refused, Unavailable
from fiscus.model.places import Taxpayer
from fiscus.model.times import Period, day
from fiscus.registry import certificates, devices, log, registers, signers, taxpayers
from fiscus.registry.views import TaxpayerView
from fiscus.signers import SignerDown
from fiscus.store.artifacts import described
from fiscus.store.connect import reading, writing
from fiscus.store.schema import REGISTER, SETTING_KEY, TAXPAYER

WHICH = Code("EXPORT-TAXPAYER-01", "there are several taxpayers: say which one")
NONE = Code("EXPORT-TAXPAYER-02", "there is no such taxpayer")
NO_DEVICE = Code("EXPORT-DEVICE-03", "no such device was ever fitted to this register")

_CHUNK = 1000


class WrittenFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file: its format, the law it was written under, how many documents of ours are in it."""

    format: str
    law: str
    documents: int


def file_of_days(
    services: ExportServices,
    format: str,
    taxpayer: str,
    period: Period,
    out: Path,
    progress: Callable[[int], None],
    *,
    by: str,
    register: str = "",
) -> WrittenFile:
    """Write a file of records or closings; whole or not at all, and stated as made `by` somebody.
    With a `register` (an id, as any API family writes it) it holds that one's of the period. Raises
    `Refused` if the format is not for the taxpayer's law."""
    count = [0]

    def one() -> None:
        count[0] += 1
        if count[0] % _CHUNK == 0:
            progress(count[0])

    form = find(format)
    with reading(services.engine) as tx:
        view = taxpayer_of(tx, taxpayer, form)
        _expect_for(form, view.taxpayer.regime, "taxpayer")
        chosen = selection(
            tx,
            view.taxpayer.id,
            period,
            settings=services.settings,
            at=services.clock(),
            progress=one,
            part=_part(tx, view, id_of(register), period) if register else None,
        )
        _write(form, chosen, out)
        made = _made(tx, view.taxpayer.organization, out, form.code, period)
    _state(services, made, out, by)
    return WrittenFile(format=form.code, law=view.taxpayer.regime, documents=count[0])


def device_log(
    services: ExportServices, format: str, register: str, serial: str, out: Path, *, by: str
) -> WrittenFile:
    """Write what the register's device has logged, as the format hands it on; whole or not at all.
    `serial` (hex) names a device of before. Raises `Missing`, `Refused` if the format is not for
    the register's law, or `Unavailable` while the device does not answer."""
    form = find(format)
    with reading(services.engine) as tx:
        views = [view for view in devices.of_one(tx, id_of(register)) if view.info is not None]
        if serial:
            views = [view for view in views if view.info is not None and view.info.serial == serial]
        chosen = devices.foremost(views)
        if chosen is None or chosen.info is None or services.devices is None:
            raise Missing(NO_DEVICE, "register")
        owner = tx.scalar(select(REGISTER.c.taxpayer).where(REGISTER.c.id == chosen.register))
        law = taxpayers.by_id(tx, str(owner)).taxpayer.regime
        _expect_for(form, law, "register")
        now = services.clock()
        timezone = regimes.find(law).timezone
        days = Period(first=day(chosen.fitted_at or now, timezone), last=day(now, timezone))
        blocks = partial(services.devices.export, chosen.device, LogFilter())
        archive = DeviceArchive(serial=chosen.info.serial, blocks=blocks)
        selected = selection(
            tx,
            str(owner),
            days,
            settings=services.settings,
            at=now,
            progress=lambda: None,
            archives=(archive,),
        )
        try:
            _write(form, selected, out)
        except SignerDown as error:
            raise Unavailable(DEVICE_DOWN, str(error)) from error
        made = _made(tx, chosen.organization, out, form.code, days)
    _state(services, made, out, by)
    return WrittenFile(format=form.code, law=law, documents=0)


def _made(tx: Connection, organization: str, out: Path, type_: str, period: Period) -> ExportedFile:
    """As it is stated later: read in the transaction that the file is made from."""
    return ExportedFile(
        organization=organization,
        file=out.name,
        type=type_,
        period=period,
        heads=completion.heads(tx, organization),
    )


def _state(services: ExportServices, made: ExportedFile, out: Path, by: str) -> None:
    kept = described(out)
    with writing(services.engine) as tx:
        completion.state(tx, made, kept, by)


def _expect_for(form: Format, law: str, place: str) -> None:
    if form.write is None or not form.is_for(law):
        raise Refused(jobs.NO_FORMAT, place)


def _write(form: Format, selected: Selection, out: Path) -> None:
    assert form.write is not None, "it was asked whether this format can be written"
    write_whole(out, form.write(selected))


def write_whole(out: Path, blocks: Iterable[bytes]) -> None:
    """Whole or not at all: what breaks off leaves no half of a file under that name."""
    draft = out.with_name(f".{out.name}.draft")
    try:
        with draft.open("wb") as file:
            for block in blocks:
                file.write(block)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def checked(services: ExportServices, written: WrittenFile, file: Path) -> tuple[Fault, ...]:
    """What the format's own checker says, the seals verified with the law's key."""
    with reading(services.engine) as tx:
        name = seal_key_name(written.law)
        key = tx.scalar(select(SETTING_KEY.c.public_pem).where(SETTING_KEY.c.name == name))
    settings = {**services.settings.get(written.law, {}), "public_key_pem": key or ""}
    return find(written.format).check(file, settings)


def journal_package(
    services: ExportServices,
    taxpayer: str,
    period: Period,
    out: Path,
    progress: Callable[[int], None],
    *,
    by: str,
) -> None:
    """Write a journal package and, beside it, its signature; whole or not at all."""
    count = [0]

    def one() -> None:
        count[0] += 1
        if count[0] % _CHUNK == 0:
            progress(count[0])

    at = services.clock()
    with reading(services.engine) as tx:
        signer = signers.opened(tx, services.vault, signers.PACKAGE)
    log.sign(services.engine, services.vault, at, services.heads)
    draft = out.with_name(f".{out.name}.draft")
    try:
        with reading(services.engine) as tx, ZipFile(draft, "w", allowZip64=True) as archive:
            organization = _fill(tx, archive, taxpayer, period, at, one)
            serial = certificates.serial(signers.certificate(tx, signers.PACKAGE))
            made = _made(tx, organization, out, "journal", period)
        out.with_name(out.name + ".jws").write_text(signed(draft, signer, serial))
        draft.replace(out)
        _state(services, made, out, by)
    finally:
        draft.unlink(missing_ok=True)


def _fill(
    tx: Connection,
    archive: ZipFile,
    taxpayer: str,
    period: Period,
    at: datetime,
    progress: Callable[[], None],
) -> str:
    """Gives the organization whose package it is."""
    view = taxpayer_of(tx, taxpayer)
    timezone = regimes.find(view.taxpayer.regime).timezone
    chosen = package.content(
        tx,
        organization=view.taxpayer.organization,
        taxpayer=view.taxpayer.id,
        period=period,
        timezone=timezone,
        register="",
    )
    package.write(tx, archive, chosen, at=at, progress=progress)
    return view.taxpayer.organization


def _part(tx: Connection, view: TaxpayerView, register: str, period: Period) -> ClosingRange:
    """The days of one register. Raises `Missing` for one that the taxpayer does not have."""
    found = registers.read(tx, view.taxpayer.organization, register)
    if found.taxpayer != view.taxpayer.id:
        raise Missing(registers.UNKNOWN_REGISTER, "register")
    since, after = bounds(period, regimes.find(found.regime).timezone)
    return ClosingRange(register=register, since=since, until=after - timedelta(microseconds=1))


def taxpayer_of(tx: Connection, wanted: str, form: Format | None = None) -> TaxpayerView:
    """By id (as any API family writes it) or tax number; the only one there is (under a law that
    the format is for), if none is named.

    Raises `Missing`, or `Refused` if several could be meant.
    """
    ids = tx.scalars(select(TAXPAYER.c.id).order_by(TAXPAYER.c.id))
    views = [taxpayers.by_id(tx, id_) for id_ in ids.all()]
    if wanted:
        views = [view for view in views if _is_meant(view.taxpayer, wanted)]
    elif form:
        views = [view for view in views if form.is_for(view.taxpayer.regime)]
    if not views:
        raise Missing(NONE, "taxpayer")
    if len(views) > 1:
        raise Refused(WHICH, "taxpayer")
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
