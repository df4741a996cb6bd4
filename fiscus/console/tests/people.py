"""A shop in Berlin beside the one in Lisbon, and who looks at them."""

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.console.tests.conftest import Browser
from fiscus.registry.roles import Role
from tests.support.premises import Premises


def shop_in_berlin(premises: Premises) -> Kiosk:
    """Its device is fitted."""
    return a_kiosk(premises, platform(premises).opens_merchant())


def organization_of(kiosk: Kiosk) -> str:
    return ids.read("org", kiosk.caller.organization)


def register_of(kiosk: Kiosk) -> str:
    return ids.read("reg", kiosk.register)


def of_kiosk(browser: Browser, kiosk: Kiosk, role: Role = Role.MANAGER) -> Browser:
    """Somebody of the shop in Berlin, signed in now: a session ends after twelve hours."""
    return browser.as_(role, organization_of(kiosk))


def operator_of(browser: Browser) -> Browser:
    """Who holds the first key of the installation."""
    other = browser.stranger()
    other.post("/console/sign-in", {"key": browser.premises.first.api_key})
    return other
