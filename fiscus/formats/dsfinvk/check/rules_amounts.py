"""The rules about money: what must add up, exactly or to the cent."""

from fiscus.formats.dsfinvk.check import findings as found
from fiscus.formats.dsfinvk.check.rules import IN_CLOSING, IN_LINE, IN_RECEIPT, RuleGroup, TableRule
from fiscus.formats.dsfinvk.tables import words
from fiscus.model.faults import Code

_CENT = 1000
"""In numbers with five decimals."""

_IS_RECEIPT = f"BON_TYP = '{words.RECEIPT}'"
_RECEIPT_PAYMENTS = f"datapayment JOIN transactions {IN_RECEIPT} WHERE {_IS_RECEIPT}"

_TRIPLES = (
    ("businesscases", "UST_SCHLUESSEL", "Z_UMS_BRUTTO", "Z_UMS_NETTO", "Z_UST"),
    ("transactions_vat", "UST_SCHLUESSEL", "BON_BRUTTO", "BON_NETTO", "BON_UST"),
    ("lines_vat", "UST_SCHLUESSEL", "POS_BRUTTO", "POS_NETTO", "POS_UST"),
    ("itemamounts", "UST_SCHLUESSEL", "PF_BRUTTO", "PF_NETTO", "PF_UST"),
    (
        "subitems",
        "ZI_UST_SCHLUESSEL",
        "ZI_BASISPREIS_BRUTTO",
        "ZI_BASISPREIS_NETTO",
        "ZI_BASISPREIS_UST",
    ),
)
"""Gross, net and tax wherever they stand together, and the key they stand under."""


def _triples() -> tuple[TableRule, ...]:
    exact = tuple(
        TableRule(
            code=found.NOT_GROSS,
            file=f"{stem}.csv",
            column=tax,
            broken_at=f"SELECT row FROM {stem} WHERE {gross} - {net} <> {tax}",
        )
        for stem, _, gross, net, tax in _TRIPLES
    )
    untaxed = tuple(
        TableRule(
            code=found.TAX_ON_NOTHING,
            file=f"{stem}.csv",
            column=tax,
            broken_at=f"""
                SELECT t.row FROM {stem} t JOIN vat v
                ON (v.Z_KASSE_ID, v.Z_NR, v.UST_SCHLUESSEL) = (t.Z_KASSE_ID, t.Z_NR, t.{key})
                WHERE v.UST_SATZ = 0 AND t.{tax} <> 0
            """,
        )
        for stem, key, _, _, tax in _TRIPLES
    )
    return exact + untaxed


def _case_sums() -> RuleGroup:
    source = f"lines_vat JOIN lines {IN_LINE} JOIN transactions {IN_RECEIPT} WHERE {_IS_RECEIPT}"
    key = "GV_TYP, GV_NAME, COALESCE(AGENTUR_ID, 0) AS AGENTUR, UST_SCHLUESSEL"
    case = "GROUP BY Z_KASSE_ID, Z_NR, GV_TYP, GV_NAME, AGENTUR, UST_SCHLUESSEL"
    return RuleGroup(
        suspect_if=f"""
            SELECT 1 FROM (
                SELECT Z_KASSE_ID, Z_NR, {key},
                    Z_UMS_BRUTTO AS gross, Z_UMS_NETTO AS net, Z_UST AS tax FROM businesscases
                UNION ALL
                SELECT Z_KASSE_ID, Z_NR, {key}, -POS_BRUTTO, -POS_NETTO, -POS_UST FROM {source}
            ) {case} HAVING SUM(gross) <> 0 OR SUM(net) <> 0 OR SUM(tax) <> 0
        """,
        rules=tuple(
            TableRule(
                code=found.CASE_SUM,
                file="businesscases.csv",
                column=stated,
                broken_at=f"""
                    SELECT COALESCE(MAX(row), 'Z ' || Z_NR || ' ' || GV_TYP) FROM (
                        SELECT row, Z_KASSE_ID, Z_NR, {key}, {stated} AS amount FROM businesscases
                        UNION ALL
                        SELECT NULL, Z_KASSE_ID, Z_NR, {key}, -{counted} FROM {source}
                    ) {case} HAVING SUM(amount) <> 0
                """,
            )
            for stated, counted in (
                ("Z_UMS_BRUTTO", "POS_BRUTTO"),
                ("Z_UMS_NETTO", "POS_NETTO"),
                ("Z_UST", "POS_UST"),
            )
        ),
    )


def _closing_sum(code: Code, column: str, condition: str) -> TableRule:
    return TableRule(
        code=code,
        file="cashpointclosing.csv",
        column=column,
        broken_at=f"""
            SELECT c.row FROM cashpointclosing c LEFT JOIN (
                SELECT Z_KASSE_ID, Z_NR, SUM(BASISWAEH_BETRAG) AS paid
                FROM {_RECEIPT_PAYMENTS} {condition} GROUP BY Z_KASSE_ID, Z_NR
            ) p {IN_CLOSING}
            WHERE c.{column} <> COALESCE(p.paid, 0)
        """,
    )


