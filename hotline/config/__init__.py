"""One file, ``hotline.toml``, validated; every key has its meaning and default in its section.

The documented file in the repository's root is held to these models by a test.
"""

from __future__ import annotations

from hotline.config.base import ConfigError, is_loopback
from hotline.config.calls import (
    CallbackSection,
    FlowsSection,
    HandoverSection,
    HandoverTarget,
    QueueSection,
    ReportSection,
)
from hotline.config.cases import ClocksSection, Demandable, FormSection, Kind, RegistrySection
from hotline.config.file import Config, load
from hotline.config.outside import CrmSection, ExchangeSection, MessagesSection
from hotline.config.server import (
    DatabaseSection,
    HotlineSection,
    LogSection,
    ReplaySection,
    WebSection,
)
from hotline.config.telephony import PbxSection, PromptsSection, RecordingSection, SpeechSection

__all__ = [
    "CallbackSection",
    "ClocksSection",
    "Config",
    "ConfigError",
    "CrmSection",
    "DatabaseSection",
    "Demandable",
    "ExchangeSection",
    "FlowsSection",
    "FormSection",
    "HandoverSection",
    "HandoverTarget",
    "HotlineSection",
    "Kind",
    "LogSection",
    "MessagesSection",
    "PbxSection",
    "PromptsSection",
    "QueueSection",
    "RecordingSection",
    "RegistrySection",
    "ReplaySection",
    "ReportSection",
    "SpeechSection",
    "WebSection",
    "is_loopback",
    "load",
]
