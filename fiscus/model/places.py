"""Who sells, where, on what: as registered in one version."""

from collections.abc import Mapping

import msgspec

from fiscus.model.documents import Address


class Taxpayer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who owes the tax, as registered in one version. `facts` are the country's own fields
    (tax number, e-mail, registration …), never secrets."""

    id: str
    version: int
    organization: str
    regime: str
    legal_name: str
    trade_name: str = ""
    address: Address
    facts: Mapping[str, str] = {}


class Location(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where it sells. `timezone` (IANA; empty: the law's) and `cut_off` (`HH:MM` there; empty:
    never) say when its registers are closed by themselves."""

    id: str
    version: int
    name: str
    address: Address
    timezone: str = ""
    cut_off: str = ""


class Register(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What issues; owns a journal chain. `software` is the caller's program, name and version."""

    id: str
    version: int
    name: str = ""
    software: str = ""
    serial: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Who sells, where, on what: as they were at one moment."""

    taxpayer: Taxpayer
    location: Location
    register: Register

    @property
    def is_online(self) -> bool:
        """Whether nothing stands there: what is sold online is recorded in a journal of its own,
        which has the id of its taxpayer, as the head office has. It is no register."""
        return self.register.id == self.taxpayer.id
