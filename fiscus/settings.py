"""What an operator can set, read once from the environment and checked at the start."""

import os
import re
from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from fiscus import channels, regimes, signers
from fiscus.model.faults import Code, Fault, Refused
from fiscus.model.plugin_settings import Setting, filled
from fiscus.store.bucket import BucketAccess
from fiscus.webhooks import targets
from fiscus.webhooks.targets import PrivateTargets
from fiscus.witness import places
from fiscus.witness.places import WitnessPlace

BAD_SETTING = Code("SETTING-VALUE-01", "a setting is missing or has a value that cannot be used")
NO_FOLDER = Code(
    "SETTING-FOLDER-01",
    "the data folder cannot be made or written: give this user the right, or choose another with "
    "`--data` or FISCUS_DATA_DIR",
)
FOR_TESTS = Code(
    "SETTING-VALUE-02",
    "the value of this setting is for tests and is refused in live: set the one that counts",
)
MISSPELT = Code(
    "SETTING-NAME-01", "this variable is no setting, and looks like a misspelt one: rename it"
)

DEVICE = "device"
"""What the variables of devices begin with, after `FISCUS_`."""

OF_TESTS = "FISCUS_TEST_"
"""What the variables of the tests begin with; they are no settings of the product."""

_NEAR = 0.7

_PORT = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"


class Environment(StrEnum):
    """Whether what is sealed here counts: TEST or LIVE, for good."""

    TEST = "test"
    LIVE = "live"


