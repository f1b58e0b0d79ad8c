"""What the scripts that draw share: Matplotlib, fonts, pictures and what may be wrong."""
import os
import sys
import unicodedata
import warnings


def leave(why):
    """End the script, for something is not installed."""
    sys.exit(f"{os.path.basename(sys.argv[0])}: {why}: scripts/install.sh plots, "
             "or apt-get install python3-h5py python3-matplotlib")


try:
    import matplotlib
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font
except ImportError as missing:
    leave(missing)

matplotlib.use("Agg")
matplotlib.rcParams.update({"text.parse_math": False, "svg.hashsalt": "lockstep"})
from matplotlib import pyplot  # noqa: E402 (after the choice of what draws)

WIDE_PACKAGE, OTHER_PACKAGE = "fonts-wqy-microhei", "fonts-noto-core"


class Wrong(Exception):
    """What the user has to know."""


def run(work):
    """Do the script's work; what is wrong ends it in one line."""
    warnings.filterwarnings("error", message="Glyph .* missing")
    try:
        work()
    except (Wrong, UserWarning) as wrong:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {wrong}")


def save(figure, path):
    """A picture, or a page whose bytes do not depend on the day."""
    metadata = {"Date": None} if path.endswith(".svg") else None
    try:
        figure.savefig(path, dpi=130, metadata=metadata)
    except OSError as error:
        raise Wrong(f"{path}: cannot be written: {error.strerror}") from None
    pyplot.close(figure)
    print(path)


# ---- fonts


def is_wide(character):
    return unicodedata.east_asian_width(character) in "WF"


def package_for(character):
    return WIDE_PACKAGE if is_wide(character) else OTHER_PACKAGE


def characters_of(path):
    try:
        return set(FT2Font(path).get_charmap())
    except RuntimeError:  # FreeType cannot read it
        return set()


def choose_fonts(texts, installed):
    """Families that have all characters of `texts` between them, the usual one first."""
    usual = font_manager.findfont("DejaVu Sans")
    missing = {ord(c) for text in texts for c in text} - characters_of(usual)
    families = ["DejaVu Sans"]
    known = {}
    if missing:  # pictures in colour are no glyphs
        known = {path: characters_of(path) for path in sorted(installed)
                 if "emoji" not in path.lower()}
    while missing:
        best = max(known, key=lambda path: len(missing & known[path]), default=None)
        if best is None or not missing & known[best]:
            letters = [chr(code) for code in sorted(missing)]
            packages = sorted({package_for(letter) for letter in letters})
            named = " ".join(f"{letter} (U+{ord(letter):04X})" for letter in letters[:8])
            raise Wrong(f"no installed font has {named}{' ...' if len(letters) > 8 else ''}: "
                        f"apt-get install {' '.join(packages)}, or another font that has them")
        font_manager.fontManager.addfont(best)
        families.append(FT2Font(best).family_name)
        missing -= known.pop(best)
    return families


def use_fonts_for(texts):
    """Draw with what has all characters of `texts`; gives the families."""
    fonts = choose_fonts(texts, font_manager.findSystemFonts())
    matplotlib.rcParams["font.family"] = fonts
    return fonts
