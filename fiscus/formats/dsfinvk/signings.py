"""What a TSE was told, rebuilt from the tables, and whether it signed exactly that."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from fiscus.formats.dsfinvk import findings as found
from fiscus.formats.dsfinvk import words
from fiscus.formats.dsfinvk.devices import Claim, is_signed, key_of
from fiscus.formats.dsfinvk.findings import Findings
from fiscus.formats.dsfinvk.scratch import MORE, Scratch
from fiscus.formats.dsfinvk.tables_receipt import TRANSACTIONS_TSE
from fiscus.regimes.de import process_data
from fiscus.regimes.de.process_data import Ordered, Paid
from fiscus.regimes.de.taxes import slot
from fiscus.signers.tse.algorithms import UnknownAlgorithm

_SIGNED = f"""
    SELECT t.row, t.Z_KASSE_ID, t.Z_NR, t.BON_ID, b.BON_TYP, t.TSE_VORGANGSDATEN,
        r.KASSE_SERIENNR, s.TERMINAL_SERIENNR,
        d.TSE_ZERTIFIKAT_I || d.TSE_ZERTIFIKAT_II || d.{MORE}, d.TSE_SIG_ALGO, d.TSE_ZEITFORMAT,
        t.TSE_TANR, t.TSE_TA_ENDE, t.TSE_TA_VORGANGSART, t.TSE_TA_SIGZ, t.TSE_TA_SIG
    FROM transactions_tse t
    JOIN transactions b USING (Z_KASSE_ID, Z_NR, BON_ID)
    JOIN cashregister r USING (Z_KASSE_ID, Z_NR)
    JOIN tse d USING (Z_KASSE_ID, Z_NR, TSE_ID)
    LEFT JOIN slaves s ON (s.Z_KASSE_ID, s.Z_NR, s.TERMINAL_ID)
        = (b.Z_KASSE_ID, b.Z_NR, b.TERMINAL_ID)
    WHERE t.TSE_TA_SIG <> '' AND t.TSE_TANR IS NOT NULL AND t.TSE_TA_SIGZ IS NOT NULL
        AND instant(t.TSE_TA_ENDE) IS NOT NULL
    ORDER BY t.row
"""

_OF_RECEIPT = "WHERE Z_KASSE_ID = ? AND Z_NR = ? AND BON_ID = ?"


class Operation(NamedTuple):
    """A signed operation: what it is found by, its kind, and who may have had it signed."""

    register: str
    closing: int
    receipt: str
    kind: str
    told: str
    serial: str
    terminal_serial: str | None

    @property
    def key(self) -> tuple[str, int, str]:
        return self.register, self.closing, self.receipt

    @property
    def client_ids(self) -> Iterator[str]:
        if self.terminal_serial:
            yield self.terminal_serial
        yield self.serial


def judge(tables: Scratch, findings: Findings) -> None:
    for row, *values in tables.execute(_SIGNED):
        operation = Operation(*values[:7])
        claim = Claim(*values[7:])
        rebuilt = _rebuilt(tables, operation, claim.process_type)
        told = operation.told
        if told and rebuilt is not None and told != rebuilt:
            findings.add(found.OTHER_DATA, TRANSACTIONS_TSE.file, row, "TSE_VORGANGSDATEN")
        data = told or rebuilt
        if data is not None and key_of(claim.certificate) is not None:
            _judge_signature(row, claim, operation, data, findings)


def _judge_signature(
    row: int, claim: Claim, operation: Operation, data: str, findings: Findings
) -> None:
    """`data` are the file's own, so that one wrong word in them is not taken for a bad key."""
    try:
        if not _signature_is_valid(claim, operation, data):
            findings.add(found.BAD_SIGNATURE, TRANSACTIONS_TSE.file, row, "TSE_TA_SIG")
    except UnknownAlgorithm:
        findings.add(found.UNVERIFIABLE, TRANSACTIONS_TSE.file, row, "TSE_TA_SIG")


def _rebuilt(tables: Scratch, operation: Operation, process_type: str) -> str | None:
    """The process data as the law builds them; None where nobody can know them."""
    if process_type == process_data.RECEIPT:
        gross = _gross_by_slot(tables, operation.key)
        if gross is None:
            return None
        return process_data.receipt(operation.kind, gross, _payments(tables, operation.key))
    if process_type == process_data.ORDER:
        return process_data.order(_ordered(tables, operation.key))
    return None


def _gross_by_slot(tables: Scratch, key: Sequence[str | int]) -> dict[int, Decimal] | None:
    """None if an amount stands under a key that has no slot; that key is reported for itself."""
    sums: dict[int, Decimal] = {}
    rows = tables.execute(
        f"""
        SELECT t.UST_SCHLUESSEL, v.UST_SATZ, t.BON_BRUTTO FROM transactions_vat t
        LEFT JOIN vat v USING (Z_KASSE_ID, Z_NR, UST_SCHLUESSEL) {_OF_RECEIPT}
        """,
        key,
    )
    for vat_key, percentage, gross in rows:
        rate = None if percentage is None else Decimal(percentage).scaleb(-2)
        place = None if vat_key is None else slot(vat_key, rate)
        if place is None or gross is None:
            return None
        sums[place] = sums.get(place, Decimal(0)) + Decimal(gross).scaleb(-5)
    return sums


def _payments(tables: Scratch, key: Sequence[str | int]) -> Iterator[Paid]:
    rows = tables.execute(
        f"""
        SELECT ZAHLART_TYP, ZAHLWAEH_CODE, COALESCE(ZAHLWAEH_BETRAG, BASISWAEH_BETRAG, 0)
        FROM datapayment {_OF_RECEIPT}
        """,
        key,
    )
    for kind, currency, amount in rows:
        if kind != words.NOTHING_PAID:
            yield Paid(kind == words.CASH, currency, Decimal(amount).scaleb(-2))


def _ordered(tables: Scratch, key: Sequence[str | int]) -> Iterator[Ordered]:
    rows = tables.execute(
        f"""
        SELECT COALESCE(MENGE, 0), ARTIKELTEXT, COALESCE(STK_BR, 0)
        FROM lines {_OF_RECEIPT} ORDER BY row
        """,
        key,
    )
    for quantity, text, price in rows:
        yield Ordered(Decimal(quantity).scaleb(-3), text, Decimal(price).scaleb(-5))


def _signature_is_valid(claim: Claim, operation: Operation, data: str) -> bool:
    return is_signed(claim, operation.client_ids, data)
