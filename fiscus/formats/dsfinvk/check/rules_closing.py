"""The rules about closings and receipts as such: numbers, times, what each must have."""

from fiscus.formats.dsfinvk.check import findings as found
from fiscus.formats.dsfinvk.check.rules import IN_CLOSING, IN_RECEIPT, TableRule, one_of
from fiscus.formats.dsfinvk.tables import words
from fiscus.regimes.de import process_data

_IS_RECEIPT = f"BON_TYP = '{words.RECEIPT}'"


def _before(column: str, order: str) -> str:
    """The value of the row before, within the same register."""
    return f"LAG({column}) OVER (PARTITION BY Z_KASSE_ID ORDER BY {order})"


def _first_or_last(column: str, extreme: str) -> str:
    """The closing against the receipt with its lowest or highest number."""
    return f"""
        SELECT c.row FROM cashpointclosing c LEFT JOIN (
            SELECT Z_KASSE_ID, Z_NR, BON_ID, {extreme}(BON_NR) FROM transactions
            GROUP BY Z_KASSE_ID, Z_NR
        ) b {IN_CLOSING}
        WHERE c.{column} IS NOT b.BON_ID
    """


def _lacking(stem: str) -> TableRule:
    return TableRule(
        code=found.NO_MASTER_DATA,
        file="cashpointclosing.csv",
        column="Z_NR",
        broken_at=f"""
            SELECT c.row FROM cashpointclosing c LEFT JOIN {stem} t {IN_CLOSING}
            WHERE t.row IS NULL
        """,
    )


CLOSINGS = (
    TableRule(
        code=found.NO_CLOSINGS,
        file="cashpointclosing.csv",
        column="",
        broken_at="SELECT 2 WHERE NOT EXISTS (SELECT 1 FROM cashpointclosing)",
    ),
    TableRule(
        code=found.GAP,
        file="cashpointclosing.csv",
        column="Z_NR",
        broken_at=f"""
            SELECT row FROM (
                SELECT row, Z_NR - {_before("Z_NR", "Z_NR")} AS step FROM cashpointclosing
            ) WHERE step > 1
        """,
    ),
    TableRule(
        code=found.NOT_ASCENDING,
        file="cashpointclosing.csv",
        column="Z_NR",
        broken_at=f"""
            SELECT row FROM (
                SELECT row, Z_NR - {_before("Z_NR", "row")} AS step FROM cashpointclosing
            ) WHERE step < 1
        """,
    ),
    TableRule(
        code=found.EARLIER_CLOSING,
        file="cashpointclosing.csv",
        column="Z_ERSTELLUNG",
        broken_at=f"""
            SELECT row FROM (
                SELECT row, Z_ERSTELLUNG AS own, {_before("Z_ERSTELLUNG", "Z_NR")} AS earlier
                FROM cashpointclosing
            ) WHERE is_before(spelled(own), spelled(earlier))
        """,
    ),
    TableRule(
        code=found.FIRST_RECEIPT,
        file="cashpointclosing.csv",
        column="Z_START_ID",
        broken_at=_first_or_last("Z_START_ID", "MIN"),
    ),
    TableRule(
        code=found.LAST_RECEIPT,
        file="cashpointclosing.csv",
        column="Z_ENDE_ID",
        broken_at=_first_or_last("Z_ENDE_ID", "MAX"),
    ),
    _lacking("location"),
    _lacking("cashregister"),
    _lacking("vat"),
    TableRule(
        code=found.BOOKING_DAY,
        file="cashpointclosing.csv",
        column="Z_BUCHUNGSTAG",
        broken_at="""
            SELECT row FROM cashpointclosing
            WHERE Z_BUCHUNGSTAG = substr(spelled(Z_ERSTELLUNG), 1, 10)
        """,
    ),
)

