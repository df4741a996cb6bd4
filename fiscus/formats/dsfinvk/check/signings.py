"""What a TSE was told, rebuilt from the tables, and whether it signed exactly that."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache, partial
from itertools import groupby
from operator import itemgetter
from sys import maxsize
from typing import Any, NamedTuple

from fiscus.formats.dsfinvk.check import devices
from fiscus.formats.dsfinvk.check import findings as found
from fiscus.formats.dsfinvk.check.devices import CertifiedKey, SignatureClaim
from fiscus.formats.dsfinvk.check.findings import TableFindings
from fiscus.formats.dsfinvk.check.scratch import Scratch, instant
from fiscus.formats.dsfinvk.check.values import Cell
from fiscus.formats.dsfinvk.tables import words
from fiscus.formats.dsfinvk.tables.receipt import TRANSACTIONS_TSE
from fiscus.regimes.de import process_data, taxes
from fiscus.regimes.de.process_data import ForeignPayment, OrderedLine
from fiscus.signers.tse.log.algorithms import UnknownAlgorithm

_SIGNED = """
    SELECT t.row, t.Z_KASSE_ID, t.Z_NR, t.BON_ID, b.BON_TYP, t.TSE_VORGANGSDATEN,
        t.TSE_ID, b.TERMINAL_ID,
        t.TSE_TANR, t.TSE_TA_ENDE, t.TSE_TA_VORGANGSART, t.TSE_TA_SIGZ, t.TSE_TA_SIG
    FROM transactions_tse t CROSS JOIN transactions b USING (Z_KASSE_ID, Z_NR, BON_ID)
    WHERE t.TSE_TA_SIG <> '' AND t.TSE_TANR IS NOT NULL AND t.TSE_TA_SIGZ IS NOT NULL
    ORDER BY t.row
"""

_SIGNERS = """
    SELECT r.KASSE_SERIENNR, s.TERMINAL_SERIENNR, d.row
    FROM cashregister r JOIN tse d USING (Z_KASSE_ID, Z_NR)
    LEFT JOIN slaves s ON (s.Z_KASSE_ID, s.Z_NR) = (r.Z_KASSE_ID, r.Z_NR) AND s.TERMINAL_ID = ?
    WHERE r.Z_KASSE_ID = ? AND r.Z_NR = ? AND d.TSE_ID = ?
"""

_GROSS = """
    SELECT t.row, a.UST_SCHLUESSEL, v.UST_SATZ, a.BON_BRUTTO
    FROM transactions_tse t CROSS JOIN transactions_vat a USING (Z_KASSE_ID, Z_NR, BON_ID)
    LEFT JOIN vat v ON (v.Z_KASSE_ID, v.Z_NR, v.UST_SCHLUESSEL)
        = (a.Z_KASSE_ID, a.Z_NR, a.UST_SCHLUESSEL)
    ORDER BY t.row
"""

_PAID = """
    SELECT t.row, p.ZAHLART_TYP, p.ZAHLWAEH_CODE,
        COALESCE(p.ZAHLWAEH_BETRAG, p.BASISWAEH_BETRAG, 0)
    FROM transactions_tse t CROSS JOIN datapayment p USING (Z_KASSE_ID, Z_NR, BON_ID)
    ORDER BY t.row
