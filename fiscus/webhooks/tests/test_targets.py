"""Which addresses webhooks may go to."""

from ipaddress import ip_address

import pytest

from fiscus.model.faults import Refused
from fiscus.webhooks import targets
from fiscus.webhooks.targets import BAD_URL, NOT_HTTPS, NOT_PUBLIC

INSIDE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
OUTSIDE = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450::1",
    "::ffff:1.1.1.1",
]
NOWHERE = targets.allowed("")


def url_of(address: str) -> str:
    return f"https://[{address}]/" if ":" in address else f"https://{address}/"


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_no_public_address_is_refused_as_a_literal_and_as_what_a_name_has(
    address: str,
) -> None:
    with pytest.raises(Refused) as literal:
        targets.endpoint(url_of(address), NOWHERE)
    name = targets.endpoint("https://ledger.example/", NOWHERE)
    with pytest.raises(Refused) as looked_up:
        targets.checked(name, ["1.1.1.1", address], NOWHERE)

    assert (literal.value.code, looked_up.value.code) == (NOT_PUBLIC, NOT_PUBLIC)


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_public_address_is_allowed(address: str) -> None:
    found = targets.endpoint(url_of(address), NOWHERE)

    assert targets.checked(found, [address], NOWHERE) == (ip_address(address),)


@pytest.mark.parametrize(
    ("url", "host", "port", "target", "authority"),
    [
        ("https://ledger.example", "ledger.example", 443, "/", "ledger.example"),
        ("https://LEDGER.example:443/a?b=c", "ledger.example", 443, "/a?b=c", "ledger.example"),
        ("https://x.example:8443/", "x.example", 8443, "/", "x.example:8443"),
        ("https://[2606:4700:0::1]/h", "2606:4700::1", 443, "/h", "[2606:4700::1]"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, "/", None),
    ],
)
def test_an_address_is_taken_apart(
    url: str, host: str, port: int, target: str, authority: str | None
) -> None:
    found = targets.endpoint(url, NOWHERE)

    assert (found.host, found.port, found.target) == (host, port, target)
    assert found.authority == authority or authority is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ledger.example",
        "//ledger.example/",
        "ftp://ledger.example/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user@ledger.example/",
        "https://user:password@ledger.example/",
        "https://ledger.example/#part",
        "https://ledger.example:0/",
        "https://ledger.example:65536/",
        "https://ledger.example:x/",
        "https://ledger.example/a b",
        "https://ledger.example/\r\nX: y",
        "https://bücher.example/",
        "https://ledger.example\\@127.0.0.1/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://-x.example/",
        "https://x.example/" + "a" * targets.URL_MAX,
    ],
)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(Refused) as refused:
        targets.endpoint(url, NOWHERE)

    assert refused.value.code == BAD_URL


def test_an_address_may_be_as_long_as_is_said() -> None:
    start = "https://x.example/"

    assert targets.endpoint(start + "a" * (targets.URL_MAX - len(start)), NOWHERE)


@pytest.mark.parametrize("word", ["localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1"])
def test_other_spellings_of_an_inner_address_are_judged_by_what_the_system_finds(word: str) -> None:
    found = targets.endpoint(f"https://{word}/", NOWHERE)

    with pytest.raises(Refused):
        targets.checked(found, ["127.0.0.1"], NOWHERE)


def test_http_is_for_what_the_operator_allows() -> None:
    with pytest.raises(Refused) as refused:
        targets.endpoint("http://ledger.example/", NOWHERE)
    assert refused.value.code == NOT_HTTPS

    place = targets.allowed("ledger.lan:8080")
    assert targets.endpoint("http://ledger.lan:8080/", place).port == 8080
    for other in ("http://ledger.lan/", "http://ledger.lan:8081/", "http://other.lan:8080/"):
        with pytest.raises(Refused):
            targets.endpoint(other, place)

    network = targets.allowed("10.1.0.0/16")
    inner = targets.endpoint("http://ledger.lan/", network)
    assert targets.checked(inner, ["10.1.2.3"], network)
    with pytest.raises(Refused) as plain:
        targets.checked(inner, ["1.1.1.1"], network)
    assert plain.value.code == NOT_HTTPS
    with pytest.raises(Refused) as outside:
        targets.checked(inner, ["10.2.0.1"], network)
    assert outside.value.code == NOT_PUBLIC


def test_a_network_covers_what_is_written_in_either_form() -> None:
    network = targets.allowed(" 10.0.0.0/8 , fd00::/8,[fd00::7]:8443 ,, ")

    assert targets.checked(
        targets.endpoint("https://x.example/", network), ["::ffff:10.0.0.1", "fd00::1"], network
    )
    assert ("fd00::7", 8443) in network.places


@pytest.mark.parametrize(
    "said", ["10.0.0.1/8", "ledger.lan", "ledger.lan:0", "ledger.lan:70000", "*", "x:y"]
)
def test_a_setting_that_says_neither_network_nor_place_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        targets.allowed(said)
