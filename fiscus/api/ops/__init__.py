"""For operators: health, metrics, checkpoints, the API's own description."""

from fiscus.api.ops.routes import describing, watching

__all__ = ["describing", "watching"]
