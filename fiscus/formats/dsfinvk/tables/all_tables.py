"""The twenty tables in the order of the specification."""

from fiscus.formats.dsfinvk.tables.line import ITEMAMOUNTS, LINES, LINES_VAT, SUBITEMS
from fiscus.formats.dsfinvk.tables.master import (
    BUSINESSCASES,
    CASH_PER_CURRENCY,
    CASHPOINTCLOSING,
    CASHREGISTER,
    LOCATION,
    PA,
    PAYMENT,
    SLAVES,
    TSE,
    VAT,
)
from fiscus.formats.dsfinvk.tables.receipt import (
    ALLOCATION_GROUPS,
    DATAPAYMENT,
    REFERENCES,
    TRANSACTIONS,
    TRANSACTIONS_TSE,
    TRANSACTIONS_VAT,
)

TABLES = (
    CASHPOINTCLOSING,
    LOCATION,
    CASHREGISTER,
    SLAVES,
    PA,
    TSE,
    VAT,
    BUSINESSCASES,
    PAYMENT,
    CASH_PER_CURRENCY,
    TRANSACTIONS,
    DATAPAYMENT,
    LINES,
    ITEMAMOUNTS,
    SUBITEMS,
    TRANSACTIONS_TSE,
    TRANSACTIONS_VAT,
    LINES_VAT,
    ALLOCATION_GROUPS,
    REFERENCES,
)

BY_FILE = {table.file: table for table in TABLES}