RECEIPTS = (
    TableRule(
        code=found.RECEIPT_NUMBER,
        file="transactions.csv",
        column="BON_NR",
        broken_at=f"""
            SELECT row FROM (
                SELECT row, BON_NR - {_before("BON_NR", "Z_NR, row")} AS step FROM transactions
            ) WHERE step < 1
        """,
    ),
    TableRule(
        code=found.NAMELESS,
        file="transactions.csv",
        column="BON_NAME",
        broken_at=f"""
            SELECT row FROM transactions WHERE BON_TYP = '{words.OTHER}' AND BON_NAME = ''
        """,
    ),
    TableRule(
        code=found.NO_LINES,
        file="transactions.csv",
        column="BON_ID",
        broken_at=f"""
            SELECT b.row FROM transactions b LEFT JOIN lines l {IN_RECEIPT}
            WHERE {_IS_RECEIPT} AND l.row IS NULL
        """,
    ),
    TableRule(
        code=found.NO_PAYMENT,
        file="transactions.csv",
        column="BON_ID",
        broken_at=f"""
            SELECT b.row FROM transactions b LEFT JOIN datapayment p {IN_RECEIPT}
            WHERE {_IS_RECEIPT} AND p.row IS NULL
        """,
    ),
    TableRule(
        code=found.ENDS_EARLY,
        file="transactions.csv",
        column="BON_ENDE",
        broken_at="SELECT row FROM transactions WHERE is_before(BON_ENDE, BON_START)",
    ),
    TableRule(
        code=found.SECOND_USE,
        file="transactions.csv",
        column="BON_ID",
        broken_at="""
            SELECT MAX(row) FROM transactions
            GROUP BY Z_KASSE_ID, BON_ID HAVING COUNT(DISTINCT Z_NR) > 1
        """,
    ),
    TableRule(
        code=found.ABORTED_AMOUNT,
        file="transactions.csv",
        column="UMS_BRUTTO",
        broken_at=f"""
            SELECT b.row FROM transactions b WHERE BON_TYP = '{words.ABORT}' AND (
                UMS_BRUTTO <> 0 OR (Z_KASSE_ID, Z_NR, BON_ID) IN (
                    SELECT Z_KASSE_ID, Z_NR, BON_ID FROM datapayment
                )
            )
        """,
    ),
    TableRule(
        code=found.OLD_REVERSAL,
        file="transactions.csv",
        column="BON_TYP",
        broken_at=f"""
            SELECT row FROM transactions WHERE BON_TYP = '{words.REVERSAL}'
            AND (Z_KASSE_ID, Z_NR) IN (SELECT Z_KASSE_ID, Z_NR FROM tse)
        """,
    ),
    TableRule(
        code=found.TAXED_CASE,
        file="lines_vat.csv",
        column="UST_SCHLUESSEL",
        broken_at=f"""
            SELECT v.row FROM lines_vat v JOIN lines l USING (Z_KASSE_ID, Z_NR, BON_ID, POS_ZEILE)
            WHERE l.GV_TYP IN {one_of(words.UNTAXED_CASES)} AND v.UST_SCHLUESSEL <> 5
        """,
    ),
    TableRule(
        code=found.CASHLESS_CASE,
        file="datapayment.csv",
        column="ZAHLART_TYP",
        broken_at=f"""
            SELECT p.row FROM datapayment p WHERE p.ZAHLART_TYP NOT IN
                ('{words.CASH}', '{words.NOTHING_PAID}')
            AND (p.Z_KASSE_ID, p.Z_NR, p.BON_ID) IN (
                SELECT Z_KASSE_ID, Z_NR, BON_ID FROM lines
                WHERE GV_TYP IN {one_of(words.CASH_CASES)}
            )
        """,
    ),
    TableRule(
        code=found.UNSECURED,
        file="transactions.csv",
        column="BON_ID",
        broken_at=f"""
            SELECT b.row FROM transactions b LEFT JOIN transactions_tse t {IN_RECEIPT}
            WHERE t.row IS NULL AND (b.Z_KASSE_ID, b.Z_NR) IN (SELECT Z_KASSE_ID, Z_NR FROM tse)
        """,
    ),
    TableRule(
        code=found.OTHER_PROCESS,
        file="transactions_tse.csv",
        column="TSE_TA_VORGANGSART",
        broken_at=f"""
            SELECT t.row FROM transactions_tse t JOIN transactions b {IN_RECEIPT}
            WHERE b.{_IS_RECEIPT} AND t.TSE_TA_VORGANGSART NOT IN ('', '{process_data.RECEIPT}')
        """,
    ),
    TableRule(
        code=found.LOG_ENDS_EARLY,
        file="transactions_tse.csv",
        column="TSE_TA_ENDE",
        broken_at="SELECT row FROM transactions_tse WHERE TSE_TA_ENDE < TSE_TA_START",
    ),
    *(
        TableRule(
            code=found.SECOND_COUNTER,
            file="transactions_tse.csv",
            column=column,
            broken_at=f"""
                SELECT MAX(t.row) FROM transactions_tse t
                JOIN tse d USING (Z_KASSE_ID, Z_NR, TSE_ID)
                WHERE t.{column} IS NOT NULL
                GROUP BY d.TSE_SERIAL, t.{column} HAVING COUNT(*) > 1
            """,
        )
        for column in ("TSE_TANR", "TSE_TA_SIGZ")
    ),
)
