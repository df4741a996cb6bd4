"""What a closing's record says, block by block, in the language of its law."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from fiscus.formats.zreport.blocks import Block, FigureTable, LabelledValues, TextListing, ZReport
from fiscus.formats.zreport.words import ReportWords, words
from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.closings import Closing, ClosingGroup
from fiscus.model.documents import Address
from fiscus.model.records import EntryBody, Seal
from fiscus.model.times import local
from fiscus.regimes import find


def report(body: EntryBody) -> ZReport:
    """`body` is the record of a closing."""
    closing = body.closing
    assert closing is not None
    say = words(closing.place.taxpayer.regime)
    number = f"{say.z_number if closing.is_sealed else say.report_number} {closing.number}"
    mark = f" · {say.test}" if any(device.is_test for device in closing.devices) else ""
    return ZReport(
        title=(say.titles if closing.is_sealed else say.reports)[closing.type],
        subtitle=f"{number} · {say.date(closing.day)}{mark}",
        author=closing.place.taxpayer.legal_name,
        language=say.language,
        created=_pdf_date(closing),
        footer=f"{number} · {closing.place.register.id}{mark}",
        page=say.page,
        blocks=tuple(_blocks(body, closing, say)),
    )


def _pdf_date(closing: Closing) -> str:
    there = local(closing.until, closing.timezone)
    sign, hours, minutes = (offset := there.isoformat()[-6:])[0], offset[1:3], offset[4:6]
    return f"D:{there:%Y%m%d%H%M%S}{sign}{hours}'{minutes}'"


def _blocks(body: EntryBody, closing: Closing, say: ReportWords) -> Iterator[Block]:
    yield LabelledValues(title=say.merchant, rows=_present(_merchant(closing, say)))
    yield LabelledValues(title=say.place, rows=_present(_register(closing, say)))
    yield LabelledValues(title=say.period, rows=_present(_period(body, closing, say)))
    yield _turnover(closing, say)
    yield _kinds(closing, say)
    yield _cases(closing, say)
    yield _payments(closing, say)
    if closing.tenders:
        yield _tenders(closing, say)
    yield _cash(closing, say)
    for device in closing.devices:
        yield LabelledValues(
            title=say.devices,
            rows=(
                (say.device_serial, device.serial),
                (say.client, device.client),
                (say.algorithm, device.algorithm),
            ),
        )
    if body.seal is not None and (rows := _present(_signing(body.seal, say))):
        yield LabelledValues(title=say.signing, rows=rows)
    count = len(closing.unsigned)
    yield TextListing(
        title=f"{say.unsigned}: {count or say.no_unsigned}",
        items=closing.unsigned,
    )
    if rows := _present(_journal(closing, say)):
        yield LabelledValues(title=say.journal, rows=rows)


def _journal(closing: Closing, say: ReportWords) -> Iterator[tuple[str, str]]:
    """What the journal had come to: whoever keeps the paper can hold it against the journal."""
    yield say.fingerprint, closing.fingerprint
    if closing.checkpoint_root:
        size, root = closing.checkpoint_size, closing.checkpoint_root
        yield say.checkpoint, f"{size} {say.entries}, {root}"


def _is_counted(body: EntryBody) -> bool:
    """Whether the closing is itself the last operation of what it closes: a device signed it, or
    should have."""
    seal = body.seal
    return seal is not None and (seal.signing is not None or seal.outage != "")


def _present(rows: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(row for row in rows if row[1])


def _merchant(closing: Closing, say: ReportWords) -> Iterator[tuple[str, str]]:
    taxpayer = closing.place.taxpayer
    facts = taxpayer.facts
    yield say.legal_name, taxpayer.legal_name
    yield say.trade_name, taxpayer.trade_name
    yield say.address, _address(taxpayer.address)
    regime = find(taxpayer.regime)
    yield say.tax_number, facts.get(regime.tax_number, "")
    yield say.vat_id, regime.vat_number(facts)


def _register(closing: Closing, say: ReportWords) -> Iterator[tuple[str, str]]:
    location, register = closing.place.location, closing.place.register
    yield say.location, f"{location.name}, {_address(location.address)}"
    yield say.register, register.name
    yield say.register_id, register.id
    # To the signing device and in every export a register goes by its id, whatever it runs on.
    yield say.serial, register.serial
    yield say.software, register.software


def _address(address: Address) -> str:
    return f"{address.line()}, {address.code} {address.city}, {address.country}"


def _period(body: EntryBody, closing: Closing, say: ReportWords) -> Iterator[tuple[str, str]]:
    if closing.is_sealed:
        yield say.z_number, str(closing.number)
    else:
        yield say.report_number, str(closing.number)
        yield say.z_numbers, f"{closing.first_z} – {closing.last_z}"
    yield say.since, say.moment(closing.since, closing.timezone)
    yield say.until, say.moment(closing.until, closing.timezone)
    yield say.business_day, say.date(closing.day)
    yield say.first_receipt, closing.first_receipt
    yield say.last_receipt, body.intent if _is_counted(body) else closing.last_receipt
    yield say.documents, str(closing.documents)
    yield say.currency, closing.currency


def _turnover(closing: Closing, say: ReportWords) -> FigureTable:
    """The total is that of the printed rows, so that the paper adds up."""
    shown = [(row, _amounts(row.net, row.vat)) for row in closing.taxes]
    sums = [sum((amounts[at] for _, amounts in shown), ZERO) for at in range(3)]
    return FigureTable(
        title=say.turnover,
        head=(say.tax_code, say.gross, say.net, say.tax),
        rows=tuple(
            (
                _rate(row.tax_code, row.percentage, say),
                *(say.money(amount) for amount in amounts),
            )
            for row, amounts in shown
        ),
        totals=((say.total, *(say.money(amount) for amount in sums)),),
    )


def _amounts(net: Decimal, vat: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Gross, net and tax in cents: gross and tax as rounded, net what is left."""
    gross, tax = cents_half_up(net + vat), cents_half_up(vat)
    return gross, gross - tax, tax


