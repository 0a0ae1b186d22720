"""What the providers' HTTP clients have in common."""

import ssl

# Connecting to a service on the same network takes milliseconds; reading has no limit of its own, since a model may
# think for longer than any limit that would be useful: the run's limit ends it.
CONNECT_SECONDS = 5.0


def tls_context(base_url: str | None) -> ssl.SSLContext | bool:
    """How to verify certificates: as usual, but without reading the authorities (20 ms) where no TLS is spoken.

    The empty context trusts nobody, so a redirect to https fails instead of being trusted.
    """
    if base_url is not None and base_url.startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return True