class Settings(BaseSettings):
    """Every setting is an environment variable `FISCUS_<NAME>`; all have a default."""

    model_config = SettingsConfigDict(env_prefix="FISCUS_", frozen=True, extra="ignore")

    environment: Annotated[
        Environment,
        Field(
            description="`test`: simulators answer for authorities and nothing is legally valid. "
            "`live`: simulators and test keys are refused."
        ),
    ] = Environment.TEST
    data_dir: Annotated[
        Path, Field(description="Folder for the SQLite file, the master key and artifacts.")
    ] = Path(".data")
    database_url: Annotated[
        str,
        Field(
            pattern=r"^$|^(sqlite:///|postgresql\+psycopg://).",
            repr=False,
            description="`sqlite:///path` or `postgresql+psycopg://user:password@host/name`. "
            "Empty: SQLite in `fiscus.db` in the data folder.",
        ),
    ] = ""
    state_dir: Annotated[
        Path | None,
        Field(
            description="Second folder, outside the data folder, where the service notes what it "
            "issued last: a database or a data folder that was put back is noticed by it. Best on "
            "another disk. Not set: `fiscus/<installation>` in `$XDG_STATE_HOME`, else in "
            "`~/.local/state`."
        ),
    ] = None
    host: Annotated[str, Field(description="Address that `fiscus serve` listens on.")] = "127.0.0.1"
    port: Annotated[
        int,
        Field(ge=0, le=65535, description="Port that `fiscus serve` listens on; 0: a free one."),
    ] = 8080
    console: Annotated[
        bool,
        Field(description="Serve the pages that people look at ([console](console.md))."),
    ] = True
    ops_address: Annotated[
        str,
        Field(
            pattern=r"^$|^([^:\[\]\s]+|\[[0-9A-Fa-f:.]+\]):" + _PORT + "$",
            description="`host:port` for `/health` and `/metrics` alone; the port is another one "
            "than `FISCUS_PORT`. Empty: they are served beside the API.",
        ),
    ] = ""
    master_key: Annotated[
        str,
        Field(
            repr=False,
            description="Key-encryption key, 32 bytes in base64. Empty: kept in `master.key` in "
            "the data folder, made at the first start.",
        ),
    ] = ""
    checkpoint_seconds: Annotated[
        int, Field(ge=1, le=86400, description="How often the worker signs a Merkle checkpoint.")
    ] = 60
    rate_limit_per_second: Annotated[
        int | None,
        Field(
            ge=0,
            description="Requests per second of one API key, or of one address without a key, "
            "before 429; 0: no limit. Not set: 500, for keys only once there is a second unit.",
        ),
    ] = None
    trusted_proxies: Annotated[
        str,
        Field(
            description="Networks of the reverse proxies in front of this service, separated by "
            "commas, such as `10.0.0.0/8,::1/128`: what they say in `X-Forwarded-For` counts as "
            "the caller's address. Empty: nobody's does."
        ),
    ] = ""
    body_bytes_max: Annotated[
        int, Field(ge=1024, description="Largest request body in bytes; larger ones get 400.")
    ] = 4_194_304
    strict_gateway: Annotated[
        bool,
        Field(
            description="Answer a missing or unknown API version with the plain text "
            "`404 page not found`, as the public gateway does."
        ),
    ] = False
    public_url: Annotated[
        str,
        Field(
            pattern=r"^$|^https?://[^/?#\s]+(/[^?#\s]*[^/?#\s])?$",
            description="Address under which callers reach this service, without a slash at the "
            "end: download addresses begin with it, and those of receipts. Empty: "
            "`http://<host>:<port>`, and no address of a receipt is handed out.",
        ),
    ] = ""
    artifacts_url: Annotated[
        str,
        Field(
            pattern=r"^$|^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$",
            description="Where finished exports are kept: `s3://bucket/prefix` of any store that "
            "speaks S3. Empty: the folder `artifacts` in the data folder. The bucket wants a "
            "lifecycle rule that aborts incomplete multipart uploads.",
        ),
    ] = ""
    artifacts_endpoint: Annotated[
        str,
        Field(
            pattern=r"^$|^https?://[^/?#\s]+$",
            description="Address of the S3 store. Empty: Amazon's for the region.",
        ),
    ] = ""
    artifacts_region: Annotated[str, Field(description="Region of the bucket.")] = ""
    artifacts_access_key: Annotated[
        str,
        Field(
            repr=False,
            description="Access key id for the bucket. Empty: as Amazon's tools find it, from "
            "`AWS_…` variables or the machine's role.",
        ),
    ] = ""
    artifacts_secret_key: Annotated[
        str, Field(repr=False, description="Secret access key for the bucket.")
    ] = ""
    device: Annotated[
        str,
        Field(
            description="The kind of device that signs where the law wants one: the code of an "
            "installed kind, whose own settings stand below. Empty: in test the one that is for "
            "tests; in live no register can be fiscalized.",
        ),
    ] = ""
    witnesses: Annotated[
        str,
        Field(
            description="Who is shown the journal's checkpoints: `https://host/prefix` and the "
            "public keys of a witness, `file:/folder` for a memory on another disk, any number, "
            "apart by blanks or lines ([witnesses](witness.md)). Empty: nobody.",
        ),
    ] = ""
    webhook_private_targets: Annotated[
        str,
        Field(
            description="Where webhooks may be sent besides public addresses over HTTPS: networks "
            "such as `10.0.0.0/8`, and `host:port`, apart by commas; there also over HTTP "
            "([webhooks](webhooks.md)). Empty: nowhere.",
        ),
    ] = ""
    verify_hours: Annotated[
        int,
        Field(
            ge=1,
            le=24,
            description="How many hours after the last time the service verifies its whole journal "
            "again, in a process of its own. The newest entries it verifies within seconds.",
        ),
    ] = 20
    series_ahead_days: Annotated[
        int,
        Field(
            ge=0,
            le=60,
            description="How many days before a year begins its series are registered with the "
            "authority, for those of the year before that were used lately. 0: with the first "
            "document of the year.",
        ),
    ] = 15
    log_level: Annotated[
        str,
        Field(pattern="^(debug|info|warning|error)$", description="What is logged at least."),
    ] = "info"

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, said: str) -> str:
        _networks(said)
        return said

    @field_validator("witnesses")
    @classmethod
    def _are_witnesses(cls, said: str) -> str:
        try:
            places.parse(said)
        except Refused as trouble:
            raise ValueError(str(trouble)) from None
        return said

    @field_validator("webhook_private_targets")
    @classmethod
    def _are_targets(cls, said: str) -> str:
        targets.allowed(said)
        return said

    def private_targets(self) -> PrivateTargets:
        """Where webhooks may be sent besides public addresses."""
        return targets.allowed(self.webhook_private_targets)

    def witness_places(self) -> tuple[WitnessPlace, ...]:
        """The witnesses and memories, in the order of the setting."""
        return places.parse(self.witnesses)

    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return _networks(self.trusted_proxies)

    def url(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'fiscus.db').absolute()}"

    def seen_folders(
        self, installation: str, environ: Mapping[str, str] = os.environ
    ) -> tuple[Path, ...]:
        """Where what was issued last is noted: in the data folder, and outside it. Whoever has no
        home and names no folder has the first one alone."""
        inside = self.data_dir / "seen"
        if self.state_dir is not None:
            return inside, self.state_dir
        if state := environ.get("XDG_STATE_HOME", ""):
            return inside, Path(state) / "fiscus" / installation
        if home := environ.get("HOME", ""):
            return inside, Path(home) / ".local" / "state" / "fiscus" / installation
        return (inside,)

    def make_folder(self) -> None:
        """Make the data folder, if it is not there. Raises `Refused`."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refused(NO_FOLDER, str(self.data_dir), f"({error.strerror})") from error

    def ops_place(self) -> tuple[str, int] | None:
        """Host and port where health and metrics are served alone."""
        if not self.ops_address:
            return None
        host, _, port = self.ops_address.rpartition(":")
        return host.strip("[]"), int(port)

    def address(self) -> str:
        """What the addresses that we hand out begin with."""
        return self.public_url or f"http://{self.host}:{self.port}"

    def bucket(self) -> BucketAccess | None:
        """The bucket for artifacts, None for a folder."""
        if not self.artifacts_url:
            return None
        return BucketAccess(
            url=self.artifacts_url,
            endpoint=self.artifacts_endpoint,
            region=self.artifacts_region,
            access_key=self.artifacts_access_key,
            secret_key=self.artifacts_secret_key,
        )

    @property
    def is_live(self) -> bool:
        return self.environment == Environment.LIVE


def _networks(said: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(one.strip()) for one in said.split(",") if one.strip())


def load() -> Settings:
    """The settings from the environment. Raises `Refused` naming every setting that is wrong, and
    every variable that looks like a misspelt one."""
    try:
        chosen = Settings()
    except ValidationError as error:
        faults = tuple(
            Fault(
                code=BAD_SETTING.id,
                text=f"{BAD_SETTING.text}: {problem['msg']}",
                paths=(f"FISCUS_{'_'.join(str(part) for part in problem['loc']).upper()}",),
            )
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise Refused(BAD_SETTING, faults=faults) from None
    _expect_no_misspelling()
    if chosen.device and chosen.device not in signers.devices():
        installed = ", ".join(signers.devices())
        text = f"{BAD_SETTING.text}: {chosen.device} is none of {installed}"
        fault = Fault(code=BAD_SETTING.id, text=text, paths=("FISCUS_DEVICE",))
        raise Refused(BAD_SETTING, faults=(fault,))
    return chosen


def _expect_no_misspelling() -> None:
    faults = tuple(
        Fault(
            code=MISSPELT.id,
            text=f"{MISSPELT.text} to {near}, or remove it:",
            paths=(name,),
        )
        for name, near in strange_variables().items()
        if near
    )
    if faults:
        raise Refused(MISSPELT, faults=faults)


def of_regimes(is_live: bool, environ: Mapping[str, str] = os.environ) -> dict[str, dict[str, str]]:
    """The regimes' own settings by regime code: `FISCUS_<REGIME>_<NAME>`.

    A value that is missing is left out: whoever needs it refuses. Raises `Refused` for a value
    that does not have the setting's form.
    """
    return {
        code: filled(
            regime.settings,
            _given(regime.settings, code, environ, is_live=is_live),
            is_live=is_live,
        )
        for code, regime in regimes.installed().items()
    }


def of_channels(
    is_live: bool, environ: Mapping[str, str] = os.environ
) -> dict[str, dict[str, str]]:
    """The settings of the channels for which the operator has given some, by channel code:
    `FISCUS_<CHANNEL>_<NAME>`. Raises `Refused` for a value that does not have the setting's form.
    """
    found = {}
    for code, channel in channels.installed().items():
        if given := _given(channel.settings, code, environ, is_live=is_live):
            found[code] = filled(channel.settings, given, is_live=is_live)
    return found


def of_devices(chosen: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the environment says of the devices, by the names of the settings of all installed
    kinds: `FISCUS_DEVICE_<NAME>`. Raises `Refused` for a value that does not have the form that a
    kind which serves here wants."""
    serving = {chosen.device, *spare_devices(chosen).values()}
    found: dict[str, str] = {}
    for code, kind in signers.devices().items():
        found |= _given(kind.settings, DEVICE, environ, is_checked=code in serving)
    return found


