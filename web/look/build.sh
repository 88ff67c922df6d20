#!/usr/bin/env bash
# Compile the Sass sources beside this file into web/static/rapport.css. Needs node and npm; the result is committed, so
# that neither the product nor its tests need them. LOOK_MODULES names a node_modules folder that is there already.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target="$here/../static/rapport.css"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
modules=${LOOK_MODULES:-}
if [ -z "$modules" ]; then
  cp "$here/package.json" "$work/"
  (cd "$work" && npm install --silent --no-audit --no-fund --no-package-lock)
  modules="$work/node_modules"
fi
node "$modules/sass/sass.js" --style=compressed --no-source-map --load-path="$modules/govuk-frontend/dist" \
  "$here/rapport.scss" "$work/rapport.css"
# What GOV.UK says many times and we say once: the fallbacks of its colours, its font (on body, and on each control here),
# the yellow box of a focused link (we have a ring), gaps in underlines, Internet Explorer.
sed -E -i -e 's/var\((--govuk-[a-z-]+), ?#[0-9a-fA-F]+\)/var(\1)/g' \
  -e 's/@media print\{[^{}]*\{(font-family:var\(--text\)|color:var\(--govuk-print-text-colour\))\}\}//g' \
  -e 's/@media screen and \(-ms-high-contrast: active\),\(-ms-high-contrast: none\)\{([^{}]*\{[^{}]*\})*\}//g' \
  -e 's/,\(-ms-high-contrast: active\)//g' \
  -e 's/font-family:var\(--text\);-webkit-font-smoothing:antialiased;-moz-osx-font-smoothing:grayscale;?//g' \
  -e 's/outline:3px solid rgba\(0,0,0,0\);color:var\(--govuk-focus-text-colour\);background-color:var\(--govuk-focus-colour\);box-shadow:[^;]*;text-decoration:none//g' \
  -e 's/-webkit-text-decoration-skip-ink:none;text-decoration-skip-ink:none;-webkit-text-decoration-skip:none;text-decoration-skip:none//g' \
  -e 's/@supports not \(text-wrap: balance\)\{([^{}]*\{[^{}]*\})*\}//g' \
  -e 's/\.govuk-button:focus:not\(:active\):not\(:hover\)\{[^}]*\}//g' \
  -e 's/(^|[{}])[^{}]+\{\}/\1/g' "$work/rapport.css"
if grep -q 'data:' "$work/rapport.css"; then
  echo "the style sheet holds a data: address, which the content security policy forbids" >&2
  exit 1
fi
cp "$work/rapport.css" "$target"
echo "$(wc -c <"$target") bytes, $(gzip -9 -c "$target" | wc -c) compressed: web/static/rapport.css"
