"""The recipes of scripts/packaging/: they name what CMakeLists.txt needs, and scripts/install.sh
installs; what is missing on a cluster is told by its names."""
import os
import pathlib
import re
import runpy
import shutil
import sys
import types
import unittest
import unittest.mock

import support

PACKAGING = support.ROOT / "scripts/packaging"
INSTALL = support.ROOT / "scripts/install.sh"
CHECK = PACKAGING / "check_environment.sh"
CMAKE = (support.ROOT / "CMakeLists.txt").read_text()
MODULES = re.findall(r"^pkg_check_modules\(\w+ REQUIRED IMPORTED_TARGET (\S+)\)", CMAKE, re.M)
PACKAGES = re.findall(r"^find_package\((\w+) REQUIRED", CMAKE, re.M)


def listed(*groups):
    return support.run([INSTALL, "--list", *groups]).stdout.split()


def names():
    """{as CMake knows it: (Debian's package, Spack's)}, as check_environment.sh has them."""
    rows = CHECK.read_text().split('names="\n')[1].split('"')[0].splitlines()
    return {row.split()[0]: tuple(row.split()[1:]) for row in rows}


def recipe_of(path):
    """(the recipe's class, [(directive, arguments, options)]) as a Spack without its packages
    would see it."""
    said = []

    def directive(name):
        return lambda *arguments, **options: said.append((name, arguments, options))

    package = types.ModuleType("spack.package")
    for name in ("license", "version", "variant", "depends_on", "conflicts"):
        setattr(package, name, directive(name))
    cmake = types.ModuleType("spack_repo.builtin.build_systems.cmake")
    cmake.CMakePackage = type("CMakePackage", (), {
        "define": lambda self, key, value: (key, value),
        "define_from_variant": lambda self, key, variant: (key, variant)})
    modules = {"spack": types.ModuleType("spack"), "spack.package": package, cmake.__name__: cmake}
    for name in ("spack_repo", "spack_repo.builtin", "spack_repo.builtin.build_systems"):
        modules[name] = types.ModuleType(name)
    with unittest.mock.patch.dict(sys.modules, modules):
        found = runpy.run_path(str(path))
    return next(value for value in found.values() if isinstance(value, type)
                and issubclass(value, cmake.CMakePackage) and value is not cmake.CMakePackage), said


class Lists(support.SystemTest):
    def test_what_is_installed_is_what_is_listed(self):
        asked = self.folder / "asked"
        for name, body in (("dpkg-query", "exit 1"), ("sudo", 'exec "$@"'),
                           ("apt-get", f'echo "$@" >>{asked}')):
            (self.folder / name).write_text(f"#!/bin/sh\n{body}\n")
            (self.folder / name).chmod(0o755)
        path = f"{self.folder}:{os.environ['PATH']}"
        done = support.run([INSTALL, "build", "scripts"], env=support.environment(PATH=path))
        self.assertEqual(done.returncode, 0, done.stderr)
        words = asked.read_text().splitlines()[-1].split()
        self.assertEqual(words[words.index("--no-install-recommends") + 1:],
                         listed("build", "scripts"))

    def test_images_are_made_of_the_same_list(self):
        docker = (PACKAGING / "Dockerfile").read_text()
        apptainer = (PACKAGING / "lockstep.def").read_text()
        commands = re.findall(r"(?m)^(?:RUN|   ) /opt/lockstep/(\S+)(.*)$", docker)
        self.assertEqual(commands, re.findall(r"(?m)^    /opt/lockstep/(\S+)(.*)$", apptainer))
        self.assertEqual([name for name, _ in commands],
                         ["scripts/install.sh", "scripts/packaging/image.sh"])
        for name, words in commands:
            self.assertTrue(os.access(support.ROOT / name, os.X_OK), name)
        self.assertTrue(set(listed("build")) <= set(listed(*commands[0][1].split())))
        for text in (docker, apptainer):
            self.assertNotIn("apt-get", text)

    def test_apptainer_gets_all_that_is_built_of(self):
        text = (PACKAGING / "lockstep.def").read_text()
        files = re.findall(r"(?m)^    (\S+) /opt/lockstep/$", text)
        needed = re.findall(r"\b(src|configs|scripts|include|README\.md|LICENSE)\b", CMAKE)
        self.assertEqual(set(files) - {"CMakeLists.txt", "CMakePresets.json"}, set(needed))
        for name in files:
            self.assertTrue((support.ROOT / name).exists(), name)

    def test_every_library_has_its_names(self):
        self.assertGreater(len(MODULES), 8)
        known = names()
        for name in MODULES + PACKAGES:
            self.assertIn(name, known)
        built = listed("build")
        for name in MODULES:
            self.assertIn(known[name][0], built)


