"""A law for each algorithm that a law may ask for; else they are like the template."""

from fiscus.model.documents import DocumentKind
from fiscus.regimes import Regime
from fiscus.regimes.plain.seal import seal_in
from fiscus.regimes.plain.series import series
from fiscus.signers import installed

ENCRYPTS = "aes-256"
"""Of a key that signs nothing; a law asks for it apart."""

ALGORITHMS = tuple(
    sorted({one for kind in installed().values() for one in kind.algorithms} - {ENCRYPTS})
)


def law(algorithm: str) -> Regime:
    return Regime(
        code=f"law-{algorithm}",
        name=f"A law that signs with {algorithm}",
        country="Nowhere",
        timezone="UTC",
        issues=frozenset({DocumentKind.RECEIPT}),
        series=series,
        seal=seal_in("UTC"),
        seal_key=algorithm,
    )


REGIMES = tuple(law(algorithm) for algorithm in ALGORITHMS)
