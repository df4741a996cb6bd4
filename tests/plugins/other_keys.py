"""Another kind of key, as somebody installs it who wants all keys of registers to be there."""

from fiscus.signers import SignerKind, softkey

OTHER = SignerKind(
    code="other-keys",
    algorithms=frozenset({"ecdsa-p256"}),
    create=softkey.create,
    open=softkey.open_key,
)

SIGNERS = (OTHER,)
