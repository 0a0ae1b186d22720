"""Texts from outside, made fit for a status: valid, without secrets, not too long."""

import json
from collections.abc import Iterable, Mapping

from google.protobuf.struct_pb2 import Struct
from pydantic import JsonValue

# A shorter secret is none, and hiding it would blacken innocent text.
_SHORTEST_SECRET = 4
_HIDDEN = "***"
# Protobuf refuses messages nested deeper than 100; each level of JSON takes three of them.
_DEEPEST = 20
# A Struct holds numbers as floating point, which is exact up to here; no number is not smaller.
_LARGEST_NUMBER = 2**53


class Redactor:
    """Hides the secrets of one execution in whatever is stored, logged or told to a model."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Know the secrets; the longest are hidden first, since one may be part of another."""
        self._secrets: list[str] = []
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Know more secrets."""
        known = {*self._secrets, *(one for one in secrets if len(one) >= _SHORTEST_SECRET)}
        self._secrets = sorted(known, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """The text with each secret hidden."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return text


def valid(text: str) -> str:
    """The text without halves of surrogate pairs, which a model may send and protobuf refuses."""
    return text.encode("utf-8", "replace").decode("utf-8")


def valid_json(value: JsonValue) -> JsonValue:
    """The value with valid texts only."""
    match value:
        case str():
            return valid(value)
        case dict():
            return {valid(name): valid_json(one) for name, one in value.items()}
        case list():
            return [valid_json(one) for one in value]
        case _:
            return value


def shortened(text: str, limit: int) -> str:
    """The text's beginning, and how much is missing."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n… ({len(text) - limit} more characters)"


def to_struct(values: Mapping[str, JsonValue]) -> Struct:
    """The values as a Struct; what a Struct cannot hold becomes text."""
    struct = Struct()
    struct.update({valid(name): _fit(value, 1) for name, value in values.items()})
    return struct


def _fit(value: JsonValue, depth: int) -> JsonValue:
    match value:
        case str():
            return valid(value)
        case float() | int() if not abs(value) <= _LARGEST_NUMBER:
            return str(value)
        case dict() | list() if depth >= _DEEPEST:
            return valid(json.dumps(value))
        case dict():
            return {valid(name): _fit(one, depth + 1) for name, one in value.items()}
        case list():
            return [_fit(one, depth + 1) for one in value]
        case _:
            return value
