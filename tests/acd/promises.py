"""The engine's promises by name."""

from __future__ import annotations

P1 = "a waiting call and an agent who may take it never coexist"
P1_ONLY = "only an agent who serves the queue, has the skills and is admitted is asked"
P2_OWNER = "a call has one owner and an agent one call"
P2_ONCE = "an offer ends exactly once"
P3_MEMORY = "a refuser is not asked again while another can take the call"
P3_MISS = "a miss leads to a pause that ends by itself"
P4_ORDER = "calls go by priority, then waiting time"
P4_BOUND = "nobody is overtaken beyond the stated bound"
P4_AGENT = "the agent whom the queue's strategy puts first is asked"
P5 = "wrap-up, pauses and requested next states are kept"
P6 = "a call that hung up is never offered"
P_PHONE = "an agent whose phone cannot be rung, or who leaves, is not asked"
P_OVERFLOW = "a caller is sent elsewhere when a rule says so, and only then"
P_TASK = "tasks go to agents whom no caller needs, and give way"
P_IGNORED = "an input that cannot apply is reported"
