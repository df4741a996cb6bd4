"""What a day came to, counted from nothing but the operations that the API shows."""

from collections.abc import Iterable
from decimal import Decimal

from fiscus.api.reporting.tests.caller import Json

GOODS = ("sale", "return", "exchange")
NOTHING = Decimal(0)

METHODS = {"bank_transfer": "other", "voucher": "store_credit"}
"""Methods that a closing shows under another word: the law does not tell them apart."""


def is_goods(operation: Json) -> bool:
    return operation["type"] in GOODS and operation["status"] == "completed"


def worth(operation: Json) -> Decimal:
    """What it brought into the shop: a gift card brought its money when it was sold."""
    redeemed = [leg for leg in operation["payments"] if leg["method"] == "gift_card"]
    return Decimal(operation["total_amount"]) - added(leg["amount"] for leg in redeemed)


def moved(operation: Json) -> Decimal:
    """What it moved in the drawer, if it is no movement of goods."""
    names = ("opening_balance_amount", "amount", "variance")
    return added(operation[name] for name in names if name in operation)


def drawer(operations: Iterable[Json]) -> Decimal:
    """What moved in the drawer besides what customers paid: floats, adjustments, differences."""
    return sum((moved(one) for one in operations if one["type"] not in GOODS), NOTHING)


def paid(operations: Iterable[Json], *methods: str) -> Decimal:
    """Money that came and went with goods; of these methods, or of all but gift cards."""
    legs = [leg for one in operations if is_goods(one) for leg in one["payments"]]
    return added(
        leg["amount"] for leg in legs
        if leg["method"] != "gift_card" and (not methods or leg["method"] in methods)
    )  # fmt: skip


def added(amounts: Iterable[str]) -> Decimal:
    return sum(map(Decimal, amounts), NOTHING)


def cents(money: Decimal) -> int:
    assert money == money.quantize(Decimal("0.01"))
    return int(money * 100)


def summary(operations: list[Json]) -> Json:
    """As a closing shows it, without rates and without methods that came to nothing."""
    goods = [one for one in operations if is_goods(one)]
    sales = [worth(one) for one in goods if one["type"] == "sale"]
    returns = [worth(one) for one in goods if one["type"] != "sale"]
    adjusted = [moved(one) for one in operations if one["type"] == "session_cash_adjustment"]
    return {
        "operation_count": len(operations),
        "total_gross": cents(sum(sales + returns, NOTHING)),
        "total_tax": cents(added(one["tax_amount"] for one in goods)),
        "total_by_payment_method": _by_method(goods),
        "by_operation_type": {
            "sales": {"count": len(sales), "total_gross": cents(sum(sales, NOTHING))},
            "refunds": {"count": len(returns), "total_gross": cents(sum(returns, NOTHING))},
            "voids": {"count": sum(one["status"] == "voided" for one in operations)},
            "cash_movements": {
                "cash_in_total": cents(sum((one for one in adjusted if one > 0), NOTHING)),
                "cash_out_total": -cents(sum((one for one in adjusted if one < 0), NOTHING)),
            },
        },
    }


def _by_method(goods: list[Json]) -> dict[str, int]:
    methods = {leg["method"] for one in goods for leg in one["payments"]} - {"gift_card"}
    sums: dict[str, int] = {}
    for method in methods:
        word = METHODS.get(method, method)
        sums[word] = sums.get(word, 0) + cents(paid(goods, method))
    return {word: sum_ for word, sum_ in sums.items() if sum_}


def shown(closing: Json) -> Json:
    """A closing's own summary, made comparable with `summary`."""
    said: Json = {name: one for name, one in closing["summary"].items() if name != "tax_breakdown"}
    methods = said["total_by_payment_method"]
    return said | {"total_by_payment_method": {word: one for word, one in methods.items() if one}}
