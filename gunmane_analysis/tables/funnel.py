"""The stages of the matching funnel, in order; their words are the choices ``stage``."""

STAGES = ("considered", "established", "trialled", "implemented")
