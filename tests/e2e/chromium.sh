#!/bin/sh
# Says where the browser is that the tests drive; installs Debian's where that is possible.
set -eu
for name in "${UZO_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing chromium for the browser tests"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "The browser tests need Chromium, and it was not found."
echo "  Install it (Debian: apt install chromium), or name one: UZO_CHROMIUM=/path/to/chromium make test"
exit 1
