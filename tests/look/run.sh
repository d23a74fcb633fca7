#!/bin/sh
# `make look`: looks at what people see. Usage: tests/look/run.sh PYTHON [FOLDER FOR PICTURES]
# Needs Chromium; installs it with apt-get where it is absent, and fails loudly where it cannot.
set -eu
here=$(dirname "$0")
python=$1
shift

browser() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" >/dev/null 2>&1; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

if ! chromium=$(browser); then
    echo "look: no Chromium here; installing it with apt-get" >&2
    as_root=""
    [ "$(id -u)" -eq 0 ] || as_root="sudo"
    if ! { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq chromium; } >&2; then
        echo "look: FAILED: Chromium is absent and apt-get could not install it; install it by hand and run again" >&2
        exit 1
    fi
    chromium=$(browser) || { echo "look: FAILED: apt-get installed no Chromium" >&2; exit 1; }
fi

"$python" "$here/report.py" "$chromium" "$@"
"$python" "$here/terminal.py"
