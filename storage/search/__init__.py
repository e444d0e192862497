"""Understanding a citizen's question: intent, service cards and complaint categories, offline and explainable."""

from .engine import Engine, Hit, Understanding
from .personal import mask, personal_data

__all__ = ["Engine", "Hit", "Understanding", "mask", "personal_data"]
