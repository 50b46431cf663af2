#!/bin/sh
# Prints when an image was created, in the oldest way: what a registry rewrites into its first format tells it in one
# request. BASE, REPOSITORY and TAG say of which image, OPTIONS is a file of curl's options.
set -eu
curl -fsS -K "$OPTIONS" "$BASE/v2/$REPOSITORY/manifests/$TAG" | jq -r '.history[0].v1Compatibility | fromjson | .created'
