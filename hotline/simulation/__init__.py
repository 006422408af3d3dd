"""What would happen: the production engine on a virtual clock, with drawn or recorded callers.

:class:`~hotline.simulation.model.Scenario` says who rings and who works,
:func:`~hotline.simulation.run.run` plays it many times and returns a
:class:`~hotline.simulation.result.Result` with confidence intervals.
"""
