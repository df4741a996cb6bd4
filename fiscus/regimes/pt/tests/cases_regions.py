"""Where lines are taxed, and why some are not: what the rules let through and what they refuse."""

from datetime import UTC, date, datetime

from fiscus.model.documents import Draft
from fiscus.regimes.pt.tests.builders import (
    a_case,
    a_draft,
    a_line,
    a_place,
    a_vat,
    an_exempt_vat,
)


def taxed_in(*regions: tuple[str, str]) -> Draft:
    """A line in each region, at its standard rate."""
    return a_draft(
        *(
            a_line(f"Mesa {region}", vat=a_vat("2.00", percentage, region=region))
            for region, percentage in regions
        )
    )


THREE = (("PT", "23"), ("ES", "21"), ("FR", "20"))
AZORES, MADEIRA = a_place("9500-100"), a_place("9000-001")

GOOD = {
    "Spain, by the one-stop shop": a_case(taxed_in(("ES", "21"))),
    "Spain, from the Azores": a_case(taxed_in(("ES", "21")), place=AZORES),
    "a reduced rate of France": a_case(
        a_draft(a_line(vat=a_vat("2.00", "5.5", "REDUCED_2", "FR")))
    ),
    "Luxembourg, years ago": a_case(
        a_draft(
            a_line(vat=a_vat("2.00", "16", region="LU")),
            supplied_on=date(2023, 6, 1),
            issued_at=datetime(2024, 5, 3, 9, 0, tzinfo=UTC),
        ),
        at=datetime(2024, 5, 3, 9, 0, tzinfo=UTC),
    ),
    "three countries": a_case(taxed_in(*THREE)),
    "the country alone, in Madeira": a_case(taxed_in(("PT", "22")), place=MADEIRA),
    "the mainland, in Madeira": a_case(taxed_in(("PT", "23")), place=MADEIRA),
    "a reason of the caller": a_case(
        a_draft(a_line(vat=an_exempt_vat(reason="Isento por acordo")))
    ),
    "a reason that codes share": a_case(
        a_draft(a_line(vat=an_exempt_vat(code="M31", reason="IVA - autoliquidação")))
    ),
}

PERCENTAGE, REGION = ("lines[0].vat.percentage",), ("lines[0].vat.region",)

BROKEN = (
    ("PT-TAX-01", a_case(taxed_in(("US", "21"))), REGION),
    ("PT-TAX-01", a_case(taxed_in(("GB", "20"))), REGION),
    ("PT-TAX-01", a_case(taxed_in(("ES-CANARIAS", "7"))), REGION),
    ("PT-TAX-02", a_case(a_draft(a_line(vat=a_vat("2", "13", "STANDARD")))), PERCENTAGE),
    ("PT-TAX-02", a_case(a_draft(a_line(vat=a_vat("2", "22")))), PERCENTAGE),
    ("PT-TAX-02", a_case(a_draft(a_line(vat=a_vat("2", "4", "REDUCED_2")))), PERCENTAGE),
    ("PT-TAX-02", a_case(a_draft(a_line(vat=a_vat("2", "23"))), place=AZORES), PERCENTAGE),
    ("PT-TAX-02", a_case(a_draft(a_line(vat=a_vat("2", "16"))), place=MADEIRA), PERCENTAGE),
    ("PT-TAX-02", a_case(taxed_in(("PT-AC", "23"))), PERCENTAGE),
    ("PT-TAX-02", a_case(taxed_in(("PT", "16"))), PERCENTAGE),
    ("PT-TAX-02", a_case(taxed_in(("ES", "99"))), PERCENTAGE),
    ("PT-TAX-02", a_case(taxed_in(("ES", "10"))), PERCENTAGE),
    (
        "PT-TAX-02",
        a_case(a_draft(a_line(vat=a_vat("2", "5", "REDUCED_2"))), place=MADEIRA),
        PERCENTAGE,
    ),
    ("PT-TAX-03", a_case(taxed_in(("ES", "0"))), ("lines[0].vat.code",)),
    (
        "PT-TAX-09",
        a_case(a_draft(a_line(vat=an_exempt_vat(reason="Isento artigo 13.º do CIVA")))),
        ("lines[0].vat.reason",),
    ),
    ("PT-TAX-10", a_case(taxed_in(*THREE, ("DE", "19"))), ("lines[3].vat.region",)),
    (
        "PT-TAX-10",
        a_case(taxed_in(("PT", "23"), ("PT-AC", "16"), ("PT-MA", "22"), ("ES", "21"))),
        ("lines[3].vat.region",),
    ),
)
