#!/bin/sh
# What an image is built by, step by step; a plain folder will do, no container engine is needed.
#
#   build.sh dependencies worker|workbench|api PREFIX    what the target's lock names, into PREFIX
#   build.sh project PREFIX                              Cody Batch itself, from the current folder
#
# PREFIX becomes a virtual environment without pip. Everything comes as a wheel with a known hash, so
# no compiler is needed and none is left behind. PYTHON names the interpreter.
set -eu

python="${PYTHON:-python3}"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

# install PREFIX ARGUMENT...: with the pip of `python`, into an environment that has none.
install() {
  into="$1"
  shift
  "$python" -m pip --quiet --python "$into/bin/python" install --no-cache-dir --no-compile "$@"
}

dependencies() {
  "$python" -m venv --without-pip "$2"
  install "$2" --require-hashes --only-binary :all: --requirement "requirements/image-$1.txt"
}

project() {
  scratch="$(mktemp -d)"
  trap 'rm -rf "$scratch"' EXIT
  "$python" -m venv --without-pip "$scratch/tools"
  install "$scratch/tools" --require-hashes --only-binary :all: --requirement requirements/build.txt
  # The workbench's files of others come along from a checkout that was set up; npm gets them else.
  if [ ! -e static/geist/.pin ] && ! command -v npm >/dev/null; then
    install "$scratch/tools" --require-hashes --requirement requirements/node.txt
  fi
  "$python" -m pip --quiet --python "$scratch/tools/bin/python" wheel --no-cache-dir \
    --no-deps --no-build-isolation --wheel-dir "$scratch/made" .
  install "$1" --no-deps --no-index "$scratch"/made/codybatch-*.whl
  # The disk is read only where it runs. The source does not change, so nobody looks whether it did.
  "$1/bin/python" -m compileall -q --invalidation-mode unchecked-hash "$1/lib"
}

case "$1" in
  dependencies) dependencies "$2" "$3" ;;
  project) project "$2" ;;
  *) echo "build.sh knows the steps dependencies and project, not $1." >&2; exit 2 ;;
esac
