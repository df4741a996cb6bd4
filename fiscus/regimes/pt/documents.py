"""The kinds of documents Portugal knows, by the codes of the SAF-T (PT), and what each is for."""

from collections.abc import Mapping
from typing import NamedTuple

from fiscus.model.documents import CASH_KINDS, Direction, DocumentKind, Draft


class DocumentType(NamedTuple):
    """`section` is the authority's class of series (`SI`: invoices and what corrects them)."""

    code: str
    title: str
    section: str = "SI"


FR = DocumentType("FR", "Fatura-recibo")
FS = DocumentType("FS", "Fatura simplificada")
FT = DocumentType("FT", "Fatura")
NC = DocumentType("NC", "Nota de crédito")
ND = DocumentType("ND", "Nota de débito")

DOCUMENT_TYPES: Mapping[str, DocumentType] = {each.code: each for each in (FR, FS, FT, NC, ND)}
CORRECTABLE = frozenset({FR.code, FS.code, FT.code})
CREDITABLE = CORRECTABLE | {ND.code}


def document_type(draft: Draft) -> DocumentType | None:
    """The document a draft becomes; None for acts that make no document of their own.

    A correction with lines in both directions counts as a credit note; a rule refuses it.
    """
    if draft.kind is DocumentKind.RECEIPT:
        return FS if draft.is_simplified else FR
    if draft.kind is DocumentKind.INVOICE:
        return FT
    if draft.kind is DocumentKind.CORRECTION:
        return NC if is_credit(draft) else ND
    return None


def is_credit(draft: Draft) -> bool:
    return draft.kind is DocumentKind.CORRECTION and any(
        line.direction is Direction.RETURN for line in draft.lines
    )


def is_correction(draft: Draft) -> bool:
    return draft.kind is DocumentKind.CORRECTION


UNREGULATED = CASH_KINDS | {DocumentKind.CLOSING}
"""What happens to the drawer, and closings: no text of the law speaks of them. They are journaled;
they take no number, so they are not signed, and they stand in no file for the authority."""


def is_document(draft: Draft) -> bool:
    """Whether the draft becomes a numbered document, unlike a cancellation or an abort."""
    return document_type(draft) is not None
