"""What the providers' clients have in common."""

import json
import ssl
import sys
from typing import NoReturn

from pydantic import JsonValue

from agent_runner._conversation import JsonObject
from agent_runner._text import valid, valid_json

# Connecting to a service takes milliseconds. Reading has no limit of its own: a model may think for
# longer than any limit that would be useful, and the run's limit ends it.
CONNECT_SECONDS = 5.0


def tls_context(base_url: str | None) -> ssl.SSLContext | bool:
    """Verify certificates as usual, but read the authorities (20 ms) only where TLS is spoken.

    The empty context trusts nobody, so a redirect to https fails instead of being trusted.
    """
    if base_url is not None and base_url.startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return True


def http_errors() -> tuple[type[Exception], ...]:
    """Answer the errors of the HTTP library below the client: httpx, or httpx2 in newer clients.

    They escape from the clients when a connection breaks in the middle of an answer.
    """
    libraries = [sys.modules[name] for name in ("httpx", "httpx2") if name in sys.modules]
    return tuple(kind for library in libraries for kind in (library.HTTPError, library.StreamError))


def reason(error: BaseException) -> str:
    """Say the innermost cause in words: clients wrap it."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__


def arguments_of(text: str) -> tuple[JsonObject, str]:
    """Read the arguments of a tool call, and say what is wrong with them, if something is."""
    try:
        arguments: JsonValue = json.loads(text or "{}", parse_constant=_refuse)
    except ValueError as error:
        return {}, f"the arguments are no JSON: {error}"
    if not isinstance(arguments, dict):
        return {}, "the arguments are no JSON object"
    return {valid(name): valid_json(value) for name, value in arguments.items()}, ""


def _refuse(constant: str) -> NoReturn:
    message = f"{constant} is not JSON"
    raise ValueError(message)
