"""The PBX's configuration, made from ``hotline.toml``.

:func:`render` has no effect: it gives the files' texts. No value can break out of its place:
every string that comes from the configuration is held against what is harmless there.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hotline.calls.holding import HOLD_S, RING_S
from hotline.config import Config, ConfigError, PbxSection, is_loopback
from hotline.phones.limits import DEAF_S
from hotline.secrets import PHONE_FAMILY, Secrets, sip_password
from hotline.up.paths import DIALPLANS, INTAKE, TEMPLATES, PbxPaths

# Asterisk does not start without these.
REQUIRED_MODULES = (
    *("res_timing_timerfd", "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb"),
    *("res_crypto", "res_http_websocket", "res_pjproject", "res_pjsip", "res_pjsip_session"),
    *("res_pjsip_pubsub",),
    *("res_pjsip_registrar", "res_pjsip_authenticator_digest"),
    *("res_pjsip_endpoint_identifier_user", "res_pjsip_endpoint_identifier_ip"),
    *("res_pjsip_endpoint_identifier_anonymous", "res_pjsip_caller_id", "res_pjsip_nat"),
    *("res_pjsip_sdp_rtp", "res_pjsip_dtmf_info", "res_pjsip_rfc3326"),
    *("res_pjsip_transport_websocket", "res_rtp_asterisk", "res_srtp", "chan_pjsip"),
    *("bridge_simple", "codec_ulaw", "codec_alaw", "codec_g722", "codec_resample"),
    *("format_wav", "format_pcm", "format_sln", "res_musiconhold", "pbx_config"),
    *("func_callerid", "func_channel", "func_global", "func_hangupcause", "func_logic"),
    *("func_strings", "func_timeout", "res_speech", "res_agi", "res_manager_devicestate"),
    *("app_dial", "app_exec", "app_mixmonitor", "app_playback", "app_queue", "app_record"),
    *("app_stack", "app_userevent", "app_verbose"),
    # Three in one talk.
    *("app_bridgeaddchan", "bridge_softmix"),
    # A caller on hold: a key pressed on their leg.
    "app_senddtmf",
)
# Without these something is missing that can be missed; the doctor tells.
OPTIONAL_MODULES = (
    *("codec_opus_open_source", "res_format_attr_opus", "codec_a_mu", "bridge_native_rtp"),
    *("res_audiosocket", "app_audiosocket", "chan_audiosocket", "app_chanspy"),
    *("app_echo", "app_read", "func_pjsip_endpoint", "func_pjsip_aor", "func_pjsip_contact"),
    "res_pjsip_logger",
)
# Asterisk complains about each of these that is not there.
DEFAULTS_ONLY = ("acl", "ccss", "pjproject", "stasis", "udptl")
# What an installer includes into an Asterisk that is already there.
EXTERNAL_FILES = frozenset(
    {
        *("pjsip.conf", "extensions.conf", "queues.conf", "musiconhold.conf", "manager.conf"),
        "features.conf",
    }
)

_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_SECRET = re.compile(r"[!-:<-~]{8,128}")
# Not: separators of arguments and files, quotes, brackets, variables, comments, line breaks.
_PATH = re.compile(r"[^\x00-\x1f\x7f,;:&|%$\"'`\\()\[\]{}<>#!*?]+")


def render(config: Config, secrets: Secrets, paths: PbxPaths) -> dict[Path, str]:
    """Every file of the PBX and its text.

    Raises :class:`~hotline.config.ConfigError` when a value cannot stand in Asterisk's
    configuration.
    """
    environment = Environment(
        loader=FileSystemLoader([TEMPLATES, DIALPLANS]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - not HTML; the values are checked instead
    )
    environment.filters["bracketed"] = _bracketed
    environment.filters["quoted"] = lambda value: shlex.quote(str(value))
    values = _values(config, secrets, paths)
    texts = {
        target: environment.get_template(template).render(values)
        for target, template in _targets(config, paths).items()
    }
    if config.pbx.mode == "managed":
        defaults = '; Rendered by "hotline up": Asterisk\'s defaults.\n'
        texts |= {paths.etc / f"{name}.conf": defaults for name in DEFAULTS_ONLY}
    return texts


def _targets(config: Config, paths: PbxPaths) -> dict[Path, str]:
    found = {
        template.name.removesuffix(".j2"): template.name for template in TEMPLATES.glob("*.conf.j2")
    } | {"extensions.conf": "hotline.conf.j2"}
    if config.pbx.mode == "external":
        found = {name: template for name, template in found.items() if name in EXTERNAL_FILES}
    targets = {paths.etc / name: template for name, template in sorted(found.items())}
    return targets | {paths.agi / "hotline-intake": "agi-launcher.sh.j2"}


def _values(config: Config, secrets: Secrets, paths: PbxPaths) -> Mapping[str, object]:
    pbx = config.pbx
    folders = {
        name: _path("hotline.data_dir", getattr(paths, name))
        for name in ("etc", "lib", "agi", "spool", "run", "log")
    }
    hosts = {
        name: _checked(f"pbx.{name}", getattr(pbx, name), _HOST)
        for name in ("sip_host", "ws_host", "ami_host", "agi_host")
    }
    return {
        **folders,
        **hosts,
        **_dialplan(config, paths),
        "modules": paths.modules and _path("pbx.asterisk", paths.modules),
        "data": paths.data and _path("pbx.asterisk", paths.data),
        "music": _path("hotline.data_dir", paths.music or paths.lib / "moh"),
        "required": REQUIRED_MODULES,
        "optional": OPTIONAL_MODULES,
        "python": paths.python,
        "intake": INTAKE,
        "sip_port": pbx.sip_port,
        "ws_port": pbx.ws_port,
        "ami_port": pbx.ami_port,
        "ami_user": pbx.ami_user,
        "ami_secret": _checked("pbx.ami_secret", secrets.ami, _SECRET, show=False),
        "ami_loopback": is_loopback(pbx.ami_host),
        "rtp_start": pbx.rtp_start,
        "rtp_end": pbx.rtp_end,
        "sip_loopback": is_loopback(pbx.sip_host),
        "media_address": _media_address(pbx.sip_host),
        "web_media_address": _web_media_address(pbx),
        # Only in a PBX of ours do web phones' passwords come from its database.
        "phone_logins": pbx.mode == "managed",
        "phone_family": PHONE_FAMILY,
        "deaf_s": DEAF_S,
        "trunk": pbx.trunk,
        "trunk_host": _trunk_host(pbx.trunk),
        "ring_seconds": round(config.queue.ring_seconds),
        "phones": [
            {"extension": number, "password": sip_password(secrets.key, number)}
            for number in pbx.extension_numbers()
        ],
    }


def _dialplan(config: Config, paths: PbxPaths) -> Mapping[str, object]:
    return {
        "node": config.pbx.node,
        "number": config.hotline.number,
        "timezone": config.hotline.timezone,
        "prompts": _path("hotline.data_dir", paths.prompts / config.hotline.language),
        "recordings": _path("recording.dir", paths.recordings),
        "agi_url": agi_url(config.pbx),
        "hold_s": round(HOLD_S),
        "ring_again_s": round(RING_S),
        "report_max": config.report.max_seconds,
        "report_silence": config.report.silence_seconds,
    }


def agi_url(pbx: PbxSection) -> str:
    """Where the dialplan finds the controller."""
    host = pbx.agi_host
    if _is_unspecified(host):
        host = "127.0.0.1"
    return f"agi://{_bracketed(host)}:{pbx.agi_port}"


def _media_address(sip_host: str) -> str:
    """Where speech is received: there alone, unless SIP listens everywhere or at a name."""
    try:
        address = ip_address(sip_host)
    except ValueError:
        return "127.0.0.1" if is_loopback(sip_host) else ""
    return "" if address.is_unspecified else sip_host


def _web_media_address(pbx: PbxSection) -> str:
    """The same for softphones, whose browsers may be elsewhere although the WebSocket is here."""
    at_home = is_loopback(pbx.ws_host) and not pbx.ws_url
    return _media_address(pbx.sip_host) if at_home and is_loopback(pbx.sip_host) else ""


def _trunk_host(trunk: str) -> str:
    host = trunk.removeprefix("sip:")
    if host.startswith("["):
        return host[1 : host.index("]")] if "]" in host else host
    return host.partition(":")[0]


def _is_unspecified(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _path(key: str, path: Path) -> str:
    return _checked(key, str(path), _PATH)


def _checked(key: str, value: str, allowed: re.Pattern[str], show: bool = True) -> str:
    if not allowed.fullmatch(value):
        shown = repr(value) if show else "this value"
        raise ConfigError(f"{key}: {shown} has characters that Asterisk's configuration refuses")
    return value
