"""VAT rates by region and date, and the exemption codes: data of the law, no functions."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

MAINLAND = "PT"
AZORES = "PT-AC"
MADEIRA = "PT-MA"
REGIONS = (MAINLAND, AZORES, MADEIRA)

REGION_WORDS: Mapping[str, str] = {
    "PT": MAINLAND,
    "PT-AC": AZORES,
    "PT-AZORES": AZORES,
    "AZORES": AZORES,
    "PT-MA": MADEIRA,
    "PT-MADEIRA": MADEIRA,
    "MADEIRA": MADEIRA,
}
"""How callers spell a region."""

_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL RO SE SI SK"
MEMBER_STATES = frozenset(_MEMBERS.split())
"""Where else a sale may be taxed that is declared here, in the one-stop shop of the Union (OSS)."""

UNION_TAX_CODES: Mapping[str, str] = {
    "STANDARD": "NOR",
    "REDUCED_1": "INT",
    **{f"REDUCED_{number}": "RED" for number in range(2, 12)},
}
"""The code of the SAF-T for the rates of another member state, by the caller's. Some states have
more reduced rates than there are codes; under `OUT` the QR code would not add up to its totals."""

UNION_STANDARD_MIN, UNION_MAX = Decimal(15), Decimal(27)
"""The least that a standard rate may be by the directive, and the highest rate of any member state
in 2026. Between them the caller's word counts: no table of ours holds the rates of other states."""


STANDARD = "STANDARD"


class RegionRate(NamedTuple):
    """`code` is the caller's word, `tax_code` that of the SAF-T; both days are included."""

    region: str
    code: str
    tax_code: str
    percentage: Decimal
    first: date
    last: date = date.max


RATES = (
    RegionRate(MAINLAND, "STANDARD", "NOR", Decimal(23), date(2011, 1, 1)),
    RegionRate(MAINLAND, "REDUCED_1", "INT", Decimal(13), date(2010, 7, 1)),
    RegionRate(MAINLAND, "REDUCED_2", "RED", Decimal(6), date(2010, 7, 1)),
    RegionRate(AZORES, "STANDARD", "NOR", Decimal(16), date(2021, 7, 1)),
    RegionRate(AZORES, "REDUCED_1", "INT", Decimal(9), date.min),
    RegionRate(AZORES, "REDUCED_2", "RED", Decimal(4), date.min),
    RegionRate(MADEIRA, "STANDARD", "NOR", Decimal(22), date(2012, 4, 1)),
    RegionRate(MADEIRA, "REDUCED_1", "INT", Decimal(12), date(2012, 4, 1)),
    RegionRate(MADEIRA, "REDUCED_2", "RED", Decimal(4), date(2024, 10, 1)),
    RegionRate(MADEIRA, "REDUCED_2", "RED", Decimal(5), date(2012, 4, 1), date(2024, 9, 30)),
)

RATE_NAMES: Mapping[str, str] = {
    "STANDARD": "Taxa normal",
    "REDUCED_1": "Taxa intermédia",
    "REDUCED_2": "Taxa reduzida",
}

ZERO_RATE = "REDUCED_3"
ZERO_RATE_NAME = "Taxa 0%: indicar o motivo com um código de isenção"


class ExemptionReason(NamedTuple):
    """A reason not to charge VAT: the authority's code, the caller's, and what is printed.

    `article` says more where the mention does not name its law; both days are included.
    """

    code: str
    caller: str
    mention: str
    article: str = ""
    tax_type: str = "IVA"
    tax_code: str = "ISE"
    first: date = date.min
    last: date = date.max


_SELF = "IVA - autoliquidação"
_OTHERS = "Não sujeito ou não tributado"
_2022 = date(2022, 7, 1)
_2023 = date(2023, 1, 1)
_2025 = date(2025, 9, 1)
_BASKET_END = date(2024, 1, 4)