class Recipe(support.SystemTest):
    def test_lockstep(self):
        path = PACKAGING / "spack/spack_repo/lockstep/packages/lockstep/package.py"
        self.assertTrue(path.samefile(PACKAGING / "spack/package.py"))
        recipe, said = recipe_of(path)
        self.assertEqual(recipe.__name__, "Lockstep")
        self.assertEqual(recipe.git, f"file://{support.ROOT.resolve()}")
        specs = [arguments[0] for name, arguments, _ in said if name == "depends_on"]
        needs = {re.split(r"[@+~ ]", spec)[0] for spec in specs}
        known = names()
        for name in MODULES:
            spack = re.split(r"[+~]", known[name][1])[0]
            self.assertIn({"zlib": "zlib-api"}.get(spack, spack), needs)
        self.assertLessEqual({"c", "cxx", "mpi", "hdf5", "pkgconfig", "check"}, needs)
        least = re.search(r"cmake_minimum_required\(VERSION (\S+)\)", CMAKE)[1]
        self.assertIn(f"cmake@{least}:", specs)
        self.assertIn(("license", ("Apache-2.0",), {}), said)
        self.check_flags(recipe)

    def check_flags(self, recipe):
        presets = support.read_json((support.ROOT / "CMakePresets.json").read_text())
        release, = (preset["cacheVariables"] for preset in presets["configurePresets"]
                    if preset["name"] == "release")
        found = dict(recipe().cmake_args())
        for key in ("CMAKE_C_FLAGS_RELEASE", "CMAKE_CXX_FLAGS_RELEASE"):
            self.assertEqual(found[key], release[key])

    def test_what_spack_does_not_have(self):
        recipe, said = recipe_of(
            PACKAGING / "spack/spack_repo/lockstep/packages/libsoxr/package.py")
        version, = (entry for entry in said if entry[0] == "version")
        self.assertIn(version[1][0], recipe.url)
        self.assertRegex(version[2]["sha256"], "^[0-9a-f]{64}$")
        dict(recipe().cmake_args())


class Environment(support.SystemTest):
    def setUp(self):
        """pkg-config sees copies of its files, without soxr's."""
        super().setUp()
        self.files = self.folder / "pkgconfig"
        self.files.mkdir()
        places = support.run(["pkg-config", "--variable", "pc_path", "pkg-config"]).stdout
        for place in reversed(places.strip().split(":")):
            for path in pathlib.Path(place).glob("*.pc"):
                shutil.copy(path, self.files)
        self.prefix = self.folder / "prefix"
        (self.prefix / "lib/pkgconfig").mkdir(parents=True)
        shutil.move(self.files / "soxr.pc", self.prefix / "lib/pkgconfig")

    def check(self, *words, **more):
        clean = {key: value for key, value in support.environment().items()
                 if key not in ("CMAKE_PREFIX_PATH", "PKG_CONFIG_PATH")}
        return support.run([CHECK, *words],
                           env=dict(clean, PKG_CONFIG_LIBDIR=str(self.files), **more))

    def test_one_that_is_missing(self):
        done = self.check()
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        missing = [line for line in done.stdout.splitlines() if "MISSING" in line]
        self.assertEqual([line.split() for line in missing],
                         [["soxr", "MISSING", "Debian:", "libsoxr-dev;", "Spack:", "libsoxr"]])
        self.assertRegex(done.stdout, r"(?m)^libxxhash +\d\S+ +/")
        self.assertNotIn("cmake --preset", done.stdout)

    def test_one_in_a_prefix_of_its_own(self):
        option = f"-DCMAKE_PREFIX_PATH={self.prefix}"
        done = self.check(option)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        found = [line.split()[0] for line in done.stdout.splitlines() if " /" in line]
        self.assertLessEqual(set(MODULES), set(found))
        self.assertIn(f"cmake --preset release -DBUILD_TESTING=OFF {option} && cmake --build",
                      done.stdout)

    def test_words_that_make_no_sense(self):
        done = self.check("--help")
        self.assertEqual(done.returncode, 2)
        self.assertIn("CMAKE_PREFIX_PATH", done.stderr)
        done = self.check("-DCMAKE_C_COMPILER=/nowhere/cc")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nowhere/cc", done.stderr)


if __name__ == "__main__":
    unittest.main()
