"""What all lists have in common: pages, an order that stays, refusals of bad questions."""

from fiscus.api.families.reporting.tests.berlin import Kiosk
from fiscus.api.families.reporting.tests.caller import Caller, Json, a_location, a_merchant, refusal
from fiscus.api.families.reporting.tests.restaurant import a_dish, an_order

BAD = (
    "limit=0",
    "limit=201",
    "limit=ten",
    "limit=",
    "cursor=%20",
    "cursor=YWJj",
    "cursor=%C3%A9",
    "colour=red",
    "limit=1&limit=2",
)
BAD_PERIODS = ("from=yesterday", "to=2026-02-30T00:00:00Z", "from=2026-11-16")
OWN = {
    "/operations": (
        "type=gift",
        "status=done",
        "register_id=till",
        "location_id=reg_1",
        "session_id=1",
        "external_id=",
        *BAD_PERIODS,
    ),
    "/sessions": ("status=done", "register_id=till", "location_id=here", *BAD_PERIODS),
    "/tabs": ("status=done", "register_id=till", "location_id=here", *BAD_PERIODS),
    "/exports": ("type=pdf", "status=done", "register_id=till", *BAD_PERIODS),
    "/registers": ("location_id=here",),
    "/locations": (),
    "/merchants": (),
}


def paths(kiosk: Kiosk) -> dict[str, tuple[str, ...]]:
    closings = f"/registers/{kiosk.register}/closings"
    return {**OWN, closings: ("type=weekly", *BAD_PERIODS)}


def pages(caller: Caller, path: str) -> list[str]:
    """The ids of a whole list, two by two."""
    found: list[str] = []
    page: Json = {"next_cursor": ""}
    while page["next_cursor"] is not None:
        page = caller.get(f"{path}?limit=2" + (f"&cursor={page['next_cursor']}" if found else ""))
        assert page["has_more"] is (page["next_cursor"] is not None)
        found += [one["id"] for one in page["data"]]
    return found


def test_every_list_says_what_it_does_not_understand(kiosk: Kiosk) -> None:
    for path, own in paths(kiosk).items():
        for question in (*BAD, *own):
            answer = kiosk.caller.send("GET", f"{path}?{question}")
            assert answer.status_code == 400, (path, question, answer.text)
            assert answer.json()["code"] == "invalid_request"


def test_every_list_goes_page_by_page_in_an_order_that_stays(kiosk: Kiosk, caller: Caller) -> None:
    for number in range(2):
        caller.made("/merchants", a_merchant(legal_name=f"Kiosk {number}"))
        kiosk.caller.opens_register()
    for _ in range(3):
        kiosk.opens()
        kiosk.does(an_order(a_dish("Wein"), tables=["Tisch 5"]))
        answer = kiosk.closing()
        assert answer.status_code == 201, answer.text
        kiosk.caller.send(
            "POST",
            "/exports",
            {
                "type": "dsfinvk",
                "register_id": kiosk.register,
                "from": "2026-11-01T00:00:00Z",
                "to": "2026-11-30T00:00:00Z",
            },
        )
    for path in paths(kiosk):
        asker = caller if path == "/merchants" else kiosk.caller
        whole = [one["id"] for one in asker.get(path)["data"]]

        assert len(whole) == (6 if path == "/operations" else 3), path
        assert whole == sorted(whole) == pages(asker, path)


def test_operations_sessions_and_tabs_are_found_by_location(kiosk: Kiosk) -> None:
    opened = kiosk.opens()
    here = opened["location_id"]
    there = kiosk.caller.made("/locations", a_location())["id"]
    kiosk.does(an_order(a_dish("Wein"), tables=["Tisch 5"]))

    for path, count in (("/operations", 2), ("/sessions", 1), ("/tabs", 1)):
        assert len(kiosk.caller.get(f"{path}?location_id={here}")["data"]) == count
        assert kiosk.caller.get(f"{path}?location_id={there}")["data"] == []


def test_a_session_of_somebody_else_is_not_looked_into(kiosk: Kiosk, caller: Caller) -> None:
    session = kiosk.opens()["session_id"]
    stranger = caller.opens_merchant(legal_name="Andere GmbH")

    refusal(stranger.send("GET", f"/operations?session_id={session}"), 404, "not_found")
