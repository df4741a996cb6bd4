"""Portugal: certified invoicing programs, signed and chained documents, registered series."""

from fiscus.model.documents import Kind
from fiscus.regimes import Regime, Setting
from fiscus.regimes.pt.identity import FROZEN_FACTS, identity, vat_number
from fiscus.regimes.pt.rates import TIMEZONE, exemptions, vat_rates
from fiscus.regimes.pt.rules import RULES
from fiscus.regimes.pt.seal import seal
from fiscus.regimes.pt.series import series

SETTINGS = (
    Setting(
        name="certificate_number",
        help="the number under which the tax authority certified this program",
        test_value="9999",
        pattern="[0-9]{1,4}",
    ),
    Setting(
        name="key_version",
        help="the version of the signing key, counted from 1 at the tax authority",
        test_value="1",
        pattern="[1-9][0-9]*",
    ),
    Setting(
        name="producer_tax_number",
        help="the NIF of who produces this program",
        test_value="599999993",
        pattern="[1-9][0-9]{8}",
    ),
    Setting(
        name="product_id",
        help="the name of the program and of its maker, as certified: name/maker",
        test_value="Fiscus/Fiscus",
        pattern="[^/]+/[^/]+",
    ),
)

PORTUGAL = Regime(
    code="pt",
    name="Portugal",
    country="Portugal",
    timezone=TIMEZONE,
    issues=frozenset(Kind),
    series=series,
    seal=seal,
    rules=RULES,
    seal_key="rsa-1024",
    settings=SETTINGS,
    identity=identity,
    frozen_facts=FROZEN_FACTS,
    vat_number=vat_number,
    vat_rates=vat_rates,
    exemptions=exemptions,
)

REGIMES = (PORTUGAL,)
