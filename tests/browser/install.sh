#!/usr/bin/env bash
# A browser for the browser tests: installed where that is possible, asked for loudly where there is none.
# Debian's chromium-headless-shell draws the same pages at half the work of the whole chromium, which serves too.
set -u
has() { command -v "$1" >/dev/null 2>&1; }
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1; }
has chromium-headless-shell && exit 0
if [ "$(id -u)" = 0 ] && has apt-get; then
  echo "installing Debian's chromium-headless-shell for the browser tests" >&2
  apt-get update -qq >/dev/null 2>&1
  install chromium-headless-shell || has chromium || install chromium
fi
has chromium-headless-shell || has chromium && exit 0
echo "*** No chromium on this machine: the browser tests cannot run. Install it (apt-get install chromium). ***" >&2
[ -z "${CI:-}" ] || exit 1
