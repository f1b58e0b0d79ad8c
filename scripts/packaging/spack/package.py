# SPDX-License-Identifier: Apache-2.0
"""The Spack recipe. From the top of the tree, with Spack 1.0 or later:

    spack repo add scripts/packaging/spack/spack_repo/lockstep
    spack install lockstep

builds what is committed there; `spack dev-build lockstep@main` builds the tree as it stands.
"""
import os

from spack_repo.builtin.build_systems.cmake import CMakePackage

from spack.package import *


class Lockstep(CMakePackage):
    """Trains encoder-decoder Transformers on clusters of CPUs: one program in C, one
    configuration file, and the same bits on any number of ranks."""

    # The tree that this file stands in; a mirror's recipe names its own.
    git = "file://" + os.path.realpath(__file__ + "/../../../..")

    license("Apache-2.0")

    version("main", branch="main")

    variant("tests", default=False, description="Build the tests; --test=root runs them")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.21:", type="build")
    depends_on("pkgconfig", type="build")

    depends_on("mpi", type=("build", "link", "run"))
    depends_on("openblas")
    depends_on("hdf5@1.10:")
    depends_on("fftw@3: precision=double")
    depends_on("libfyaml@0.7.12:")
    depends_on("libsndfile@1.0.28:+external-libs")
    depends_on("libsoxr@0.1.3:")
    depends_on("protobuf-c@1.4:")
    depends_on("sentencepiece@0.1.97:")
    depends_on("utf8proc@2.6:")
    depends_on("xxhash@0.8:")
    depends_on("zlib-api")
    depends_on("check", type=("build", "link"), when="+tests")

    # The kernels are compiled for the levels of x86-64, v2 to v4.
    conflicts("%gcc@:10", when="target=x86_64:", msg="gcc 11 or later knows -march=x86-64-v4")
    conflicts("%clang@:11", when="target=x86_64:", msg="clang 12 or later knows -march=x86-64-v4")

    def cmake_args(self):
        # As the preset `release` of CMakePresets.json has it; the kernels have flags of their own.
        return [
            self.define_from_variant("BUILD_TESTING", "tests"),
            self.define("CMAKE_C_FLAGS_RELEASE", "-O2 -g"),
            self.define("CMAKE_CXX_FLAGS_RELEASE", "-O2 -g"),
        ]

    def check(self):
        """Those that need neither mpirun nor Python."""
        if self.spec.satisfies("+tests"):
            with working_dir(self.build_directory):
                ctest("-L", "^(unit|golden)$", "--output-on-failure")
