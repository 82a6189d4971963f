"""What the three modalities share: the result, media decoding, the inference engine, calibration and metrics."""

from core.analysis import CLASSES, Analysis
from core.errors import InputError

__all__ = ["CLASSES", "Analysis", "InputError"]
