"""The proof of what an operation left in the journal: an extension."""

from typing import Annotated

from pydantic import Field

from fiscus.api.families.reporting.wire.scalars import Moment, OperationId, Wire


class Witness(Wire):
    """Who has cosigned the checkpoint of the proof, and when; null: it tells no time."""

    name: str
    signed_at: Moment | None


class OperationProof(Wire):
    """Where the record that concluded the operation, or its beginning while it is open, stands in
    the log of all records."""

    operation_id: OperationId
    record_id: Annotated[str, Field(description="The id of the record that is proved.")]
    link: Annotated[
        str,
        Field(
            pattern="^[0-9a-f]{64}$",
            description="The record's link; the leaf of the log is SHA-256(0x00 ‖ link).",
        ),
    ]
    origin: Annotated[str, Field(description="The name of the log.")]
    index: Annotated[int, Field(ge=0, description="The place of the record's leaf in the log.")]
    size: Annotated[int, Field(ge=1, description="How many leaves the checkpoint covers.")]
    witnesses: Annotated[
        list[Witness], Field(description="Who has cosigned the checkpoint, by their names.")
    ]
    proof: Annotated[
        str,
        Field(
            description="To be kept, and checked without this service: a text in the form "
            "c2sp.org/tlog-proof@v1."
        ),
    ]
