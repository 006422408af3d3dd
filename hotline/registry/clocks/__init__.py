"""Time limits, the working calendar, and the clocks that run while a case lives."""
