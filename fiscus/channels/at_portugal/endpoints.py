"""Where the authority's services are, and what it takes to be let in."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AtEndpoints:
    """The three services by address (`https://host:port/path`), and the keys of the channel.

    `trusted`: certificates (PEM) that the services' own must come from; empty: those that the
    machine trusts. `certificate` and `private_key` (PEM) are the producer's, signed by the
    authority, for TLS. `cipher_certificate` (PEM or DER) holds the authority's public key, which
    encrypts the key of each request (portugal.md 5.2).
    """

    series: str
    documents: str
    transport: str
    certificate: bytes
    private_key: bytes
    cipher_certificate: bytes
    trusted: bytes = b""


TEST_ADDRESSES = (
    "https://servicos.portaldasfinancas.gov.pt:722/SeriesWSService",
    "https://servicos.portaldasfinancas.gov.pt:723/fatcorews/ws/",
    "https://servicos.portaldasfinancas.gov.pt:701/sgdtws/documentosTransporte",
)
LIVE_ADDRESSES = (
    "https://servicos.portaldasfinancas.gov.pt:422/SeriesWSService",
    "https://servicos.portaldasfinancas.gov.pt:423/fatcorews/ws/",
    "https://servicos.portaldasfinancas.gov.pt:401/sgdtws/documentosTransporte",
)
"""Of series, documents and transport documents."""
