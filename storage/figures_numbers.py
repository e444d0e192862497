"""Numbers that say how sure they are: quantiles with distribution-free intervals, shares with Wilson's."""

from dataclasses import dataclass
from math import ceil, exp, lgamma, log, sqrt

CONFIDENCE = 0.95
Z = 1.959964  # Of the normal distribution, for 95 %.
MINIMUM = 10  # Matters behind a median or a share before it is shown: below, one matter moves it too far.
FAR = 9.0  # Standard deviations beyond which a binomial distribution holds nothing that counts.


@dataclass(frozen=True, slots=True)
class Ranks:
    """Which of `n` sorted values is the quantile, and which two enclose the true one with 95 % confidence."""

    point: int  # From 1.
    low: int | None  # None: no value is certainly below; there are too few.
    high: int | None


def ranks(n: int, share: float, confidence: float = CONFIDENCE) -> Ranks:
    """Order statistics make no assumption about the distribution: only how many values lie below is counted."""
    if n < 1 or not 0 < share < 1:
        raise ValueError((n, share))
    tail = (1 - confidence) / 2
    point = max(1, ceil(n * share - 1e-9))
    return Ranks(point, _low(n, share, tail), _high(n, share, tail))


def _low(n: int, share: float, tail: float) -> int | None:
    """The largest rank l for which P(fewer than l values below the quantile) is at most `tail`."""
    rank = max(0, int(n * share - FAR * sqrt(n * share * (1 - share))) - 1)
    below = 0.0
    while (more := below + _binomial(n, rank, share)) <= tail:
        below, rank = more, rank + 1
    return rank if rank >= 1 else None


def _high(n: int, share: float, tail: float) -> int | None:
    rank = min(n, int(n * share + FAR * sqrt(n * share * (1 - share))) + 1)
    above = 0.0
    while (more := above + _binomial(n, rank, share)) <= tail:
        above, rank = more, rank - 1
    return rank + 1 if rank + 1 <= n else None


def _binomial(n: int, k: int, share: float) -> float:
    chance = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(share) + (n - k) * log(1 - share)
    return exp(chance)


def share_interval(hits: int, n: int) -> tuple[float, float]:
    """Wilson's interval: right also for few cases and for shares near 0 and 1."""
    if n < 1 or not 0 <= hits <= n:
        raise ValueError((hits, n))
    p = hits / n
    middle = p + Z * Z / (2 * n)
    half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    whole = 1 + Z * Z / n
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)
