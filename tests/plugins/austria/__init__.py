"""A part of Austria's law for registers (RKSV), as another package would bring it.

It is here to show that the plug-in points have the questions of a law whose receipts are chained
by a signature and by an encrypted counter. It is not fit for use: no cash register at the tax
office, no training beyond its mark, no protocol of an outage.
"""

from fiscus.channels import Channel
from fiscus.model.documents import DocumentKind
from fiscus.regimes import KeyOwner, Regime
from tests.plugins.austria.obligations import CHANNEL, obligations
from tests.plugins.austria.seal import TIMEZONE, seal
from tests.plugins.austria.series import series
from tests.plugins.austria.simulator import simulate

AUSTRIA = Regime(
    code="at",
    name="Austria",
    country="Austria",
    timezone=TIMEZONE,
    issues=frozenset(
        {
            DocumentKind.RECEIPT,
            DocumentKind.CORRECTION,
            DocumentKind.ABORT,
            DocumentKind.OPENING,
            DocumentKind.COUNT,
            DocumentKind.CLOSING,
        }
    ),
    series=series,
    seal=seal,
    seal_key="ecdsa-p256",
    cipher_key="aes-256",
    key_owner=KeyOwner.TAXPAYER,
    obligations=obligations,
)

REGIMES = (AUSTRIA,)
CHANNELS = (Channel(code=CHANNEL, simulate=simulate),)
