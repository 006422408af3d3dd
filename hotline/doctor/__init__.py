"""``hotline doctor``: is everything there that a call needs, and what to do if not.

It shares no code with the controller, so that what diagnoses does not stumble over what it
diagnoses: AMI by pyst2, synchronously; only the configuration and the secrets are read as the
product reads them. What may hang or crash (AMI, a speech model) is tried in a process of its own.
"""
