"""The operations of this family: each asks the house and translates what it hears."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.routing import Route

from fiscus.api.http import House
from fiscus.api.unified import access, door, files, operations, places, records
from fiscus.api.unified.door import Call
from fiscus.store.connect import reading

Read = Callable[[House, Connection, Call], dict[str, Any]]
Write = Callable[[House, Connection, Call], dict[str, Any]]

READS: Mapping[str, Read] = {**access.READS, **places.READS, **records.READS, **files.READS}
WRITES: Mapping[str, Write] = {**access.WRITES, **places.WRITES, **records.WRITES, **files.WRITES}
OTHERS: Mapping[str, door.Handler] = {
    "createRecord": records.create,
    "streamFile": files.stream,
}


def routes(house: House) -> list[Route]:
    """One route per operation of the table; a missing handler is found here, at the start."""
    return [
        Route(operation.path, _endpoint(house, operation), methods=[operation.method])
        for operation in operations.OPERATIONS
    ]


def direct(house: House) -> dict[tuple[str, str], door.Endpoint]:
    """The operations whose path has no id in it, by method and path."""
    return {
        (operation.method, operation.path): _endpoint(house, operation)
        for operation in operations.OPERATIONS
        if "{" not in operation.path
    }


def _endpoint(house: House, operation: operations.Operation) -> door.Endpoint:
    return door.Endpoint(house, operation, _handler(operation.id))


def _handler(operation_id: str) -> door.Handler:
    if operation_id in OTHERS:
        return OTHERS[operation_id]
    if operation_id in READS:
        return _reading(READS[operation_id])
    return _writing(WRITES[operation_id])


def _reading(do: Read) -> Callable[[House, Call], Awaitable[Any]]:
    async def handler(house: House, call: Call) -> Any:
        def read() -> dict[str, Any]:
            with reading(house.engine) as tx:
                return do(house, tx, call)

        return await house.in_thread(read)

    return handler


def _writing(do: Write) -> Callable[[House, Call], Awaitable[Any]]:
    async def handler(house: House, call: Call) -> Any:
        def write(tx: Connection, call: Call) -> dict[str, Any]:
            return do(house, tx, call)

        return await house.in_thread(door.once, house, call, write)

    return handler
