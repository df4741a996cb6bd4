"""Schemathesis against the API's own description: what the description promises must hold.

`python -m bench.fuzz` starts a service of its own for each API family, founds a merchant, and lets
schemathesis send good and bad requests to every operation until the time, shared by the families,
is up. Exit code 0: nothing was found.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bench import fuzz_kiosk, sales
from bench.installation import SQLITE, Installation, fresh
from bench.merchant import ADDRESS, Caller, Merchant

LEFT_OUT = {
    "unsupported_method": "the contract answers an unknown method with 404, not with 405",
    "ensure_resource_availability": "a file is there once its job is completed, not at once",
    "use_after_free": "what is deleted is out of service and stays readable: nothing is erased",
    "positive_data_acceptance": "a body may fit the schema and still break a law or a state",
}
"""Checks of schemathesis that the contract contradicts, and why."""

CONFIG = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "4xx", 501]
[checks.missing_required_header]
expected-statuses = [400, 401, 428, 429]
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 412, 422, 428, 429, 501]
"""

Known = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Family:
    """An API family: which paths are its own, who founds its merchant, which headers it wants."""

    name: str
    paths: tuple[str, str]
    founded: Callable[[Installation], Known]
    headers: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset(LEFT_OUT)


WORKERS = 1
"""With more, `ast.parse` of Python 3.11 breaks inside the generator now and then."""

