"""What a day came to, counted from nothing but the operations that the API shows."""

from collections.abc import Iterable
from decimal import Decimal

from fiscus.api.families.reporting.tests.caller import Json

GOODS = ("sale", "return", "exchange")
NOTHING = Decimal(0)


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
    """What came and went with goods: by these methods, or money, so by all but gift cards."""
    legs = [leg for one in operations if is_goods(one) for leg in one["payments"]]
    return added(
        leg["amount"]
        for leg in legs
        if (leg["method"] in methods if methods else leg["method"] != "gift_card")
    )


def added(amounts: Iterable[str]) -> Decimal:
    return sum(map(Decimal, amounts), NOTHING)


def cents(money: Decimal) -> int:
    assert money == money.quantize(Decimal("0.01"))
    return int(money * 100)


def summary(operations: list[Json]) -> Json:
    """As a closing shows it, without rates and without methods that came to nothing."""
    goods = [one for one in operations if is_goods(one)]
    groups = {type_: _group(goods, type_) for type_ in ("sale", "return", "exchange")}
    adjusted = [moved(one) for one in operations if one["type"] == "session_cash_adjustment"]
    return {
        "operation_count": len(operations),
        "total_gross": sum(group["total_gross"] for group in groups.values()),
        "total_tax": cents(added(one["tax_amount"] for one in goods)),
        "total_by_payment_method": _by_method(goods),
        "by_operation_type": {
            "sales": groups["sale"],
            "refunds": groups["return"],
            **({"exchanges": groups["exchange"]} if groups["exchange"]["count"] else {}),
            "voids": {"count": sum(one["status"] == "voided" for one in operations)},
            "cash_movements": {
                "cash_in_total": cents(sum((one for one in adjusted if one > 0), NOTHING)),
                "cash_out_total": -cents(sum((one for one in adjusted if one < 0), NOTHING)),
            },
        },
    }


def _group(goods: list[Json], type_: str) -> Json:
    """What the till said that these operations come to."""
    found = [one["total_amount"] for one in goods if one["type"] == type_]
    return {"count": len(found), "total_gross": cents(added(found))}


def _by_method(goods: list[Json]) -> dict[str, int]:
    methods = {leg["method"] for one in goods for leg in one["payments"]}
    sums = {method: cents(paid(goods, method)) for method in methods}
    return {method: sum_ for method, sum_ in sums.items() if sum_}


def shown(closing: Json) -> Json:
    """A closing's own summary, made comparable with `summary`."""
    said: Json = {name: one for name, one in closing["summary"].items() if name != "tax_breakdown"}
    methods = said["total_by_payment_method"]
    return said | {"total_by_payment_method": {word: one for word, one in methods.items() if one}}
