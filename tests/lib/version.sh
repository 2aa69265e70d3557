#!/bin/sh
# The project's version: the tag that git sees, else the commit, else 0.1.0 (a tarball).
cd "$(dirname "$0")/../.." || exit 1
git describe --tags --match 'v[0-9]*' --always --dirty 2>/dev/null | sed -e 's/^v//' -e 's/^\([0-9a-f]\{7,\}\)/0.1.0+\1/' | grep . || echo 0.1.0
