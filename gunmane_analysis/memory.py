"""Former names of :mod:`gunmane_analysis.cache`, until every module uses the new ones."""

from gunmane_analysis.cache import cached as remembered
from gunmane_analysis.cache import closure_content as enclosed
from gunmane_analysis.cache import get_or_compute as recall

__all__ = ["enclosed", "recall", "remembered"]
