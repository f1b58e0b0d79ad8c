"""Lists of recordings, PATH<TAB>TEXT, and the WAV files that they name; folders made whole or
not at all."""
import array
import contextlib
import os
import shutil
import sys
import tempfile
import wave


def lines_of(path):
    """(number, line without its end) of each line of a text file."""
    with open(path, encoding="utf-8", newline="\n") as lines:
        try:
            for number, line in enumerate(lines, 1):
                yield number, line.rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}: not text in UTF-8: {error}") from None


def read_list(path):
    """[(path of the recording, text)]; paths stand in the list as seen from its folder."""
    pairs, folder = [], os.path.dirname(path)
    for number, line in lines_of(path):
        name, tab, text = line.partition("\t")
        if not (tab and name and text.strip()):
            raise ValueError(f"{path}:{number}: not a recording, a tab and what it says")
        pairs.append((os.path.join(folder, name), text))
    if not pairs:
        raise ValueError(f"{path}: empty")
    return pairs


def read_wav(path):
    """(rate, samples as an array of int16) of a mono WAV of 16 bits."""
    try:
        with wave.open(path, "rb") as file:
            rate, shape = file.getframerate(), (file.getnchannels(), file.getsampwidth())
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path}: not a WAV file that this script reads: "
                         f"{error or 'it ends too early'}") from None
    if shape != (1, 2):
        raise ValueError(f"{path}: {shape[0]} channels of {8 * shape[1]} bits, not one of 16; "
                         "sox IN.wav -c 1 -b 16 OUT.wav makes one")
    samples = array.array("h", data[:len(data) // 2 * 2])
    if not samples:
        raise ValueError(f"{path}: no samples")
    if sys.byteorder == "big":
        samples.byteswap()
    return rate, samples


def write_wav(path, rate, samples):
    if sys.byteorder == "big":
        samples = samples[:]
        samples.byteswap()
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


@contextlib.contextmanager
def new_folder(path):
    """A folder to fill, which becomes `path` when all went well and vanishes when not. What
    stands there already is never replaced."""
    path = os.path.abspath(path)
    if os.path.lexists(path) and not (os.path.isdir(path) and not os.listdir(path)):
        raise ValueError(f"{path} is there already; remove it, or name another folder")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    folder = tempfile.mkdtemp(prefix=os.path.basename(path) + ".", suffix=".part",
                              dir=os.path.dirname(path))
    try:
        yield folder
        os.chmod(folder, 0o755)
        os.rename(folder, path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def positive(text):
    """A whole number of at least 1, for argparse."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def ends_with_message(main):
    """What `main` found wrong with files and options is a line, not a traceback."""
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
