#!/bin/sh
# PyTorch, the oracle of some tests, which skip without it. Its own index is asked only where it answers at once:
# pip would try it again for each package, and a machine without that index would wait minutes for nothing.
set -eu
python=$1 requirement=$2 index=$3
set --
if "$python" -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1] + "/torch/", timeout=10)' "$index" 2>/dev/null
then set -- --extra-index-url "$index"
fi
"$python" -m pip install --quiet --retries 1 --timeout 30 "$@" "$requirement" \
  || echo "$requirement cannot be installed here; its oracle tests will say so and skip"
