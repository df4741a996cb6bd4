from base64 import b64encode
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from fiscus.formats.dsfinvk.check.devices import CertifiedKey, SignatureClaim, is_signed
from fiscus.signers.tse.log import algorithms, messages
from fiscus.signers.tse.log.logtime import LogTime, TimeFormat
from fiscus.signers.tse.log.messages import LogOperation, MessageProof, TransactionLog

ALGORITHM = "ecdsa-plain-SHA256"
AT = datetime(2026, 3, 1, 10, 15, 7, 345_000, tzinfo=UTC)
TOLD = "Beleg^6.80_0.00_0.00_0.00_0.00^6.80:Bar"

KEY = ec.derive_private_key(20_261_121, ec.SECP256R1())


def a_device() -> CertifiedKey:
    key = KEY.public_key()
    return CertifiedKey(key, algorithms.serial(key), ALGORITHM, "unixTime")


def a_claim(client_id: str, version: int, parts: tuple[bytes, ...]) -> SignatureClaim:
    log = TransactionLog(
        version=version,
        operation_type=messages.operation_type(LogOperation.FINISH, version),
        client_id=client_id,
        process_data=TOLD.encode(),
        process_type="Kassenbeleg-V1",
        number=7,
        parts=parts,
        proof=MessageProof(
            serial=algorithms.serial(KEY.public_key()),
            algorithm=algorithms.OIDS[ALGORITHM],
            counter=19,
            time=LogTime(TimeFormat.UNIX, str(int(AT.timestamp()))),
        ),
    )
    signature = algorithms.sign(KEY, ALGORITHM, messages.signed_bytes(log))
    return SignatureClaim(7, AT, "Kassenbeleg-V1", 19, b64encode(signature).decode())


FORMS = [
    (client_id, version, parts)
    for client_id in ("terminal", "register")
    for version in messages.VERSIONS
    for parts in ((), (TOLD.encode(),))
]


@pytest.mark.parametrize("before", FORMS)
def test_a_signature_is_found_in_any_form_whatever_fitted_before(before):
    for form in FORMS:
        device = a_device()

        assert is_signed(device, a_claim(*before), ("terminal", "register"), TOLD)
        assert is_signed(device, a_claim(*form), ("terminal", "register"), TOLD)


def test_what_fitted_before_proves_nothing_for_other_data_or_another_client():
    device = a_device()
    claim = a_claim("register", 2, ())

    assert is_signed(device, claim, ("register",), TOLD)
    assert not is_signed(device, claim, ("register",), TOLD + " ")
    assert not is_signed(device, claim, ("another",), TOLD)
