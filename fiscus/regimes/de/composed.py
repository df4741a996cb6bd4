"""Lines that are composed of parts, such as a menu: where its parts stand under several rates, the
line is one line with a share under each of them."""

from collections.abc import Iterator

import msgspec

from fiscus.model.amounts import ZERO, five_decimals_half_up
from fiscus.model.documents import Draft, DraftLine, LinePart, StatedVat
from fiscus.model.records import AssessedPart

Rate = tuple[str, bool, str]


def by_rate(line: DraftLine) -> tuple[DraftLine, ...]:
    """The line once under each rate of its parts, with the amounts and the parts of that rate; the
    line itself where all of it stands under one."""
    groups: dict[Rate, list[LinePart]] = {}
    for part in line.parts:
        groups.setdefault(_rate(part.vat), []).append(part)
    if len(groups) < 2:
        return (line,)
    return tuple(
        msgspec.structs.replace(line, vat=_sum(parts), parts=tuple(parts))
        for parts in groups.values()
    )


def has_several_rates(line: DraftLine) -> bool:
    return len({_rate(part.vat) for part in line.parts}) > 1


def bearers(draft: Draft) -> Iterator[tuple[str, DraftLine]]:
    """Everything that bears a rate of its own, with its path: lines under one rate, and parts as
    if each were a line."""
    for i, line in enumerate(draft.lines):
        if not has_several_rates(line):
            yield f"lines[{i}]", line
        for j, part in enumerate(line.parts):
            yield (
                f"lines[{i}].parts[{j}]",
                msgspec.structs.replace(
                    line,
                    vat=part.vat,
                    quantity=part.quantity,
                    discount=ZERO,
                    surcharge=ZERO,
                    parts=(),
                ),
            )


def assessed(line: DraftLine) -> tuple[AssessedPart, ...]:
    """The parts as they are recorded: net is the rest of gross."""
    return tuple(_assessed(part) for part in line.parts)


def _assessed(part: LinePart) -> AssessedPart:
    vat = five_decimals_half_up(part.vat.amount)
    return AssessedPart(
        text=part.text.strip(),
        product=part.product,
        quantity=part.quantity,
        net=five_decimals_half_up(part.vat.inclusive - vat),
        vat=vat,
        gtin=part.gtin,
        product_group=part.product_group,
        product_group_name=part.product_group_name,
    )


def _rate(vat: StatedVat) -> Rate:
    return (vat.code, vat.is_exempt, str(vat.percentage.normalize()))


def _sum(parts: list[LinePart]) -> StatedVat:
    return msgspec.structs.replace(
        parts[0].vat,
        amount=sum((part.vat.amount for part in parts), ZERO),
        exclusive=sum((part.vat.exclusive for part in parts), ZERO),
        inclusive=sum((part.vat.inclusive for part in parts), ZERO),
    )
