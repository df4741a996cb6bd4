"""A bucket of any store that speaks S3, as a home for artifacts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from fiscus.model.faults import Code, Unavailable

if TYPE_CHECKING:
    from obstore.store import S3Config

STORE_DOWN = Code(
    "STORE-BUCKET-01",
    "the bucket does not answer or does not let us in; send the same request again later",
)

_PART_BYTES = 8 << 20
_PARTS_AT_ONCE = 4
_RANGE_BYTES = 4 << 20
_CONNECT = timedelta(seconds=5)
_REQUEST = timedelta(seconds=60)
_TRIES = 4
_GIVE_UP = timedelta(seconds=120)


class BucketAccess(msgspec.Struct, frozen=True, kw_only=True):
    """`url` is `s3://bucket` or `s3://bucket/prefix`. Without `endpoint` it is Amazon's; without
    keys they come from the environment or the machine's role, as Amazon's tools find them."""

    url: str
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = ""


class Bucket:
    """Objects named by digest. Every part of an upload is signed together with its own SHA-256,
    so what arrives is what was sent; the object appears whole or not at all.

    What a killed upload leaves behind is invisible; a lifecycle rule of the bucket (abort
    incomplete multipart uploads) removes it.
    """

    def __init__(self, access: BucketAccess) -> None:
        bucket, _, prefix = access.url.removeprefix("s3://").partition("/")
        given = {
            "endpoint": access.endpoint,
            "region": access.region,
            "access_key_id": access.access_key,
            "secret_access_key": access.secret_key,
        }
        self._store = S3Store(
            bucket,
            prefix=prefix.strip("/") or None,
            config=cast("S3Config", {name: value for name, value in given.items() if value}),
            client_options={
                "allow_http": access.endpoint.startswith("http://"),
                "connect_timeout": _CONNECT,
                "timeout": _REQUEST,
            },
            retry_config={"max_retries": _TRIES - 1, "retry_timeout": _GIVE_UP},
        )

    def put(self, draft: Path, digest: str) -> None:
        with _reached():
            obstore.put(
                self._store,
                _name(digest),
                draft,
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )

    def has(self, digest: str) -> bool:
        try:
            with _reached():
                obstore.head(self._store, _name(digest))
        except FileNotFoundError:
            return False
        return True

    def chunks(self, digest: str) -> Iterator[bytes]:
        """Piece by piece, each a request of its own: a reader may be as slow as it likes."""
        with _reached():
            size = obstore.head(self._store, _name(digest))["size"]
        for start in range(0, size, _RANGE_BYTES):
            end = min(start + _RANGE_BYTES, size)
            with _reached():
                piece = obstore.get_range(self._store, _name(digest), start=start, end=end)
            yield bytes(piece)

    def drop(self, digest: str) -> None:
        with _reached():
            obstore.delete(self._store, _name(digest))


def _name(digest: str) -> str:
    return f"{digest[:2]}/{digest}"


@contextmanager
def _reached() -> Iterator[None]:
    """Turns the client's words for refused, gone and slow into `Unavailable`."""
    try:
        yield
    except BaseError as error:
        raise Unavailable(STORE_DOWN) from error
