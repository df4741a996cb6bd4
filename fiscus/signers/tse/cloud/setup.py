"""A new TSS in the cloud: from nothing to initialized, step by step, each of which may be repeated.

An attempt that was cut short leaves a TSS behind; the next one asks for the same id, looks how far
it came, gives the administrator a new PIN by the PUK, and goes on from there.
"""

from hashlib import sha256
from uuid import UUID

from fiscus.signers.tse.cloud.client import administering, base, meant
from fiscus.signers.tse.cloud.transport import CloudConnection, call
from fiscus.signers.tse.log.errors import TseRefused

_CREATED, _UNINITIALIZED, _INITIALIZED = "CREATED", "UNINITIALIZED", "INITIALIZED"


def tss_id(name: str) -> str:
    """The id of the TSS for a device: the same each time, in the form of a random UUID."""
    return str(UUID(bytes=sha256(name.encode()).digest()[:16], version=4))


def provision(line: CloudConnection, description: str) -> str:
    """Brings the account's TSS into service with the account's PIN; gives its PUK.

    Raises `TseRefused` if the cloud tells the PUK only once and told it to a lost attempt: then
    this TSS cannot be saved, and only a device with another id can.
    """
    found = call(line, "PUT", base(line), {})
    with meant("the new TSS"):
        state, puk = str(found["state"]), str(found.get("admin_puk") or "")
    if not puk:
        raise TseRefused("E_ADMIN_PUK", "the PUK of this TSS was told to an attempt that is lost")
    if state == _CREATED:
        call(line, "PATCH", base(line), {"state": _UNINITIALIZED})
    pins = {"admin_puk": puk, "new_admin_pin": line.account.admin_pin}
    call(line, "PATCH", f"{base(line)}/admin", pins)
    if state != _INITIALIZED:
        with administering(line):
            change = {"state": _INITIALIZED} | ({"description": description} if description else {})
            call(line, "PATCH", base(line), change)
    return puk
