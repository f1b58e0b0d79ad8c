#!/bin/bash
# What Dockerfile and lockstep.def do within an image, as its root: builds the tree that this
# stands in, installs it to /usr/local and leaves nothing that is only of use for building it anew.
#
#   scripts/packaging/image.sh
#
# Packages are there already (scripts/install.sh build scripts).
set -euo pipefail
cd "$(dirname "$0")/../.."

scripts/build.sh release -DBUILD_TESTING=OFF
cmake --install build/release --prefix /usr/local
cat >/usr/local/bin/lockstep-run.sh <<'END'
#!/bin/sh
exec /usr/local/share/lockstep/scripts/run.sh "$@"
END
chmod 755 /usr/local/bin/lockstep-run.sh
rm -rf build /var/lib/apt/lists/*
/usr/local/bin/lockstep --version
