"""Understanding a citizen's question: intent, service cards and complaint categories, offline and explainable."""

from .engine import Engine, Hit, Understanding
from .personal import mask, mask_contacts, personal_data

__all__ = ["Engine", "Hit", "Understanding", "mask", "mask_contacts", "personal_data"]
