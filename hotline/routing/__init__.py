"""The routing plan: who serves which queue, with which skills, when, and how callers are shared."""
