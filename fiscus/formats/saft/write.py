"""Writes the file in one pass: invoices go to a spool while what stands before them is gathered."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from fiscus.formats import IssuedDocument, Selection
from fiscus.formats.saft import document

CHUNK_BYTES = 1 << 20


class SpooledCustomer(NamedTuple):
    """Where the best data of a customer lie in their spool, how good they are, and what tells them
    from others."""

    offset: int
    length: int
    quality: tuple[bool, ...]
    digest: int


@dataclass(kw_only=True)
class SaftSpools:
    """What grows with the number of documents, customers and products lies on disk; here are
    only the ids already written, the taxes used and the sums."""

    customers: IO[bytes]
    products: IO[bytes]
    invoices: IO[bytes]
    best: dict[str, SpooledCustomer] = field(default_factory=dict)
    product_codes: set[str] = field(default_factory=set)
    taxes: set[document.Tax] = field(default_factory=set)
    entries: int = 0
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)


def write(selection: Selection) -> Iterator[bytes]:
    """The whole file in chunks. Nothing is handed out before the last record was read."""
    with TemporaryFile() as customers, TemporaryFile() as products, TemporaryFile() as invoices:
        spools = SaftSpools(customers=customers, products=products, invoices=invoices)
        for issued in selection.records():
            _add(spools, issued, selection.timezone)
        yield (document.OPENING + document.header(selection) + "<MasterFiles>\n").encode()
        yield from _customers(spools)
        yield from _chunks(products)
        yield (document.tax_table(spools.taxes) + "</MasterFiles>\n").encode()
        opening = document.totals(spools.entries, spools.debit, spools.credit)
        yield ("<SourceDocuments>\n<SalesInvoices>\n" + opening).encode()
        yield from _chunks(invoices)
        yield ("</SalesInvoices>\n</SourceDocuments>\n" + document.CLOSING).encode()


def _add(spools: SaftSpools, issued: IssuedDocument, timezone: str) -> None:
    body = issued.body
    assert body.draft is not None
    assert body.seal is not None
    customer = document.customer_of(body.draft.buyer, body.seal.facts)
    _add_customer(spools, customer, is_standing=issued.void is None)
    _add_lines(spools, issued)
    spools.entries += 1
    spools.invoices.write(document.invoice(issued, customer.id, timezone).encode())


def _add_customer(
    spools: SaftSpools, customer: document.SaftCustomer, *, is_standing: bool
) -> None:
    """A customer is known by name and address where any document of the period says them; the
    newest such one counts, and one that was cancelled only if no other does."""
    quality = (bool(customer.name), customer.address is not None, is_standing)
    known, digest = spools.best.get(customer.id), hash(customer)
    if known and (known.quality > quality or (known.quality, known.digest) == (quality, digest)):
        return
    element = document.customer(customer).encode()
    offset = spools.customers.tell()
    spools.customers.write(element)
    spools.best[customer.id] = SpooledCustomer(offset, len(element), quality, digest)


def _customers(spools: SaftSpools) -> Iterator[bytes]:
    """In the order in which they first bought something."""
    for best in spools.best.values():
        spools.customers.seek(best.offset)
        yield spools.customers.read(best.length)


def _add_lines(spools: SaftSpools, issued: IssuedDocument) -> None:
    """Cancelled documents use products and taxes, but do not add to the file's totals."""
    seal = issued.body.seal
    assert seal is not None
    for line in seal.lines:
        code = document.product_code(line.product, line.text)
        if code not in spools.product_codes:
            spools.product_codes.add(code)
            spools.products.write(document.product(line, code).encode())
        spools.taxes.add((line.tax_type, line.region, line.tax_code, line.percentage))
        if issued.void is not None:
            continue
        if line.is_debit:
            spools.debit += line.net
        else:
            spools.credit += line.net


def _chunks(spool: IO[bytes]) -> Iterator[bytes]:
    spool.seek(0)
    while chunk := spool.read(CHUNK_BYTES):
        yield chunk
