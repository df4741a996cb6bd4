"""A record is recomputed in the visitor's browser, and an altered byte is noticed there."""

import json
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Route

from fiscus.registry.roles import Role
from tests.browser.conftest import Visit
from tests.browser.looking import PHONE, WIDE
from tests.browser.scripts import b64
from tests.browser.shops import Shops, Tenant
from tests.browser.watching import WatchedPage
from tests.support.till import Till


def records(shops: Shops, tenant: Tenant) -> list[Any]:
    """The contents of all of a shop's records."""
    with httpx.Client(base_url=shops.address, timeout=30) as http:
        said = tenant.subjects[Role.AUDITOR]["credentials"]
        reader = Till(http=http).with_token(said["key"], said["secret"])
        return [one["content"] for page in reader.pages("/records") for one in page["results"]]


def explained(page: WatchedPage, record: str) -> dict[str, str]:
    page.open(f"/console/documents/{record}/explain")
    return states(page)


def states(page: WatchedPage) -> dict[str, str]:
    """What the browser has found of each step, once it has done all of them."""
    page.page.wait_for_function("document.querySelector('#summary p') !== null")
    found: dict[str, str] = page.page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('[data-step]')]"
        ".map((one) => [one.dataset.step, one.dataset.state ?? 'missing']))"
    )
    return found


def bad(page: WatchedPage) -> set[str]:
    return {step for step, state in states(page).items() if state == "bad"}


def summary(page: WatchedPage) -> str:
    return page.page.locator("#summary").inner_text()


def receipt(shops: Shops) -> str:
    """A document that others follow, as a witness has seen."""
    found: str = next(
        one["id"]
        for one in records(shops, shops.cafe)
        if one["type"] == "TRANSACTION::RECEIPT" and one["state"] == "COMPLETED"
    )
    return found


def test_every_step_of_a_portuguese_receipt_is_recomputed_and_right(
    shops: Shops, browser_page: WatchedPage
) -> None:
    found = explained(browser_page, receipt(shops))

    assert set(found.values()) == {"good"}, found
    assert {"law-0", "link", "follows", "signature", "key-0", "key-1", "key-2"} <= set(found)
    assert {"inclusion", "log", "witness-0"} <= set(found)
    assert len([step for step in found if step.startswith("total-")]) >= 9
    assert "This browser recomputes each step below that has a verdict" in browser_page.text()


def test_a_character_that_was_changed_breaks_signature_link_and_log_until_it_is_put_back(
    shops: Shops, browser_page: WatchedPage
) -> None:
    explained(browser_page, receipt(shops))

    browser_page.page.locator("[data-flip=body]").click()
    browser_page.page.wait_for_selector("#summary .notice.bad")
    assert {"signature", "link", "follows", "inclusion"} <= bad(browser_page)
    assert "law-0" not in bad(browser_page)
    browser_page.page.locator("[data-reset=body]").click()
    browser_page.page.wait_for_selector("#summary .notice.good")

    assert bad(browser_page) == set()


def test_the_law_s_text_may_be_typed_into_and_its_signature_fails(
    shops: Shops, browser_page: WatchedPage
) -> None:
    explained(browser_page, receipt(shops))
    field = browser_page.page.locator("[data-bytes=law-0]")
    as_signed = field.input_value()

    field.fill(as_signed.replace(";2", ";3", 1))
    browser_page.page.wait_for_selector("#summary .notice.bad")
    assert bad(browser_page) == {"law-0"}
    assert "1 step is not right any more" in summary(browser_page)
    field.fill(as_signed)
    browser_page.page.wait_for_selector("#summary .notice.good")

    assert bad(browser_page) == set()


def test_a_german_receipt_is_recomputed_and_its_bytes_may_be_changed(
    shops: Shops, visit: Visit
) -> None:
    page = visit(shops.kiosk.key(Role.AUDITOR), language="de")
    record = next(
        one["id"]
        for one in records(shops, shops.kiosk)
        if one["type"] == "TRANSACTION::RECEIPT" and not one.get("logs")
    )
    found = explained(page, record)
    law = next(step for step in found if step.startswith("law-"))

    assert bad(page) == set()
    assert found[law] in ("good", "unsupported")
    assert {found[step] for step in ("link", "signature", "inclusion", "log")} == {"good"}
    page.page.locator(f"[data-flip={law}]").click()
    if found[law] == "good":
        page.page.wait_for_selector("#summary .notice.bad")
        assert bad(page) == {law}


def test_a_curve_that_browsers_do_not_know_is_left_to_the_service_and_named(
    shops: Shops, browser_page: WatchedPage
) -> None:
    """As if the law's key were one on a brainpool curve, such as many a TSE has."""
    record = receipt(shops)
    public = ec.generate_private_key(ec.BrainpoolP256R1()).public_key()
    foreign = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def handed_over(route: Route) -> None:
        answer = route.fetch()
        page = answer.text()
        given = page.partition('id="explain">')[2].partition("</script>")[0]
        data = json.loads(given)
        [law] = data["law"]
        law |= {"algorithm": "ecdsa-plain-SHA256", "key": b64(foreign)}
        route.fulfill(response=answer, body=page.replace(given, json.dumps(data)))

    browser_page.page.route(f"**/console/documents/{record}/explain", handed_over)

    found = explained(browser_page, record)

    verdict = browser_page.page.locator("[data-step=law-0]").inner_text()
    assert found["law-0"] == "unsupported"
    assert "Not recomputed in this browser (brainpoolP256r1" in verdict
    assert set(found.values()) == {"good", "unsupported"}


@pytest.mark.parametrize("width", [PHONE, WIDE])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["de", "pt"])
@pytest.mark.parametrize("path", ["", "/explain"])
def test_the_pages_of_a_record_fit_and_break_no_rule(
    shops: Shops, visit: Visit, width: int, dark: bool, language: str, path: str
) -> None:
    page = visit(shops.cafe.key(Role.AUDITOR), language=language, width=width, dark=dark)

    page.open(f"/console/documents/{receipt(shops)}{path}")
    if path:
        states(page)

    assert page.width_beyond() <= 0
    assert page.axe() == []


def test_every_record_of_all_shops_has_its_pages(shops: Shops, visit: Visit) -> None:
    for tenant in (shops.kiosk, shops.cafe, shops.strange):
        page = visit(tenant.key(Role.MANAGER))
        kinds: dict[str, str] = {}
        for one in records(shops, tenant):
            kinds.setdefault(f"{one['type']} {one['state']}", one["id"])
        for record in kinds.values():
            page.open(f"/console/documents/{record}")
            explained(page, record)
            assert bad(page) == set(), (kinds, record)


def test_nothing_is_recomputed_and_that_is_said_first_without_a_safe_connection(
    shops: Shops, browser_page: WatchedPage
) -> None:
    browser_page.page.add_init_script(
        "Object.defineProperty(globalThis.crypto, 'subtle', {value: undefined})"
    )

    found = explained(browser_page, receipt(shops))

    assert found["signature"] == found["law-0"] == "unsupported"
    assert "localhost" in browser_page.page.locator("#ready").inner_text()


def test_without_scripts_all_stands_there(shops: Shops, browser_page: WatchedPage) -> None:
    browser = browser_page.page.context.browser
    assert browser is not None
    signed_in = browser_page.page.context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in)
    page = context.new_page()
    page.goto(f"{shops.address}/console/documents/{receipt(shops)}/explain")
    text = page.locator("body").inner_text()
    context.close()

    assert "The script of this page does not run" in text
    assert text.count("the service found it right") >= 15
