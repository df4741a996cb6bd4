"""`fiscus notification`: what an office wants to be told about the registers of a location."""

from typing import Annotated

import typer

from fiscus.app import build
from fiscus.commands.options import DataDir, Out, TaxpayerId, chosen_settings, day_of
from fiscus.exports import notifications
from fiscus.terminal import say

cli = typer.Typer()


@cli.command()
def notification(
    out: Out,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="text: to type into the form of the portal, or to print; xml: for its upload, in "
            "a form that was never checked against the office's own schema.",
        ),
    ] = "",
    taxpayer: TaxpayerId = "",
    location: Annotated[
        str,
        typer.Option(help="Id of the location; not needed if only one has a signing device."),
    ] = "",
    manufacturer: Annotated[str, typer.Option(help="Who made the registers.")] = "",
    model: Annotated[str, typer.Option(help="Which model they are.")] = "",
    software: Annotated[str, typer.Option(help="The till program.")] = "",
    software_version: Annotated[str, typer.Option(help="Its version.")] = "",
    certification: Annotated[
        str, typer.Option(help="Number of the signing device's certificate: nnnn-yyyy for a TSE.")
    ] = "",
    acquired: Annotated[
        str, typer.Option(help="Day of buying, YYYY-MM-DD (else: when it was registered here).")
    ] = "",
    reason: Annotated[str, typer.Option(help="Why registers were taken out of use.")] = "",
    data: DataDir = None,
) -> None:
    """Write the notification of a location's registers and signing devices to the tax office.

    No office has ever taken a file of ours, and nothing is sent. With a test device it is marked
    TEST, and must not be handed in. What a register says of itself counts before the options. Exit
    code 1: facts are missing, all are named, and nothing is written.
    """
    told = notifications.NotificationDetails(
        manufacturer=manufacturer,
        model=model,
        software=software,
        software_version=software_version,
        certification=certification,
        acquired=day_of(acquired) if acquired else None,
        release_reason=reason,
    )
    services = build(chosen_settings(data))
    wanted, facts = notifications.notified(
        services.exports, taxpayer=taxpayer, location=location, told=told
    )
    write = wanted.forms.get(form or next(iter(wanted.forms)))
    if write is None:
        raise typer.BadParameter(f"one of: {', '.join(wanted.forms)}", param_hint="--format")
    out.write_bytes(write(facts))
    due = min(wanted.due(register) for register in facts.registers)
    say.print(f"{out}: {len(facts.registers)} registers; the first is to be notified by {due}")