def _rate(code: str, percentage: Decimal, say: ReportWords) -> str:
    text = say.tax_texts.get(code, "")
    return " · ".join(filter(None, (code, say.percentage(percentage), text)))


def _kinds(closing: Closing, say: ReportWords) -> FigureTable:
    def row(name: str, group: ClosingGroup) -> tuple[str, ...]:
        return (name, str(group.count), say.money(group.gross))

    groups = [(say.sales, closing.sales), (say.returns, closing.returns)]
    if closing.exchanges.count:
        groups.append((say.exchanges, closing.exchanges))
    count = sum(group.count for _, group in groups)
    return FigureTable(
        title=say.kinds,
        head=("", say.count, say.gross),
        rows=(
            *(row(*one) for one in groups),
            (say.voids, str(closing.voids), ""),
            *((row(say.orders, closing.orders),) if closing.orders.count else ()),
            *(((say.open_tabs, str(len(closing.open_tabs)), ""),) if closing.open_tabs else ()),
        ),
        totals=((say.total, str(count), say.money(closing.gross)),),
    )


def _cases(closing: Closing, say: ReportWords) -> FigureTable:
    return FigureTable(
        title=say.cases,
        head=(f"{say.cases} / {say.tax_code}", say.gross, say.net, say.tax),
        rows=tuple(
            (
                " · ".join(filter(None, (row.case, row.tax_code, say.percentage(row.percentage)))),
                *(say.money(amount) for amount in _amounts(row.net, row.vat)),
            )
            for row in closing.cases
        ),
    )


def _payments(closing: Closing, say: ReportWords) -> FigureTable:
    total = sum((row.amount for row in closing.payments), ZERO)
    cash = sum((row.amount for row in closing.payments if row.is_cash), ZERO)
    rows = []
    for row in closing.payments:
        foreign = row.foreign_amount
        text = " · ".join(filter(None, (row.type, row.name)))
        if foreign is not None:
            text += f" ({say.money(foreign)} {row.currency})"
        rows.append((text, say.money(row.amount)))
    return FigureTable(
        title=say.payments,
        head=(say.payment, say.amount),
        rows=tuple(rows),
        totals=((say.total, say.money(total)), (say.of_which_cash, say.money(cash))),
    )


def _tenders(closing: Closing, say: ReportWords) -> FigureTable:
    """What customers paid in the words of the till: it comes to what was sold and taken back."""
    total = sum((row.amount for row in closing.tenders), ZERO)
    return FigureTable(
        title=say.tendered,
        head=(say.payment, say.amount),
        rows=tuple((say.means[row.means], say.money(row.amount)) for row in closing.tenders),
        totals=((say.total, say.money(total)),),
    )


def _cash(closing: Closing, say: ReportWords) -> FigureTable:
    moved = closing.cash_in + closing.cash_out
    rows = [
        (say.opening, say.money(closing.opening)),
        (say.takings, say.money(closing.expected - closing.opening - moved)),
        (say.cash_in, say.money(closing.cash_in)),
        (say.cash_out, say.money(closing.cash_out)),
        (say.expected, say.money(closing.expected)),
    ]
    if closing.difference is None:
        rows.append((say.counted, say.not_counted))
    else:
        rows.append((say.counted, say.money(closing.expected + closing.difference)))
        rows.append((say.difference, say.money(closing.difference)))
    return FigureTable(title=say.cash, head=("", say.amount), rows=tuple(rows))


def _signing(seal: Seal, say: ReportWords) -> Iterator[tuple[str, str]]:
    if (signing := seal.signing) is not None:
        yield say.device_serial, signing.serial
        yield say.client, signing.client
        yield say.transaction, str(signing.number)
        yield say.counter, str(signing.counter)
        yield say.started, _logged(signing.started_at.isoformat(timespec="milliseconds"))
        yield say.finished, _logged(signing.finished_at.isoformat(timespec="milliseconds"))
        yield say.algorithm, signing.algorithm
        yield say.signature, signing.signature
    else:
        yield say.signature, seal.signature
        yield say.without_signature, seal.outage


def _logged(moment: str) -> str:
    """A device's time as receipts and exports spell it."""
    return moment.replace("+00:00", "Z")
