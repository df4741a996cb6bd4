"""What a client of the authority works with: the ways to its services, its key, and a clock."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa

from fiscus.channels import Expiry, Later
from fiscus.channels.at_portugal.endpoints import AtEndpoints
from fiscus.channels.at_portugal.envelope import envelope
from fiscus.channels.at_portugal.login import AtLogin, authority_key, security
from fiscus.channels.at_portugal.transport import AnswerLost, HttpAnswer, ServiceLine, tls
from fiscus.model.times import Clock


@dataclass(frozen=True, kw_only=True)
class AtClient:
    """The three services, for any thread at any time. `key` encrypts the key of each request.
    `expiries`: what it takes to be let in, and ends by itself."""

    series: ServiceLine
    documents: ServiceLine
    transport: ServiceLine
    key: rsa.RSAPublicKey
    clock: Clock
    expiries: tuple[Expiry, ...] = ()

    def call(
        self, line: ServiceLine, who: AtLogin, body: str, action: str = ""
    ) -> HttpAnswer | Later:
        """Send one message, never twice."""
        at = self.clock()
        for one in self.expiries:
            if at >= one.ends_at:
                return Later(reason=f"{one.what} has ended ({one.setting})", is_unsent=True)
        message = envelope(security(who, self.key, at), body)
        try:
            return line.post(message, action)
        except AnswerLost as trouble:
            return Later(reason=trouble.reason, is_unsent=trouble.is_unsent)


def client(endpoints: AtEndpoints, clock: Clock, expiries: tuple[Expiry, ...] = ()) -> AtClient:
    """A client of these services; nothing is sent yet. Raises `ValueError` and `ssl.SSLError` for
    keys and certificates that cannot be used."""
    context = tls(endpoints.certificate, endpoints.private_key, endpoints.trusted)
    return AtClient(
        series=ServiceLine(address=endpoints.series, context=context),
        documents=ServiceLine(address=endpoints.documents, context=context),
        transport=ServiceLine(address=endpoints.transport, context=context),
        key=authority_key(endpoints.cipher_certificate),
        clock=clock,
        expiries=expiries,
    )