def spare_devices(chosen: Settings) -> dict[str, str]:
    """The kind of device that serves a family in test, where the operator has chosen none: the only
    one that is for tests. Of several, one must be chosen."""
    if chosen.device or chosen.is_live:
        return {}
    kinds = [kind for kind in signers.devices().values() if kind.is_test_only]
    of_family = Counter(kind.family for kind in kinds)
    return {kind.family: kind.code for kind in kinds if of_family[kind.family] == 1}


def _given(
    settings: tuple[Setting, ...],
    prefix: str,
    environ: Mapping[str, str],
    *,
    is_checked: bool = True,
    is_live: bool = False,
) -> dict[str, str]:
    found = {}
    for setting in settings:
        name = variable(prefix, setting)
        value = environ.get(name, "")
        if is_checked and value and not re.fullmatch(setting.pattern, value):
            raise Refused(BAD_SETTING, name)
        if is_live and setting.test_pattern and re.fullmatch(setting.test_pattern, value):
            raise Refused(FOR_TESTS, name)
        found[setting.name] = value
    return {name: value for name, value in found.items() if value}


def variable(prefix: str, setting: Setting) -> str:
    return f"FISCUS_{prefix}_{setting.name}".upper()


def known_variables() -> set[str]:
    """All that an operator can set here, with what is installed."""
    of_laws = {
        variable(code, setting)
        for code, regime in regimes.installed().items()
        for setting in regime.settings
    }
    of_channels = {
        variable(code, setting)
        for code, channel in channels.installed().items()
        for setting in channel.settings
    }
    of_kinds = {
        variable(DEVICE, setting)
        for kind in signers.devices().values()
        for setting in kind.settings
    }
    own = {f"FISCUS_{name}".upper() for name in Settings.model_fields}
    return own | of_laws | of_channels | of_kinds


def strange_variables(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that begin like ours and are no setting, each with the setting that it may be a
    misspelling of; empty if none is near."""
    known = known_variables()
    strange = (
        name
        for name in sorted(environ)
        if name.startswith("FISCUS_") and not name.startswith(OF_TESTS) and name not in known
    )
    return {name: _nearest(name, known) for name in strange}


def _nearest(name: str, known: set[str]) -> str:
    """Compared without the beginning that all have: it would make all of them alike."""
    ends = {one.removeprefix("FISCUS_"): one for one in sorted(known)}
    near = get_close_matches(name.removeprefix("FISCUS_"), ends, n=1, cutoff=_NEAR)
    return ends[near[0]] if near else ""
