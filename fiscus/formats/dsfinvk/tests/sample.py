"""The sample export read into rows, and written again."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from fiscus.formats.dsfinvk.tables.all_tables import TABLES
from fiscus.formats.dsfinvk.tables.index import Supplier
from fiscus.formats.dsfinvk.write import rows
from fiscus.formats.dsfinvk.write.files import write_tar

Record = dict[str, str]

AT = datetime(2026, 3, 1, 21, 20, tzinfo=UTC)
SUPPLIER = Supplier(name="Muster GmbH", city="Berlin")


class Sample:
    """The files of a folder as rows, by table and closing."""

    def __init__(self, folder: Path) -> None:
        self.records = {table.stem: _records(folder / table.file) for table in TABLES}

    def of(self, stem: str, **where: str) -> list[Record]:
        return [
            record
            for record in self.records[stem]
            if all(record[name] == value for name, value in where.items())
        ]


def _records(path: Path) -> list[Record]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def money(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def maybe(text: str) -> Decimal | None:
    return money(text) if text else None


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def a_seat(record: Record, prefix: str = "") -> rows.RegisteredSeat:
    return rows.RegisteredSeat(
        name=record[f"{prefix}NAME"],
        street=record[f"{prefix}STRASSE"],
        postal_code=record[f"{prefix}PLZ"],
        city=record[f"{prefix}ORT"],
        country=record[f"{prefix}LAND"],
        tax_number=record.get(f"{prefix}STNR", ""),
        vat_id=record[f"{prefix}USTID"],
    )


def hardware(record: Record) -> rows.RegisterHardware:
    return rows.RegisterHardware(
        serial=record["KASSE_SERIENNR"],
        brand=record["KASSE_BRAND"],
        model=record["KASSE_MODELL"],
        software=record["KASSE_SW_BRAND"],
        software_version=record["KASSE_SW_VERSION"],
        currency=record["KASSE_BASISWAEH_CODE"],
        is_without_vat=record["KEINE_UST_ZUORDNUNG"] == "1",
    )


def device(record: Record) -> rows.TseRow:
    return rows.TseRow(
        id=int(record["TSE_ID"]),
        serial=record["TSE_SERIAL"],
        algorithm=record["TSE_SIG_ALGO"],
        time_format=record["TSE_ZEITFORMAT"],
        public_key=record["TSE_PUBLIC_KEY"],
        certificate=record["TSE_ZERTIFIKAT_I"] + record["TSE_ZERTIFIKAT_II"],
        encoding=record["TSE_PD_ENCODING"],
    )


def closing(sample: Sample, record: Record) -> rows.CashPointClosing:
    here = {"Z_NR": record["Z_NR"]}
    return rows.CashPointClosing(
        register=record["Z_KASSE_ID"],
        number=int(record["Z_NR"]),
        created_at=instant(record["Z_ERSTELLUNG"]),
        version=record["TAXONOMIE_VERSION"],
        first_receipt=record["Z_START_ID"],
        last_receipt=record["Z_ENDE_ID"],
        taxpayer=a_seat(record),
        location=a_seat(sample.of("location", **here)[0], "LOC_"),
        hardware=hardware(sample.of("cashregister", **here)[0]),
        paid=money(record["Z_SE_ZAHLUNGEN"]),
        paid_cash=money(record["Z_SE_BARZAHLUNGEN"]),
        devices=tuple(device(one) for one in sample.of("tse", **here)),
        vat_rates=tuple(
            rows.VatRow(
                key=int(one["UST_SCHLUESSEL"]),
                percentage=money(one["UST_SATZ"]),
                text=one["UST_BESCHR"],
            )
            for one in sample.of("vat", **here)
        ),
        business_cases=tuple(business_case(one) for one in sample.of("businesscases", **here)),
        payments=tuple(
            rows.PaymentTotalRow(
                type=one["ZAHLART_TYP"],
                name=one["ZAHLART_NAME"],
                amount=money(one["Z_ZAHLART_BETRAG"]),
            )
            for one in sample.of("payment", **here)
        ),
        cash=tuple(
            rows.CashTotal(currency=one["ZAHLART_WAEH"], amount=money(one["ZAHLART_BETRAG_WAEH"]))
            for one in sample.of("cash_per_currency", **here)
        ),
    )


def business_case(record: Record) -> rows.BusinessCase:
    return rows.BusinessCase(
        type=record["GV_TYP"],
        name=record["GV_NAME"],
        agency=int(record["AGENTUR_ID"]),
        vat_key=int(record["UST_SCHLUESSEL"]),
        gross=money(record["Z_UMS_BRUTTO"]),
        net=money(record["Z_UMS_NETTO"]),
        vat=money(record["Z_UST"]),
    )


def transaction(sample: Sample, record: Record) -> rows.OperationRow:
    here = {"Z_NR": record["Z_NR"], "BON_ID": record["BON_ID"]}
    return rows.OperationRow(
        id=record["BON_ID"],
        number=int(record["BON_NR"]),
        type=record["BON_TYP"],
        name=record["BON_NAME"],
        terminal=record["TERMINAL_ID"],
        is_reversal=record["BON_STORNO"] == "1",
        started_at=instant(record["BON_START"]),
        finished_at=instant(record["BON_ENDE"]),
        operator=record["BEDIENER_ID"],
        operator_name=record["BEDIENER_NAME"],
        gross=money(record["UMS_BRUTTO"]),
        lines=tuple(line(sample, one) for one in sample.of("lines", **here)),
        payments=tuple(payment(one) for one in sample.of("datapayment", **here)),
        vat_totals=tuple(vat_amount(one, "BON") for one in sample.of("transactions_vat", **here)),
        signings=tuple(signing(one) for one in sample.of("transactions_tse", **here)),
        groups=tuple(one["ABRECHNUNGSKREIS"] for one in sample.of("allocation_groups", **here)),
        references=tuple(reference(one) for one in sample.of("references", **here)),
    )


def vat_amount(record: Record, prefix: str) -> rows.VatAmount:
    return rows.VatAmount(
        key=int(record["UST_SCHLUESSEL"]),
        gross=money(record[f"{prefix}_BRUTTO"]),
        net=money(record[f"{prefix}_NETTO"]),
        vat=money(record[f"{prefix}_UST"]),
    )


def line(sample: Sample, record: Record) -> rows.LineRow:
    here = {name: record[name] for name in ("Z_NR", "BON_ID", "POS_ZEILE")}
    return rows.LineRow(
        number=record["POS_ZEILE"],
        text=record["ARTIKELTEXT"],
        type=record["GV_TYP"],
        voucher=record["GUTSCHEIN_NR"],
        terminal=record["POS_TERMINAL_ID"],
        is_eaten_in=record["INHAUS"] == "1",
        product=record["ART_NR"],
        quantity=money(record["MENGE"]),
        unit_gross=money(record["STK_BR"]),
        amounts=tuple(vat_amount(one, "POS") for one in sample.of("lines_vat", **here)),
        price_parts=tuple(
            rows.PricePart(
                type=one["TYP"],
                vat_key=int(one["UST_SCHLUESSEL"]),
                gross=money(one["PF_BRUTTO"]),
                net=money(one["PF_NETTO"]),
                vat=money(one["PF_UST"]),
            )
            for one in sample.of("itemamounts", **here)
        ),
    )


def payment(record: Record) -> rows.PaymentRow:
    return rows.PaymentRow(
        type=record["ZAHLART_TYP"],
        name=record["ZAHLART_NAME"],
        currency=record["ZAHLWAEH_CODE"],
        foreign_amount=maybe(record["ZAHLWAEH_BETRAG"]),
        amount=money(record["BASISWAEH_BETRAG"]),
    )


def signing(record: Record) -> rows.TseTransactionRow:
    if record["TSE_TA_FEHLER"]:
        return rows.TseTransactionRow(device=int(record["TSE_ID"]), outage=record["TSE_TA_FEHLER"])
    return rows.TseTransactionRow(
        device=int(record["TSE_ID"]),
        number=int(record["TSE_TANR"]),
        started_at=instant(record["TSE_TA_START"]),
        finished_at=instant(record["TSE_TA_ENDE"]),
        process_type=record["TSE_TA_VORGANGSART"],
        counter=int(record["TSE_TA_SIGZ"]),
        signature=record["TSE_TA_SIG"],
        process_data=record["TSE_VORGANGSDATEN"],
    )


def reference(record: Record) -> rows.Reference:
    return rows.Reference(
        type=record["REF_TYP"],
        line=record["POS_ZEILE"],
        name=record["REF_NAME"],
        closed_at=instant(record["REF_DATUM"]),
        register=record["REF_Z_KASSE_ID"],
        closing=int(record["REF_Z_NR"]),
        receipt=record["REF_BON_ID"],
    )


Closing = tuple[rows.CashPointClosing, list[rows.OperationRow]]


def written(closings: list[Closing]) -> bytes:
    streamed = ((closing, iter(theirs)) for closing, theirs in closings)
    return b"".join(write_tar(streamed, supplier=SUPPLIER, at=AT))


def closings_of(folder: Path) -> list[Closing]:
    """All closings of a folder with their transactions, as rows."""
    sample = Sample(folder)
    return [
        (
            closing(sample, record),
            [transaction(sample, one) for one in sample.of("transactions", Z_NR=record["Z_NR"])],
        )
        for record in sample.records["cashpointclosing"]
    ]
