#!/usr/bin/python3
"""Make filterbank.h5: audio files, and their log-mel features computed by SciPy and NumPy.

    tests/golden/make_filterbank.py [FOLDER]

A Lockstep store of kind "golden": for each case its settings, a WAV file's bytes, and the rows
of features, computed in double. Where a file is resampled, the reference needs
no resampler: the sound is a formula, taken at both rates; it is heard below nine tenths of
half the lower rate alone, and fades in and out. Needs what make_golden.py needs, and SciPy.
"""
import io
import pathlib
import sys
import wave

import numpy
import scipy.io.wavfile
import scipy.signal

from make_golden import Store

# In this order in the file; ms but for the rate.
SETTINGS = ("rate", "mels", "window", "hop", "stack")
USUAL = dict(rate=16000, mels=80, window=25.0, hop=10.0, stack=4)
SMALL = dict(rate=8000, mels=40, window=20.0, hop=7.5, stack=3)
# The file's rate, channels and bits (0: float), seconds, settings.
CASES = {
    "mono_16000": (16000, 1, 16, 0.5, USUAL),
    "stereo_16000": (16000, 2, 24, 0.3, USUAL),
    "mono_8000": (8000, 1, 8, 0.5, SMALL),
    "stereo_44100": (44100, 2, 16, 0.2, dict(USUAL, rate=44100, mels=64, window=32.0, stack=1)),
    "resampled_8000": (8000, 1, 0, 0.5, USUAL),
    "resampled_44100": (44100, 1, 0, 0.25, USUAL),
    "resampled_44100_stereo": (44100, 2, 0, 0.2, SMALL),
}
LOWEST, FLOOR, EPSILON = 20.0, 1e-10, 1e-5


def sound(rate, channels, seconds, heard):
    """[samples, channels]: sweeps and tones below `heard` Hz under a smooth hill."""
    time = numpy.arange(round(rate * seconds))[:, None] / rate
    channel = numpy.arange(channels)[None, :]
    hill = numpy.sin(numpy.pi * time / seconds) ** 2
    end = 0.8 * heard / seconds / 2
    sweep = numpy.sin(2 * numpy.pi * (100 + 30 * channel + end * time) * time)
    tones = sum(numpy.sin(2 * numpy.pi * f * heard * time + channel) / (3 + k)
                for k, f in enumerate((0.05, 0.23, 0.51, 0.87)))
    beat = 1 + 0.5 * numpy.sin(2 * numpy.pi * (7 + 4 * channel) * time)
    return 0.25 * hill * beat * (sweep + tones)


def make_wav(frames, rate, bits):
    """The file's bytes, and its samples as they are read back."""
    file = io.BytesIO()
    if bits == 0:
        scipy.io.wavfile.write(file, rate, frames.astype("<f4"))
        return file.getvalue(), frames.astype("<f4").astype(float)
    whole = numpy.round(frames * (2 ** (bits - 1) - 1)).astype("<i4")
    raw = (whole + 128).astype("u1") if bits == 8 else (
        whole[..., None].view("u1")[..., :bits // 8])
    with wave.open(file, "wb") as out:
        out.setnchannels(frames.shape[1])
        out.setsampwidth(bits // 8)
        out.setframerate(rate)
        out.writeframes(raw.tobytes())
    return file.getvalue(), whole / 2.0 ** (bits - 1)


def mel(frequency):
    return 2595 * numpy.log10(1 + frequency / 700)


def log_mels(samples, rate, mels, window, hop, **_):
    """[frames, mels]"""
    window, hop = round(window * rate / 1000), round(hop * rate / 1000)
    length = 1 << (window - 1).bit_length()
    hann = scipy.signal.get_window("hann", window, fftbins=True)
    _, _, spectrum = scipy.signal.stft(samples, window=hann, nperseg=window,
                                       noverlap=window - hop, nfft=length, detrend=False,
                                       boundary=None, padded=False)
    power = numpy.abs(spectrum.T * hann.sum()) ** 2
    points = numpy.linspace(mel(LOWEST), mel(rate / 2), mels + 2)
    bins = mel(numpy.arange(length // 2 + 1) * rate / length)
    triangles = numpy.stack([numpy.interp(bins, points[m:m + 3], [0, 1, 0])
                             for m in range(mels)])
    return numpy.log(numpy.maximum(power @ triangles.T, FLOOR))


def features(samples, settings):
    frames = log_mels(samples, **settings)
    frames = (frames - frames.mean(0)) / numpy.sqrt(frames.var(0) + EPSILON)
    stack = settings["stack"]
    rows = len(frames) // stack
    return frames[:rows * stack].reshape(rows, -1)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    store = Store(folder / "filterbank.h5")
    for name, (rate, channels, bits, seconds, settings) in CASES.items():
        heard = 0.85 * min(rate, settings["rate"]) / 2
        file, frames = make_wav(sound(rate, channels, seconds, heard), rate, bits)
        if rate != settings["rate"]:
            frames = sound(settings["rate"], channels, seconds, heard)
        store.add(name, "settings", [settings[key] for key in SETTINGS], "<f8")
        store.add(name, "file", list(file), "u1")
        store.add(name, "features", features(frames.mean(1), settings), "<f4")
    store.save()


if __name__ == "__main__":
    main()
