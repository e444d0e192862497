"""Write down what the library `holidays` says of the years that terms fall into: part of `make lock`."""

import sys
from pathlib import Path

import orjson

sys.path.insert(0, str(Path(__file__).parent.parent))

from storage.nationaldays import FILE, FIRST_YEAR, LAST_YEAR, Days, asked


def as_json(days: Days) -> bytes:
    names = sorted(set(days.free.values()))
    content = {
        "names": [{"bg": bulgarian, "en": english} for bulgarian, english in names],
        "free": {day: names.index(name) for day, name in days.free.items()},
        "working": sorted(days.working),
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n"


if __name__ == "__main__":
    FILE.write_bytes(as_json(asked(FIRST_YEAR, LAST_YEAR)))
