"""What the open data are, for programs: the data dictionary in all languages, and the entry for data portals."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from storage.figure_rows import FIGURES
from storage.figures_dictionary import DEFINITIONS, LIMITS, NOTES, RULES
from storage.figures_meetings import ALL
from storage.files_out import MIMES
from storage.opendata import SCHEMA

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
FORMATS = {"csv": "CSV", "json": "JSON", "xlsx": "XLSX"}
FILE_TYPE = "http://publications.europa.eu/resource/authority/file-type/"
Say = Mapping[str, Callable[[str], str]]  # For each language, what puts a sentence into it.


def _in_all(speakers: Say, sentence: str, **values: Any) -> dict[str, str]:
    return {language: say(sentence).format(**values) if values else say(sentence) for language, say in speakers.items()}


def _tables() -> list[Any]:
    return [*ALL.values(), FIGURES]


def dictionary(speakers: Say) -> dict[str, Any]:
    """Tables, columns and figures, each in every language with the same words as on the pages."""
    return {
        "schema": SCHEMA,
        "rules": RULES,
        "licence": LICENCE,
        "tables": [
            {
                "id": one.id,
                "title": _in_all(speakers, one.title),
                "about": _in_all(speakers, one.about),
                "columns": [
                    {"name": field.name, "type": field.kind, "meaning": _in_all(speakers, field.meaning)}
                    for field in one.fields
                ],
            }
            for one in _tables()
        ],
        "figures": [
            {
                "id": one.id,
                "name": _in_all(speakers, one.name),
                "meaning": _in_all(speakers, one.meaning),
                "formula": _in_all(speakers, one.formula),
                "rules": RULES,
            }
            for one in DEFINITIONS.values()
        ],
        "notes": {name: _in_all(speakers, sentence, **LIMITS) for name, sentence in NOTES.items()},
    }


def dcat(base: str, municipalities: Mapping[str, Mapping[str, str]], speakers: Say, now: datetime) -> dict[str, Any]:
    """DCAT-AP 2 as JSON-LD: a catalogue with a data set for each table, as the national portal harvests it."""
    publisher = {"@id": f"{base}/#publisher", "@type": "foaf:Organization", "foaf:name": _texts({
        language: ", ".join(name[language] for name in municipalities.values()) for language in speakers
    })}  # fmt: skip
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "vcard": "http://www.w3.org/2006/vcard/ns#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": f"{base}/data/",
        "@type": "dcat:Catalog",
        "dct:title": _texts({"bg": "Отворени данни на Гише", "en": "Open data of Gishe"}),
        "dct:description": _texts(_in_all(speakers, NOTES["coverage"])),
        "dct:publisher": publisher,
        "dct:license": {"@id": LICENCE},
        "dct:language": [{"@id": f"http://publications.europa.eu/resource/authority/language/{code}"}
                         for code in ("BUL", "ENG")],
        "dcat:dataset": [_dataset(base, one, publisher["@id"], speakers, now) for one in _tables()],
    }  # fmt: skip


def _dataset(base: str, one: Any, publisher: Any, speakers: Say, now: datetime) -> dict[str, Any]:
    return {
        "@id": f"{base}/data/#{one.id}",
        "@type": "dcat:Dataset",
        "dct:title": _texts(_in_all(speakers, one.title)),
        "dct:description": _texts(_in_all(speakers, one.about)),
        "dct:identifier": f"gishe-{one.id}",
        "dct:publisher": {"@id": publisher},
        "dct:license": {"@id": LICENCE},
        "dct:modified": {"@type": "xsd:dateTime", "@value": now.strftime("%Y-%m-%dT%H:%M:%SZ")},
        "dct:accrualPeriodicity": {"@id": "http://publications.europa.eu/resource/authority/frequency/CONT"},
        "dct:spatial": {"@id": "http://publications.europa.eu/resource/authority/country/BGR"},
        "dcat:theme": [{"@id": "http://publications.europa.eu/resource/authority/data-theme/GOVE"}],
        "dcat:landingPage": {"@id": f"{base}/data/#{one.id}"},
        "dcat:distribution": [
            {
                "@id": f"{base}/data/{one.id}.{kind}",
                "@type": "dcat:Distribution",
                "dct:title": _texts(_in_all(speakers, one.title)),
                "dcat:accessURL": {"@id": f"{base}/data/{one.id}.{kind}"},
                "dcat:downloadURL": {"@id": f"{base}/data/{one.id}.{kind}"},
                "dcat:mediaType": {"@id": f"http://www.iana.org/assignments/media-types/{mime}"},
                "dct:format": {"@id": FILE_TYPE + FORMATS[kind]},
                "dct:license": {"@id": LICENCE},
                "dct:conformsTo": {"@id": f"{base}/data/dictionary.json"},
            }
            for kind, mime in MIMES.items()
        ],
    }


def _texts(words: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text} for language, text in words.items()]
