"""What the law made of a document, as the companion of its record shows it, and its proof."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import msgspec

from fiscus.api.families.unified.translate.contents import Json
from fiscus.journal.proving import EntryProof
from fiscus.model.amounts import ZERO, money, plain
from fiscus.model.faults import Code, Missing
from fiscus.model.kinds import EntryKind
from fiscus.model.records import AssessedLine, DeviceSigning, Record, Seal, TaxShare
from fiscus.model.times import seconds_z

NO_DOCUMENT = Code("UNIFIED-DOCUMENT-01", "this record is no document that was issued")


NUMBER = "X-Document-Number"
"""The legal number, in a header: the contract's bodies have no member for it."""


def has_companion(known: Record) -> bool:
    return known.kind == EntryKind.DOCUMENT and known.body.seal is not None


def headers(known: Record, receipt: str = "") -> dict[str, str]:
    """The legal number of a document, and what leads from its record to its companion, and to the
    page for the customer at the address `receipt`, if it has one."""
    if not has_companion(known):
        return {}
    number = known.body.seal.number if known.body.seal else ""
    links = [f'</records/{known.body.id}/document>; rel="describedby"']
    if receipt:
        links.append(f'<{receipt}>; rel="receipt"')
    return {"Link": ", ".join(links), NUMBER: number}


def document(known: Record, also_printed: Iterable[str] = (), receipt: str = "") -> Json:
    """`also_printed`: what is to be printed since it was sealed; `receipt`: the address of its page
    for the customer. Raises `Missing` for intentions, refusals and acts without a document of their
    own."""
    seal = known.body.seal
    if seal is None or not has_companion(known):
        raise Missing(NO_DOCUMENT, "record_id")
    content: Json = {
        "record": {"id": known.body.id},
        "number": seal.number,
        "type": seal.document_type,
        "issued_on": seal.day.isoformat(),
        "total_vat": {
            "exclusive": money(seal.net),
            "amount": money(seal.vat),
            "inclusive": money(seal.gross),
        },
        "taxes": [_tax(share) for share in _shares(seal)],
        "prints": [*seal.prints, *also_printed],
        "warnings": [msgspec.to_builtins(notice) for notice in seal.notices],
    }
    if seal.code:
        content["atcud"] = seal.code
    if seal.qr:
        content["qr_code"] = seal.qr
    if receipt:
        content["receipt_url"] = receipt
    if seal.signing:
        content["device"] = _device(seal.signing)
    if seal.outage:
        content["outage"] = seal.outage
    return {"content": content}


def proof(id_: str, known: EntryProof) -> Json:
    """The proof of a record, with what it says beside it."""
    return {
        "content": {
            "record": {"id": id_},
            "link": known.link,
            "origin": known.origin,
            "index": known.index,
            "size": known.size,
            "witnesses": [
                {"name": one.name}
                | ({"signed_at": seconds_z(one.signed_at)} if one.signed_at else {})
                for one in known.witnesses
            ],
            "proof": known.text,
        }
    }


def _device(signing: DeviceSigning) -> Json:
    return {
        "serial": signing.serial,
        "client": signing.client,
        "transaction": signing.number,
        "counter": signing.counter,
        "started_at": signing.started_at.isoformat(timespec="milliseconds"),
        "finished_at": signing.finished_at.isoformat(timespec="milliseconds"),
        "signature": signing.signature,
        "algorithm": signing.algorithm,
        "time_format": signing.time_format,
        "public_key": signing.public_key,
        "process_type": signing.process_type,
        "process_data": signing.process_data,
    }


def _tax(share: TaxShare) -> Json:
    return {
        "region": share.region,
        "type": share.tax_type,
        "code": share.tax_code,
        "percentage": plain(share.percentage),
        "exclusive": money(share.net),
        "amount": money(share.vat),
    }


def _shares(seal: Seal) -> Iterable[TaxShare]:
    """As sealed; a law that seals none is answered with the sums of the lines."""
    return seal.taxes or _summed(seal.lines)


def _summed(lines: Iterable[AssessedLine]) -> Iterator[TaxShare]:
    sums: dict[tuple[str, str, str, Decimal], tuple[Decimal, Decimal]] = {}
    for line in lines:
        key = (line.region, line.tax_type, line.tax_code, line.percentage)
        sign = -1 if line.is_debit else 1
        net, vat = sums.get(key, (ZERO, ZERO))
        sums[key] = net + sign * line.net, vat + sign * line.vat
    for (region, type_, code, percentage), (net, vat) in sums.items():
        yield TaxShare(
            region=region, tax_type=type_, tax_code=code, percentage=percentage, net=net, vat=vat
        )
