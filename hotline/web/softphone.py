"""Where the browser's phone finds the PBX."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from hotline.config import Config


def softphone_url(config: Config, page_url: str) -> str:
    """The WebSocket of the softphone, for a page at ``page_url``."""
    if config.pbx.ws_url:
        return config.pbx.ws_url
    page = urlsplit(page_url)
    scheme = "wss" if page.scheme == "https" else "ws"
    host = config.pbx.ws_host
    if _everywhere(host):
        host = page.hostname or host
    return f"{scheme}://{_bracketed(host)}:{config.pbx.ws_port}/ws"


def softphone_source(config: Config) -> str:
    """The same as a source of a Content-Security-Policy."""
    if config.pbx.ws_url:
        url = urlsplit(config.pbx.ws_url)
        return f"{url.scheme}://{url.netloc}"
    host = "*" if _everywhere(config.pbx.ws_host) else _bracketed(config.pbx.ws_host)
    return f"ws://{host}:{config.pbx.ws_port} wss://{host}:{config.pbx.ws_port}"


def _everywhere(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
