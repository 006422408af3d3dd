"""Case forms as an agent fills them in."""

from __future__ import annotations


def complaint(phone: str = "13812345678", **changes: object) -> dict[str, object]:
    """A whole form; ``changes`` replace fields."""
    return {
        "kind": "complaint",
        "urgency": "normal",
        "caller_name": "张三",
        "caller_phone": phone,
        "address": "人民路23号",
        "description": "人民路23号门口的井盖丢失，非常危险。",
        "callback_wanted": True,
        **changes,
    }