"""

_SIGNERS_MAX = 256


class SignedOperation(NamedTuple):
    """A signed operation: where it stands, its kind, what the device was told, and by its id the
    device and the terminal that may have had it signed."""

    row: int
    register: Cell
    closing: int
    receipt: str
    kind: str
    told: str
    device: int | None
    terminal: Cell


class SignerRights(NamedTuple):
    """A device, if its certificate can be read, and the serials of whom it may have signed for."""

    device: CertifiedKey | None
    client_ids: tuple[str, ...]


class SignatureAnswers:
    """The answers to a question about each signed row, in the order of these rows."""

    def __init__(self, answers: Iterable[tuple[Any, ...]]) -> None:
        self._groups = groupby(answers, itemgetter(0))
        self._row = 0
        self._group: list[tuple[Any, ...]] = []

    def of(self, row: int) -> list[tuple[Any, ...]]:
        """Answers begin with the number of the row they are about. Rows are asked for in order."""
        while self._row < row:
            self._row, group = next(self._groups, (maxsize, ()))
            self._group = list(group)
        return self._group if self._row == row else []


def judge(tables: Scratch, findings: TableFindings) -> None:
    device_of = lru_cache(maxsize=_SIGNERS_MAX)(partial(devices.find, tables))
    signers_of = lru_cache(maxsize=_SIGNERS_MAX)(partial(_signers, tables, device_of))
    gross, paid = SignatureAnswers(tables.execute(_GROSS)), SignatureAnswers(tables.execute(_PAID))
    for values in tables.execute(_SIGNED):
        operation = SignedOperation(*values[:8])
        number, finished, process_type, counter, signature = values[8:]
        finished_at = instant(finished)
        signers = signers_of(
            operation.terminal, operation.register, operation.closing, operation.device
        )
        if finished_at is None or not signers:
            continue
        rebuilt = _rebuilt(tables, operation, process_type, gross, paid)
        told = operation.told
        if told and rebuilt is not None and told != rebuilt:
            findings.add(
                found.OTHER_DATA, TRANSACTIONS_TSE.file, operation.row, "TSE_VORGANGSDATEN"
            )
        data = told or rebuilt
        if data is not None:
            claim = SignatureClaim(number, finished_at, process_type, counter, signature)
            for signer in signers:
                _judge_signature(operation.row, signer, claim, data, findings)


def _signers(
    tables: Scratch, device_of: Callable[[int], CertifiedKey | None], *place: Cell
) -> tuple[SignerRights, ...]:
    """One, unless a closing names its register or device twice."""
    return tuple(
        SignerRights(device_of(device), (terminal, register) if terminal else (register,))
        for register, terminal, device in tables.execute(_SIGNERS, place)
    )


def _judge_signature(
    row: int, signer: SignerRights, claim: SignatureClaim, data: str, findings: TableFindings
) -> None:
    """`data` are the file's own, so that one wrong word in them is not taken for a bad key."""
    if signer.device is None:
        return
    try:
        if not devices.is_signed(signer.device, claim, signer.client_ids, data):
            findings.add(found.BAD_SIGNATURE, TRANSACTIONS_TSE.file, row, "TSE_TA_SIG")
    except UnknownAlgorithm:
        findings.add(found.UNVERIFIABLE, TRANSACTIONS_TSE.file, row, "TSE_TA_SIG")


def _rebuilt(
    tables: Scratch,
    operation: SignedOperation,
    process_type: str,
    gross: SignatureAnswers,
    paid: SignatureAnswers,
) -> str | None:
    """The process data as the law builds them; None where nobody can know them."""
    if process_type == process_data.RECEIPT:
        sums = _gross_by_slot(gross.of(operation.row))
        if sums is None:
            return None
        return process_data.receipt(operation.kind, sums, _payments(paid.of(operation.row)))
    if process_type == process_data.ORDER:
        return process_data.order(_ordered(tables, operation))
    return None


def _gross_by_slot(amounts: Iterable[tuple[Any, ...]]) -> dict[int, Decimal] | None:
    """None if an amount stands under a key that has no slot; that key is reported for itself."""
    sums: dict[int, int] = {}
    for _, vat_key, hundredths, gross in amounts:
        place = None if vat_key is None else _slot(vat_key, hundredths)
        if place is None or gross is None:
            return None
        sums[place] = sums.get(place, 0) + gross
    return {place: Decimal(total).scaleb(-5) for place, total in sums.items()}


@lru_cache(maxsize=256)
def _slot(vat_key: int, hundredths: int | None) -> int | None:
    return taxes.slot(vat_key, None if hundredths is None else Decimal(hundredths).scaleb(-2))


def _payments(payments: Iterable[tuple[Any, ...]]) -> Iterator[ForeignPayment]:
    for _, kind, currency, amount in payments:
        if kind != words.NOTHING_PAID:
            yield ForeignPayment(kind == words.CASH, currency, Decimal(amount).scaleb(-2))


def _ordered(tables: Scratch, operation: SignedOperation) -> Iterator[OrderedLine]:
    rows = tables.execute(
        """
        SELECT COALESCE(MENGE, 0), ARTIKELTEXT, COALESCE(STK_BR, 0)
        FROM lines WHERE Z_KASSE_ID = ? AND Z_NR = ? AND BON_ID = ? ORDER BY row
        """,
        (operation.register, operation.closing, operation.receipt),
    )
    for quantity, text, price in rows:
        yield OrderedLine(Decimal(quantity).scaleb(-3), text, Decimal(price).scaleb(-5))
