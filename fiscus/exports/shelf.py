"""Exports for the command line: the same files, written where an operator wants them."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import msgspec
from sqlalchemy import Connection, select

from fiscus import regimes
from fiscus.exports import jobs, package
from fiscus.exports.run import Engines, signed
from fiscus.exports.select import selection
from fiscus.formats import find
from fiscus.journal import checkpoint
from fiscus.model.faults import Code, Fault, Missing, Refused
from fiscus.model.places import Taxpayer
from fiscus.model.times import Period
from fiscus.registry import certificates, signers, taxpayers
from fiscus.registry.things import TaxpayerView
from fiscus.store.connect import reading, writing
from fiscus.store.schema import SETTING_KEY, TAXPAYER

WHICH = Code("EXPORT-TAXPAYER-01", "there are several taxpayers: say which one")
NONE = Code("EXPORT-TAXPAYER-02", "there is no such taxpayer")

_CHUNK = 1000


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """An audit file: its format, how many documents are in it."""

    format: str
    documents: int


def audit_file(
    desk: Engines, taxpayer: str, period: Period, out: Path, progress: Callable[[int], None]
) -> Written:
    """Write the file that the taxpayer's law prescribes. It appears whole or not at all."""
    count = [0]

    def one() -> None:
        count[0] += 1
        if count[0] % _CHUNK == 0:
            progress(count[0])

    with reading(desk.engine) as tx:
        view = taxpayer_of(tx, taxpayer)
        form, write = _format(view)
        chosen = selection(
            tx, view.taxpayer.id, period, settings=desk.settings, at=desk.clock(), progress=one
        )
        draft = out.with_name(f".{out.name}.draft")
        try:
            with draft.open("wb") as file:
                for chunk in write(chosen):
                    file.write(chunk)
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)
    return Written(format=form.code, documents=count[0])


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


def _format(view: TaxpayerView) -> jobs.Writer:
    forms = jobs.formats_of(view.taxpayer.regime)
    if not forms:
        raise Refused(jobs.NO_FORMAT)
    return forms[0]


def taxpayer_of(tx: Connection, wanted: str) -> TaxpayerView:
    """By id (as any API family writes it) or tax number; the only one there is, if none is named.

    Raises `Missing`, or `Refused` if several could be meant.
    """
    ids = tx.scalars(select(TAXPAYER.c.id).order_by(TAXPAYER.c.id))
    views = [taxpayers.by_id(tx, id_) for id_ in ids.all()]
    if wanted:
        views = [view for view in views if _is_meant(view.taxpayer, wanted)]
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