EXEMPTIONS = (
    ExemptionReason("M01", "CAUSE_1", "Artigo 16.º, n.º 6 do CIVA"),
    ExemptionReason("M02", "CAUSE_2", "Artigo 6.º do Decreto-Lei n.º 198/90, de 19 de junho"),
    ExemptionReason("M04", "CAUSE_3", "Isento artigo 13.º do CIVA"),
    ExemptionReason("M05", "CAUSE_4", "Isento artigo 14.º do CIVA"),
    ExemptionReason("M06", "CAUSE_5", "Isento artigo 15.º do CIVA"),
    ExemptionReason("M07", "CAUSE_6", "Isento artigo 9.º do CIVA"),
    ExemptionReason(
        "M09", "CAUSE_7", "IVA - não confere direito a dedução", "artigo 62.º b) do CIVA"
    ),
    ExemptionReason("M10", "CAUSE_8", "IVA - regime de isenção", "artigo 57.º do CIVA"),
    ExemptionReason("M11", "CAUSE_9", "Regime particular do tabaco"),
    ExemptionReason("M12", "CAUSE_10", "Regime da margem de lucro - Agências de viagens"),
    ExemptionReason("M13", "CAUSE_11", "Regime da margem de lucro - Bens em segunda mão"),
    ExemptionReason("M14", "CAUSE_12", "Regime da margem de lucro - Objetos de arte"),
    ExemptionReason(
        "M15", "CAUSE_13", "Regime da margem de lucro-Objetos de coleção e antiguidades"
    ),
    ExemptionReason("M16", "CAUSE_14", "Isento artigo 14.º do RITI"),
    ExemptionReason("M19", "CAUSE_15", "Outras isenções", "isenções temporárias", first=_2022),
    ExemptionReason("M20", "CAUSE_16", "IVA - regime forfetário", "artigo 59.º-D n.º 2 do CIVA"),
    ExemptionReason(
        "M21",
        "CAUSE_17",
        "IVA - não confere direito à dedução",
        "artigo 72.º n.º 4 do CIVA",
        first=_2022,
    ),
    ExemptionReason(
        "M25", "CAUSE_18", "Mercadorias à consignação", "artigo 38.º n.º 1 a) do CIVA", first=_2022
    ),
    ExemptionReason(
        "M26",
        "CAUSE_19",
        "Isenção de IVA com direito à dedução no cabaz alimentar",
        first=_2023,
        last=_BASKET_END,
    ),
    ExemptionReason("M30", "CAUSE_20", _SELF, "artigo 2.º n.º 1 i) do CIVA", first=_2022),
    ExemptionReason("M31", "CAUSE_21", _SELF, "artigo 2.º n.º 1 j) do CIVA", first=_2022),
    ExemptionReason("M32", "CAUSE_22", _SELF, "artigo 2.º n.º 1 l) do CIVA", first=_2022),
    ExemptionReason("M33", "CAUSE_23", _SELF, "artigo 2.º n.º 1 m) do CIVA", first=_2022),
    ExemptionReason("M34", "CAUSE_24", _SELF, "artigo 2.º n.º 1 n) do CIVA", first=_2023),
    ExemptionReason(
        "M40", "CAUSE_25", _SELF, "artigo 6.º n.º 6 a) do CIVA, a contrário", first=_2022
    ),
    ExemptionReason("M41", "CAUSE_26", _SELF, "artigo 8.º n.º 3 do RITI", first=_2022),
    ExemptionReason("M42", "CAUSE_27", _SELF, "Decreto-Lei n.º 21/2007", first=_2022),
    ExemptionReason("M43", "CAUSE_28", _SELF, "Decreto-Lei n.º 362/99", first=_2022),
    ExemptionReason(
        "M44", "CAUSE_29", "IVA - regras específicas - artigo 6.º", "CIVA", first=_2025
    ),
    ExemptionReason(
        "M45",
        "CAUSE_30",
        "IVA - regime transfronteiriço de isenção",
        "artigo 58.º-A do CIVA",
        first=_2025,
    ),
    ExemptionReason("M46", "CAUSE_31", "IVA - e-TaxFree", "Decreto-Lei n.º 19/2017", first=_2025),
    ExemptionReason("M99", "NOT_SUBJECT", _OTHERS, "operação não sujeita", "NS", "NS"),
    ExemptionReason("M99", "NOT_TAXABLE", _OTHERS, "operação não tributada", "NS", "NS"),
)
"""M03 and M08 were withdrawn and are not offered; M26 ended with its law."""