SUMS: tuple[TableRule | RuleGroup, ...] = (
    _case_sums(),
    TableRule(
        code=found.PAYMENT_SUM,
        file="payment.csv",
        column="Z_ZAHLART_BETRAG",
        broken_at=f"""
            SELECT COALESCE(MAX(row), 'Z ' || Z_NR || ' ' || ZAHLART_TYP) FROM (
                SELECT row, Z_KASSE_ID, Z_NR, ZAHLART_TYP, ZAHLART_NAME,
                    Z_ZAHLART_BETRAG AS amount FROM payment
                UNION ALL
                SELECT NULL, Z_KASSE_ID, Z_NR, ZAHLART_TYP, ZAHLART_NAME, -BASISWAEH_BETRAG
                FROM {_RECEIPT_PAYMENTS}
            ) GROUP BY Z_KASSE_ID, Z_NR, ZAHLART_TYP, ZAHLART_NAME HAVING SUM(amount) <> 0
        """,
    ),
    TableRule(
        code=found.CASH_SUM,
        file="cash_per_currency.csv",
        column="ZAHLART_BETRAG_WAEH",
        broken_at=f"""
            SELECT COALESCE(MAX(row), 'Z ' || Z_NR || ' ' || currency) FROM (
                SELECT row, Z_KASSE_ID, Z_NR, ZAHLART_WAEH AS currency,
                    ZAHLART_BETRAG_WAEH AS amount FROM cash_per_currency
                UNION ALL
                SELECT NULL, Z_KASSE_ID, Z_NR, ZAHLWAEH_CODE,
                    -COALESCE(ZAHLWAEH_BETRAG, BASISWAEH_BETRAG)
                FROM {_RECEIPT_PAYMENTS} AND ZAHLART_TYP = '{words.CASH}'
            ) GROUP BY Z_KASSE_ID, Z_NR, currency HAVING SUM(amount) <> 0
        """,
    ),
    _closing_sum(found.PAID_SUM, "Z_SE_ZAHLUNGEN", ""),
    _closing_sum(found.PAID_CASH_SUM, "Z_SE_BARZAHLUNGEN", f"AND ZAHLART_TYP = '{words.CASH}'"),
    TableRule(
        code=found.NO_HOME_CASH,
        file="cash_per_currency.csv",
        column="ZAHLART_WAEH",
        broken_at="""
            SELECT 'Z ' || r.Z_NR FROM cashregister r LEFT JOIN cash_per_currency c
            ON (c.Z_KASSE_ID, c.Z_NR, c.ZAHLART_WAEH)
                = (r.Z_KASSE_ID, r.Z_NR, r.KASSE_BASISWAEH_CODE)
            WHERE c.row IS NULL
            AND (r.Z_KASSE_ID, r.Z_NR) IN (SELECT Z_KASSE_ID, Z_NR FROM businesscases)
        """,
    ),
)


def _receipt_against_lines() -> RuleGroup:
    """Printed amounts may differ from the sum of exact lines by a cent for each line."""
    together = "GROUP BY Z_KASSE_ID, Z_NR, BON_ID, UST_SCHLUESSEL"
    too_far = f"> {_CENT} * MAX(COUNT(*) - 1, 1)"
    return RuleGroup(
        suspect_if=f"""
            SELECT 1 FROM (
                SELECT Z_KASSE_ID, Z_NR, BON_ID, UST_SCHLUESSEL,
                    BON_BRUTTO AS gross, BON_NETTO AS net, BON_UST AS tax FROM transactions_vat
                UNION ALL
                SELECT Z_KASSE_ID, Z_NR, BON_ID, UST_SCHLUESSEL, -POS_BRUTTO, -POS_NETTO, -POS_UST
                FROM lines_vat
            ) {together} HAVING ABS(SUM(gross)) {too_far}
                OR ABS(SUM(net)) {too_far} OR ABS(SUM(tax)) {too_far}
        """,
        rules=tuple(
            TableRule(
                code=found.OTHER_LINES,
                file="transactions_vat.csv",
                column=stated,
                broken_at=f"""
                    SELECT COALESCE(MAX(row), 'BON_ID ' || BON_ID) FROM (
                        SELECT row, Z_KASSE_ID, Z_NR, BON_ID, UST_SCHLUESSEL, {stated} AS amount
                        FROM transactions_vat
                        UNION ALL
                        SELECT NULL, Z_KASSE_ID, Z_NR, BON_ID, UST_SCHLUESSEL, -{counted}
                        FROM lines_vat
                    ) {together} HAVING ABS(SUM(amount)) {too_far}
                """,
            )
            for stated, counted in (
                ("BON_BRUTTO", "POS_BRUTTO"),
                ("BON_NETTO", "POS_NETTO"),
                ("BON_UST", "POS_UST"),
            )
        ),
    )


AMOUNTS: tuple[TableRule | RuleGroup, ...] = (
    *_triples(),
    _receipt_against_lines(),
    TableRule(
        code=found.OTHER_TOTAL,
        file="transactions.csv",
        column="UMS_BRUTTO",
        broken_at=f"""
            SELECT b.row FROM transactions b LEFT JOIN transactions_vat v {IN_RECEIPT}
            GROUP BY b.row
            HAVING ABS(b.UMS_BRUTTO * {_CENT} - COALESCE(SUM(v.BON_BRUTTO), 0)) > {_CENT}
        """,
    ),
    TableRule(
        code=found.LINE_WITHOUT_VAT,
        file="lines.csv",
        column="POS_ZEILE",
        broken_at=f"""
            SELECT l.row FROM lines l LEFT JOIN lines_vat v {IN_LINE} WHERE v.row IS NULL
        """,
    ),
    TableRule(
        code=found.FOREIGN_AMOUNT,
        file="datapayment.csv",
        column="ZAHLWAEH_BETRAG",
        broken_at=f"""
            SELECT p.row FROM datapayment p JOIN cashregister r {IN_CLOSING}
            WHERE (p.ZAHLWAEH_CODE = r.KASSE_BASISWAEH_CODE) = (p.ZAHLWAEH_BETRAG IS NOT NULL)
        """,
    ),
)
