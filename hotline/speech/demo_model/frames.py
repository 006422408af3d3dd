"""Frames of features: what the labels, the network and the extractor agree on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# A row for each frame.
Features = NDArray[np.float32]

COEFFICIENTS = 30
FRAMES_A_SECOND = 100
# A frame is 25 ms long; where its middle lies after its start.
FRAME_CENTRE_S = 0.0125
