#!/usr/bin/env bash
# Debian's chromium for the browser tests: installed where that is possible, asked for loudly where it is not.
set -u
command -v chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing Debian's chromium for the browser tests" >&2
  apt-get update -qq >/dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1
fi
command -v chromium >/dev/null 2>&1 && exit 0
echo "*** No chromium on this machine: the browser tests cannot run. Install it (apt-get install chromium). ***" >&2
[ -z "${CI:-}" ] || exit 1