EXTRA_SECONDS = 300


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to; `said` is all that schemathesis printed, `failures` its headlines,
    `operations` those that answered, `unforeseen` what our own log tells of mistakes of ours."""

    said: str
    seconds: float
    operations: list[str]
    cases: int
    statuses: dict[str, int]
    failures: list[str]
    unforeseen: list[str]
    code: int


def main() -> None:
    given = _arguments()
    families = [one for one in FAMILIES if given.family in (None, one.name)]
    results = {}
    for family in families:
        with fresh(given.engine, FISCUS_LOG_LEVEL="info") as installation:
            result = run(installation, family, given.seconds // len(families), given.seed)
        results[family.name] = result
        print(f"{family.name}: {markdown(result)}\n", flush=True)
    if given.json:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(results)))
    is_good = all(one.code == 0 and not one.unforeseen for one in results.values())
    sys.exit(0 if is_good else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="how long to send requests")
    names = [family.name for family in FAMILIES]
    parser.add_argument("--family", choices=names, help="one family alone; without it: each one")
    parser.add_argument("--seed", type=int, default=1, help="repeats the choices of a run")
    parser.add_argument("--engine", default=SQLITE, choices=["sqlite", "postgres"])
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    return parser.parse_args()


def run(installation: Installation, family: Family, seconds: int, seed: int) -> Result:
    """Serve, found, fuzz."""
    installation.serve(1)
    known = family.founded(installation)
    config = installation.folder / "schemathesis.toml"
    config.write_text(CONFIG)
    begun = time.monotonic()
    done = subprocess.run(
        _command(installation, family, config, known["bearer"], seconds, seed),
        cwd=installation.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + EXTRA_SECONDS,
        env=os.environ
        | {
            "FISCUS_FUZZ_KNOWN": json.dumps(known),
            "FISCUS_FUZZ_SEED": str(seed),
            "SCHEMATHESIS_HOOKS": "bench.fuzz_hooks",
            "PYTHONPATH": str(Path(__file__).parents[1]),
        },
    )
    return _result(installation, done, time.monotonic() - begun)


def _command(
    installation: Installation, family: Family, config: Path, bearer: str, seconds: int, seed: int
) -> list[str]:
    address = f"http://127.0.0.1:{installation.ports[0]}"
    headers = [word for header in family.headers for word in ("--header", header)]
    return [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(config),
        "run",
        f"{address}/openapi.json",
        "--url",
        address,
        "--header",
        f"Authorization: Bearer {bearer}",
        *headers,
        *family.paths,
        "--checks",
        "all",
        "--exclude-checks",
        ",".join(sorted(family.left_out)),
        "--max-time",
        str(seconds),
        "--seed",
        str(seed),
        "--workers",
        str(WORKERS),
        "--continue-on-failure",
        "--no-shrink",
        "--request-timeout",
        "30",
        "--warnings",
        "off",
        "--suppress-health-check",
        "all",
        "--no-color",
    ]


def _founded(installation: Installation) -> Known:
    """Two shops of one merchant: one to sell at, one that may be changed and closed."""
    merchant = installation.found(1)
    caller = installation.caller(merchant.bearer)
    shop = _things(caller, merchant)
    victim = {**shop, **_victim(caller, merchant)}
    return {
        "bearer": merchant.bearer,
        "port": installation.ports[0],
        "shop": shop,
        "victim": victim,
    }


def _things(caller: Caller, merchant: Merchant) -> dict[str, str]:
    location = caller.ask("GET", "/locations?limit=2")[1]["results"][1]["content"]["id"]
    opened = json.loads(sales.intention(merchant.systems[0]))["content"]
    intention = caller.say("POST", "/records", opened)["id"]
    sale = json.loads(sales.conclusion(intention, sales.a_receipt("FR-FUZZ")))["content"]
    subject = caller.ask("GET", "/subjects")[1]["results"][0]["content"]["id"]
    return {
        "taxpayer_id": merchant.taxpayer,
        "location_id": location,
        "system_id": merchant.systems[0],
        "record_id": caller.say("POST", "/records", sale)["id"],
        "organization_id": merchant.organization,
        "subject_id": subject,
    }


def _victim(caller: Caller, merchant: Merchant) -> dict[str, str]:
    shop = {
        "type": "BRANCH",
        "taxpayer": {"id": merchant.taxpayer},
        "name": "Outra",
        "address": ADDRESS,
    }
    location = caller.say("POST", "/locations", shop)["id"]
    device = {
        "type": "FISCAL_DEVICE",
        "location": {"id": location},
        "producer": {"type": "MPN", "number": "POS", "details": {"name": "Balcao"}},
        "software": {"name": "example-pos", "version": "4.2.0"},
    }
    return {"location_id": location, "system_id": caller.say("POST", "/systems", device)["id"]}


def _reported(installation: Installation) -> Known:
    """The same for the Reporting API, where a kiosk in Berlin sells."""
    key = json.loads(installation.run("init", "--json"))["api_key"]
    port = installation.ports[0]
    shop, victim = fuzz_kiosk.founded(port, key)
    return {"bearer": key, "port": port, "shop": shop, "victim": victim}


UNIFIED = Family(
    name="unified",
    paths=("--exclude-path-regex", "^/v1/"),
    founded=_founded,
    headers=(f"X-Api-Version: {sales.VERSION}",),
)
REPORTING = Family(
    name="reporting",
    paths=("--include-path-regex", "^/v1/"),
    founded=_reported,
    left_out=frozenset(LEFT_OUT) - {"ensure_resource_availability"},
)
FAMILIES = (UNIFIED, REPORTING)


def _result(
    installation: Installation, done: subprocess.CompletedProcess[str], seconds: float
) -> Result:
    """From what schemathesis printed, and from what our own log counted."""
    said = done.stdout
    statuses: dict[str, int] = {}
    operations: set[str] = set()
    unforeseen = []
    for line in installation.log.read_text(errors="replace").splitlines():
        if '"event":"answered"' in line:
            entry = json.loads(line)
            operations.add(entry["operation"])
            statuses[str(entry["status"])] = statuses.get(str(entry["status"]), 0) + 1
        if '"event":"unforeseen"' in line or '"event":"group failed"' in line:
            unforeseen.append(line)
    failures = re.findall(r"^_{3,} (.+?) _{3,}$|^- (.+)$", said, re.MULTILINE)
    return Result(
        said=said,
        seconds=round(seconds, 1),
        operations=sorted(operations),
        cases=sum(statuses.values()),
        statuses=dict(sorted(statuses.items())),
        code=done.returncode,
        unforeseen=unforeseen,
        failures=[]
        if done.returncode == 0
        else [a or f"  {b}" for a, b in failures] or [said[-2000:] + done.stderr[-2000:]],
    )


def markdown(result: Result) -> str:
    found = "\n".join(result.failures) or "nothing found"
    counted = ", ".join(f"{status}: {times:,}" for status, times in result.statuses.items())
    return (
        f"{result.cases:,} requests to {len(result.operations)} operations in {result.seconds:,} s "
        f"({counted}); {len(result.unforeseen)} unforeseen errors in the log\n\n{found}"
    )


if __name__ == "__main__":
    main()
