"""What an operator can set, read once from the environment and checked at the start."""

import os
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from fiscus import regimes
from fiscus.model.faults import Code, Fault, Refused
from fiscus.store.bucket import Access

BAD_SETTING = Code("SETTING-VALUE-01", "a setting is missing or has a value that cannot be used")


class Environment(StrEnum):
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
    host: Annotated[str, Field(description="Address that `fiscus serve` listens on.")] = "127.0.0.1"
    port: Annotated[
        int,
        Field(ge=0, le=65535, description="Port that `fiscus serve` listens on; 0: a free one."),
    ] = 8080
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
        int,
        Field(ge=0, description="Requests per second and organization before 429; 0: no limit."),
    ] = 0
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
            "end: download addresses begin with it. Empty: `http://<host>:<port>`.",
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
            pattern="^(|software-tse|cloud-tse)$",
            description="What signs where the law wants a device: `cloud-tse`, or `software-tse`, "
            "which is for tests. Empty: `software-tse` in test; in live no register can be "
            "fiscalized.",
        ),
    ] = ""
    device_log_version: Annotated[
        str,
        Field(
            pattern="^[23]$",
            description="Version of the log messages of a new `software-tse`: `2`, which every "
            "verifier in the field reads, or `3` (BSI TR-03151-1).",
        ),
    ] = "2"
    device_url: Annotated[str, Field(description="Address of the cloud TSE's API.")] = ""
    device_key: Annotated[str, Field(repr=False, description="API key at the cloud TSE.")] = ""
    device_secret: Annotated[str, Field(repr=False, description="API secret for that key.")] = ""
    device_tss: Annotated[
        str,
        Field(description="Id of a TSS that is set up already. Empty: each register gets its own."),
    ] = ""
    device_admin_pin: Annotated[
        str, Field(repr=False, description="The administrator's PIN of that TSS.")
    ] = ""
    log_level: Annotated[
        str,
        Field(pattern="^(debug|info|warning|error)$", description="What is logged at least."),
    ] = "info"

    def url(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'fiscus.db').absolute()}"

    def address(self) -> str:
        """What the addresses that we hand out begin with."""
        return self.public_url or f"http://{self.host}:{self.port}"

    def bucket(self) -> Access | None:
        """The bucket for artifacts, None for a folder."""
        if not self.artifacts_url:
            return None
        return Access(
            url=self.artifacts_url,
            endpoint=self.artifacts_endpoint,
            region=self.artifacts_region,
            access_key=self.artifacts_access_key,
            secret_key=self.artifacts_secret_key,
        )

    def device_kind(self) -> str:
        """The kind of device that registers are fitted with; empty if there is none."""
        return self.device or ("" if self.is_live else "software-tse")

    def device_wanted(self) -> dict[str, str]:
        """What the installation says of its devices, in the words of their kind."""
        said = {
            "description": "Fiscus",
            "version": self.device_log_version,
            "base_url": self.device_url,
            "api_key": self.device_key,
            "api_secret": self.device_secret,
            "tss_id": self.device_tss,
            "admin_pin": self.device_admin_pin,
        }
        return {name: value for name, value in said.items() if value}

    @property
    def is_live(self) -> bool:
        return self.environment == Environment.LIVE


def load() -> Settings:
    """The settings from the environment. Raises `Refused` naming every setting that is wrong."""
    try:
        return Settings()
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


def of_regimes(is_live: bool, environ: Mapping[str, str] = os.environ) -> dict[str, dict[str, str]]:
    """The regimes' own settings by regime code: `FISCUS_<REGIME>_<NAME>`.

    A value that is missing is left out: whoever needs it refuses. Raises `Refused` for a value
    that does not have the setting's form.
    """
    found: dict[str, dict[str, str]] = {}
    for code, regime in regimes.installed().items():
        values = {}
        for setting in regime.settings:
            variable = f"FISCUS_{code}_{setting.name}".upper()
            value = environ.get(variable, "") or ("" if is_live else setting.test_value or "")
            if value and not re.fullmatch(setting.pattern, value):
                raise Refused(BAD_SETTING, variable)
            if value:
                values[setting.name] = value
        found[code] = values
    return found
