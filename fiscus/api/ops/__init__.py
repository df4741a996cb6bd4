"""For those who run the house: health, metrics, checkpoints, the API's own description."""

from fiscus.api.ops.routes import routes

__all__ = ["routes"]
