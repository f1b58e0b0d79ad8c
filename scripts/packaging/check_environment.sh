#!/bin/bash
# Which of the libraries that Lockstep needs does CMake find here, and what are the others called?
#
#   scripts/packaging/check_environment.sh [-DKEY=VALUE...]
#
# For clusters where software comes from modules, from Spack or from your own folders: load them,
# run this, load or build what is missing, and run the cmake line that it prints. What stands in
# folders of its own is named in the environment, or by options that the line then has too:
#
#   CMAKE_PREFIX_PATH    prefixes of any of them, between colons (an option's between semicolons)
#   PKG_CONFIG_PATH      folders with .pc files
#   MPI_HOME, HDF5_ROOT  the prefix of one; mpicc and h5cc in PATH do as well
#   CC, CXX              the compilers
#
# What is looked for is read from CMakeLists.txt, and so is how. The exit status is 0 when
# everything is there, 1 when not.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

# As CMake knows it, in Debian, in Spack.
names="
OpenMP         gcc                   gcc
Threads        libc6-dev             glibc
PkgConfig      pkg-config            pkgconf
MPI            libopenmpi-dev        openmpi
HDF5           libhdf5-dev           hdf5
openblas       libopenblas-dev       openblas
fftw3          libfftw3-dev          fftw
libfyaml       libfyaml-dev          libfyaml
sndfile        libsndfile1-dev       libsndfile+external-libs
sentencepiece  libsentencepiece-dev  sentencepiece
soxr           libsoxr-dev           libsoxr
libutf8proc    libutf8proc-dev       utf8proc
libxxhash      libxxhash-dev         xxhash
zlib           zlib1g-dev            zlib
libprotobuf-c  libprotobuf-c-dev     protobuf-c
"

fail() {
    echo "check_environment.sh: $*" >&2
    exit 2
}

for option in "$@"; do
    [[ $option == -D*=* ]] ||
        { sed -n '2,/^set/ s/^#\( \|$\)//p' "$0" >&2; exit 2; }
done
command -v cmake >/dev/null || fail "no cmake in PATH; it takes 3.21 or later (Spack: cmake)"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A project that looks for all of it and says what it finds.
write_project() {
    # shellcheck disable=SC2016 # for CMake
    echo 'cmake_minimum_required(VERSION 3.21)
        project(environment LANGUAGES C CXX)
        include(CheckCCompilerFlag)
        message("=compiler ${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION} ${CMAKE_C_COMPILER}")
        if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
            check_c_compiler_flag(-march=x86-64-v4 knows_v4)
            if(NOT knows_v4)
                message("=old")
            endif()
        endif()'
    # find_package(NAME REQUIRED ...) as it stands there, but for REQUIRED.
    sed -n 's/^set(HDF5_/&/p; s/^\(find_package(\([A-Za-z0-9]*\)\) REQUIRED/\1/p' \
        "$root/CMakeLists.txt" | while read -r line; do
        echo "$line"
        [[ $line == find_package* ]] || continue
        line=${line#find_package(}
        name=${line%%[ )]*}
        echo "set(place \${${name}_PREFIX} \${${name}_C_LIBRARIES} \${${name}_LIBRARIES} -)
            list(GET place 0 place)
            set(version \${${name}_VERSION} \${${name}_C_VERSION} \${${name}_VERSION_STRING} -)
            list(GET version 0 version)
            message(\"=$name \${${name}_FOUND} \${version} - \${place}\")"
    done
    sed -n 's/^pkg_check_modules(\([A-Z0-9_]*\) REQUIRED IMPORTED_TARGET \([^)]*\))/\1 \2/p' \
        "$root/CMakeLists.txt" | while read -r name module; do
        echo "if(PKG_CONFIG_FOUND)
                pkg_check_modules($name $module)
            endif()
            set(place \${${name}_LINK_LIBRARIES} -)
            list(GET place 0 place)
            message(\"=$module \${${name}_FOUND} \${${name}_VERSION} - \${place}\")"
    done
}

write_project >"$scratch/CMakeLists.txt"
if ! cmake -S "$scratch" -B "$scratch/build" "$@" >"$scratch/log" 2>&1; then
    cat "$scratch/log" >&2
    fail "cmake fails before it looks for libraries: see above"
fi

missing=0
printf '%-14s %-9s %s\n' library version where
while read -r name found version place; do
    place=${place#- }
    version=${version#-}
    case $name in
    compiler) printf '%-14s %-9s %s\n' "$found" "$version" "$place"; continue ;;
    old)
        missing=1
        printf '%-14s %s\n' compiler "MISSING   too old for -march=x86-64-v4: gcc 11 or clang 12 does"
        continue
        ;;
    esac
    read -r _ debian spack < <(grep "^$name " <<<"$names" || echo "$name ? ?")
    case $found in
    1 | TRUE | True | true | ON) printf '%-14s %-9s %s\n' "$name" "${version:--}" "${place:--}" ;;
    *)
        missing=1
        printf '%-14s %-9s %s\n' "$name" MISSING "Debian: $debian; Spack: $spack"
        ;;
    esac
done < <(sed -n 's/^=//p' "$scratch/log")

echo
if [ "$missing" -ne 0 ]; then
    echo "Load or build what is missing, and run this again. It is looked for in CMAKE_PREFIX_PATH," \
        "PKG_CONFIG_PATH, MPI_HOME and HDF5_ROOT."
    exit 1
fi
line=$(printf ' %q' "$@")
[ $# -gt 0 ] || line=
[[ $line == *BUILD_TESTING* ]] || line=" -DBUILD_TESTING=OFF$line" # the tests take check, and Python
echo "All is there. In $root:"
echo
echo "  cmake --preset release$line && cmake --build --preset release -j"
