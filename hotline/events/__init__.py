"""The one vocabulary of things that happened.

Each event is a frozen dataclass of JSON values; its class name is its kind in the journal.
An event names the call, agent and case it belongs to by the fields ``call_id``, ``agent_id``
and ``case_number``, so that the journal can be read by any of them.

Times are Unix seconds, durations seconds. Adding an event or a field with a default is safe;
renaming or removing one needs a migration of the journal.
"""

from __future__ import annotations

from hotline.events.agents import *  # noqa: F403
from hotline.events.base import Event as Event
from hotline.events.base import UnknownEvent as UnknownEvent
from hotline.events.base import event_from as event_from
from hotline.events.callers import *  # noqa: F403
from hotline.events.calls import *  # noqa: F403
from hotline.events.cases import *  # noqa: F403
from hotline.events.city import *  # noqa: F403
from hotline.events.floor import *  # noqa: F403
from hotline.events.knowledge import *  # noqa: F403
from hotline.events.phones import *  # noqa: F403
from hotline.events.system import *  # noqa: F403
