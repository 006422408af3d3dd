"""MFCC features of 8 kHz audio, exactly as the recogniser will compute them."""

from __future__ import annotations

import kaldi_native_fbank as knf
import numpy as np
from numpy.typing import NDArray

from hotline.speech.audio import TELEPHONE_RATE
from hotline.speech.demo_model.frames import COEFFICIENTS, Features

LOWEST_HZ = 60
HIGHEST_HZ = 3800

# What conf/mfcc.conf says; Extractor below must say the same.
MFCC_CONF = f"""\
--sample-frequency={TELEPHONE_RATE}
--use-energy=false
--num-mel-bins={COEFFICIENTS}
--num-ceps={COEFFICIENTS}
--low-freq={LOWEST_HZ}
--high-freq={HIGHEST_HZ}
--dither=0.0
"""


class Extractor:
    """Computes features."""

    def __init__(self) -> None:
        options = knf.MfccOptions()
        options.frame_opts.samp_freq = TELEPHONE_RATE
        options.frame_opts.dither = 0.0
        options.frame_opts.window_type = "povey"
        options.frame_opts.snip_edges = True
        options.mel_opts.num_bins = COEFFICIENTS
        options.mel_opts.low_freq = LOWEST_HZ
        options.mel_opts.high_freq = HIGHEST_HZ
        options.num_ceps = COEFFICIENTS
        options.use_energy = False
        self._options = options

    def of(self, samples: NDArray[np.generic]) -> Features:
        """One row of :data:`~.frames.COEFFICIENTS` for each 10 ms."""
        mfcc = knf.OnlineMfcc(self._options)
        mfcc.accept_waveform(TELEPHONE_RATE, samples.astype(np.float32).tolist())
        mfcc.input_finished()
        count = mfcc.num_frames_ready
        if not count:
            return np.zeros((0, COEFFICIENTS), np.float32)
        return np.stack([mfcc.get_frame(frame) for frame in range(count)]).astype(np.float32)
