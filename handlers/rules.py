"""What the operator of the bot decided, as far as handlers have to know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from storage.audiences import Counted


@dataclass(frozen=True, slots=True)
class Rules:
    approval_above: int = 500  # People; an announcement to more has to be approved by a second person.
    prices: Mapping[str, Decimal] = field(default_factory=dict)  # Channel -> euro a message.

    def cost(self, counted: Counted) -> Decimal:
        """What it costs to write to these people by ourselves."""
        shares = (self.prices.get(channel, Decimal(0)) * many for channel, many in counted.channels.items())
        return sum(shares, Decimal(0))
