"""Portugal: certified invoicing programs, signed and chained documents, registered series."""

from datetime import timedelta

from fiscus.model.documents import DocumentKind
from fiscus.model.plugin_settings import Setting
from fiscus.regimes import Regime, RegimeMemory, SeriesRegistration
from fiscus.regimes.pt.accounting import ACCOUNTING
from fiscus.regimes.pt.corrections import completed
from fiscus.regimes.pt.explained import explained
from fiscus.regimes.pt.identity import FROZEN_FACTS, identity, sole_number, vat_number
from fiscus.regimes.pt.memory import descriptions, products
from fiscus.regimes.pt.months import ALLOWED, LATE_CANCELLATIONS, MONTHS
from fiscus.regimes.pt.obligations import obligations
from fiscus.regimes.pt.printing import VOID
from fiscus.regimes.pt.rates import (
    TIMEZONE,
    ZERO_CATEGORIES,
    ZERO_NAMES,
    exemptions,
    tax_category,
    vat_rates,
)
from fiscus.regimes.pt.remedies import REMEDIES
from fiscus.regimes.pt.rules import RULES
from fiscus.regimes.pt.rules.law import PLACES, SERIES
from fiscus.regimes.pt.seal import seal
from fiscus.regimes.pt.series import (
    CHANNEL,
    following,
    is_signature,
    may_cancel,
    named,
    others,
    read,
    series,
    told_of_program,
)

SETTINGS = (
    Setting(
        name="certificate_number",
        help="the number under which the tax authority certified this program",
        test_value="9999",
        pattern="[0-9]{1,4}",
        test_pattern="0+|9999",
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
        test_pattern="599999993",
    ),
    Setting(
        name="product_id",
        help="the name of the program and of its maker, as certified: name/maker",
        test_value="Fiscus/Fiscus",
        pattern="[^/]+/[^/]+",
    ),
    Setting(
        name=LATE_CANCELLATIONS,
        help="`allowed`: documents may be cancelled after their month was reported, as the tax"
        " office has agreed to; else refused (Decreto-Lei n.º 198/2012, art. 3)",
        pattern=f"refused|{ALLOWED}",
        is_optional=True,
    ),
)

SAMPLE_KEY = "d340b5a6b2e242f1f15352d66ed2495a9a0b35fc9fdf034a8a86c962e59cb6b0"
"""The pair that the authority publishes as an example."""

CLOCK_BACK_MAX = timedelta(minutes=10)
"""Despacho n.º 8632/2014, 3.4.3, forbids a time of entry before the last one and names no bound for
a clock that slipped: ten minutes are ours."""

PORTUGAL = Regime(
    code="pt",
    name="Portugal",
    country="Portugal",
    timezone=TIMEZONE,
    issues=frozenset(
        {
            DocumentKind.RECEIPT,
            DocumentKind.INVOICE,
            DocumentKind.CORRECTION,
            DocumentKind.CANCELLATION,
            DocumentKind.ABORT,
            DocumentKind.OPENING,
            DocumentKind.MOVEMENT,
            DocumentKind.COUNT,
            DocumentKind.CLOSING,
        },
    ),
    series=series,
    seal=seal,
    completed=completed,
    memory=RegimeMemory(asked=products, kept=descriptions),
    clock_back_max=CLOCK_BACK_MAX,
    rules=RULES,
    seal_key="rsa-1024",
    obligations=obligations,
    has_reporting_choice=True,
    reporting_months=MONTHS,
    published_keys=frozenset({SAMPLE_KEY}),
    settings=SETTINGS,
    identity=identity,
    frozen_facts=FROZEN_FACTS,
    registration=SeriesRegistration(
        channel=CHANNEL,
        number=sole_number,
        read=read,
        named=named,
        others=others,
        following=following,
        may_cancel=may_cancel,
        facts=told_of_program,
        carries=is_signature,
        law=SERIES,
        place_law=PLACES,
    ),
    vat_number=vat_number,
    vat_rates=vat_rates,
    exemptions=exemptions,
    zero_names=ZERO_NAMES,
    zero_categories=ZERO_CATEGORIES,
    remedies=REMEDIES,
    void_print=VOID,
    accounting=ACCOUNTING,
    tax_category=tax_category,
    explained=explained,
)

REGIMES = (PORTUGAL,)
