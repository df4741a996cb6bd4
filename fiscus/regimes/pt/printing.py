"""The lines the law wants on paper, and which four characters of the signature are printed."""

from collections.abc import Iterator, Sequence

from fiscus.model.records import Assessed, Case
from fiscus.regimes.pt.corrections import own_document
from fiscus.regimes.pt.documents import is_correction
from fiscus.regimes.pt.parties import FINAL_CONSUMER, buyer_of, tax_number

TRAINING = "Documento emitido para fins de Formação"
NAMELESS_BUYER = "Consumidor final"


def printed_characters(signature: str) -> str:
    """The characters 1, 11, 21 and 31."""
    return signature[0] + signature[10] + signature[20] + signature[30]


def prints(
    case: Case, *, atcud: str, excerpt: str, certificate: str, lines: Sequence[Assessed]
) -> tuple[str, ...]:
    """The ATCUD stands first because it goes directly above the QR code."""
    return (
        f"ATCUD:{atcud}",
        f"{excerpt}-Processado por programa certificado n.º {certificate}/AT",
        *_circumstances(case),
        *dict.fromkeys(_mention(line) for line in lines if line.exemption),
    )


def _circumstances(case: Case) -> Iterator[str]:
    if case.draft.is_training:
        yield TRAINING
    if tax_number(buyer_of(case)) == FINAL_CONSUMER:
        yield NAMELESS_BUYER
    original = own_document(case) if is_correction(case.draft) else None
    if original:
        yield f"Referente a {original.number}: {case.draft.reason.strip()}"


def _mention(line: Assessed) -> str:
    return f"{line.exemption} - {line.exemption_text}"
