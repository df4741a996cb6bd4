"""The lines the law wants on paper, and which four characters of the signature are printed."""

from collections.abc import Iterator, Sequence

from fiscus.model.records import AssessedLine, Case
from fiscus.regimes.pt.corrections import corrected, is_of_another_program
from fiscus.regimes.pt.parties import FINAL_CONSUMER, tax_number

TRAINING = "Documento emitido para fins de Formação"
VOID = "ANULADO"
NAMELESS_BUYER = "Consumidor final"


def printed_characters(signature: str) -> str:
    """The characters 1, 11, 21 and 31."""
    return signature[0] + signature[10] + signature[20] + signature[30]


def prints(
    case: Case, *, atcud: str, excerpt: str, certificate: str, lines: Sequence[AssessedLine]
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
    if tax_number(case.draft.buyer) == FINAL_CONSUMER:
        yield NAMELESS_BUYER
    original = corrected(case)
    if original:
        of = f" de {original.day}" if is_of_another_program(case.draft) else ""
        yield f"Referente a {original.number}{of}: {case.draft.reason.strip()}"


def _mention(line: AssessedLine) -> str:
    return f"{line.exemption} - {line.exemption_text}"
