"""Receipts of a bakery with a book shelf, drawn by a seed: no two days of a shop are alike.

A writer that remembers what it has spelled once would look fast on receipts that repeat; so
articles, quantities, weights, prices and payments vary as they do in a shop with some hundred
articles.
"""

from decimal import Decimal
from random import Random

from fiscus.model.amounts import cents_half_up
from fiscus.model.documents import (
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    Payment,
    PaymentMeans,
    StatedVat,
)

ARTICLES = 400
LINES = (1, 2, 3, 4, 5, 6, 9)
OF_LINES = (38, 30, 16, 8, 4, 3, 1)
"""How many of a hundred receipts have so many lines: 2.2 on average."""

MEANS = (PaymentMeans.CASH, PaymentMeans.CARD_DEBIT, PaymentMeans.CARD_CREDIT, PaymentMeans.ONLINE)
OF_MEANS = (45, 38, 14, 3)
WORDS = ("Brötchen", "Kaffee", "Kuchen", "Tee", "Kochbuch", "Baguette", "Brezel", "Quark", "Saft")
SORTS = ("groß", "klein", "„Berlin“", "mit Käse", "Bio", "vegan", "hell", "dunkel")


def drafts(count: int, seed: int) -> list[Draft]:
    """So many different receipts, the same ones for the same seed."""
    random = Random(seed)
    articles = [_article(random, number) for number in range(ARTICLES)]
    return [_draft(random, articles) for _ in range(count)]


def _article(random: Random, number: int) -> DraftLine:
    """One of something; a few names need quotes in a CSV file."""
    sign = ";" if random.random() < 0.04 else ","
    price = cents_half_up(Decimal(random.randrange(25, 400)) ** 2 / 3000) + Decimal("0.20")
    return _line(
        f"{random.choice(WORDS)}{sign} {random.choice(SORTS)} {number}",
        Decimal(1),
        price,
        random.choice(("7", "7", "19")),
        product=f"A-{number}",
        measure="kg" if random.random() < 0.1 else "",
    )


def _draft(random: Random, articles: list[DraftLine]) -> Draft:
    """A sale, or now and then something that comes back."""
    is_return = random.random() < 0.03
    count = 1 if is_return else random.choices(LINES, OF_LINES)[0]
    lines = tuple(_taken(random, random.choice(articles), is_return) for _ in range(count))
    total = sum((line.vat.inclusive for line in lines), Decimal(0))
    return Draft(
        kind=DocumentKind.CORRECTION if is_return else DocumentKind.RECEIPT,
        lines=lines,
        payments=_payments(random, -total if is_return else total),
        operator=random.choice(("Änne", "Björn", "Çelik")),
        external_reference="B-17" if is_return else "",
        external_text="Bon der alten Kasse" if is_return else "",
    )


def _taken(random: Random, article: DraftLine, is_return: bool) -> DraftLine:
    quantity = Decimal(random.choices((1, 2, 3, 4, 6, 12), (60, 20, 8, 6, 4, 2))[0])
    if article.measure:
        quantity = Decimal(random.randrange(80, 3000)) / 1000
    return _line(
        article.text,
        quantity,
        article.unit_price,
        str(article.vat.percentage),
        product=article.product,
        measure=article.measure,
        direction=Direction.RETURN if is_return else Direction.SALE,
    )


def _line(
    text: str,
    quantity: Decimal,
    price: Decimal,
    rate: str,
    *,
    product: str,
    measure: str,
    direction: Direction = Direction.SALE,
) -> DraftLine:
    gross = cents_half_up(quantity * price)
    vat = cents_half_up(gross * Decimal(rate) / (100 + Decimal(rate)))
    return DraftLine(
        direction=direction,
        text=text,
        quantity=quantity,
        unit_price=price,
        product=product,
        measure=measure,
        vat=StatedVat(
            code="", percentage=Decimal(rate), amount=vat, exclusive=gross - vat, inclusive=gross
        ),
    )


def _payments(random: Random, total: Decimal) -> tuple[Payment, ...]:
    """By one means, or some by a card and the rest in cash."""
    if total > 5 and random.random() < 0.04:
        cash = Decimal(random.randrange(1, 5))
        return (
            Payment(means=PaymentMeans.CARD_DEBIT, amount=total - cash),
            Payment(means=PaymentMeans.CASH, amount=cash),
        )
    return (Payment(means=random.choices(MEANS, OF_MEANS)[0], amount=total),)
