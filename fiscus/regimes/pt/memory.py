"""A product keeps its description from its first document on (Despacho n.º 8632/2014, 3.3.5)."""

from collections.abc import Iterator

from fiscus.model.documents import Draft
from fiscus.model.records import Seal
from fiscus.regimes.pt.assess import product_code
from fiscus.regimes.pt.corrections import described


def products(draft: Draft) -> Iterator[str]:
    """The codes of the products that the caller names, as documents have them."""
    for line in draft.lines:
        if line.product:
            yield product_code(line.product, described(line.text))


def descriptions(seal: Seal) -> Iterator[tuple[str, str]]:
    """The products of a document, with their descriptions."""
    for line in seal.lines:
        yield line.product, line.text
