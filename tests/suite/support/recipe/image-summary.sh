#!/bin/sh
# Prints TAG, CREATED and IMAGE ID of all tags of a repository, the newest first: the recipe of a hundred wikis. Of an
# index it is the image for linux/amd64, else the first.
#
# BASE and REPOSITORY say where, OPTIONS is a file of curl's options (a password, a certificate authority), REQUESTS
# a file to which each URL is added. Where a token is needed, REALM and SERVICE say of whom, LOGIN is a file of
# curl's options for that.
set -eu
export LC_ALL=C
tab=$(printf '\t')

index='application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json'
manifest='application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json'
schema1='application/vnd.docker.distribution.manifest.v1+prettyjws'

ask() {
  printf '%s\n' "$1" >>"$REQUESTS"
  curl -fsS -K "${2:-$OPTIONS}" -H "Accept: $index, $manifest, $schema1" "$1"
}

if [ -n "${REALM:-}" ]; then
  token=$(ask "$REALM?service=$SERVICE&scope=repository:$REPOSITORY:pull" "$LOGIN" | jq -r .token)
  printf 'header = "Authorization: Bearer %s"\n' "$token" >>"$OPTIONS"
fi

here="$BASE/v2/$REPOSITORY"
for tag in $(ask "$here/tags/list" | jq -r '.tags[]' | sort); do
  document=$(ask "$here/manifests/$tag")
  child=$(printf '%s' "$document" | jq -r '
    .manifests // [] | [.[] | select(.platform.os == "linux" and .platform.architecture == "amd64")] + .
    | .[0].digest // empty')
  if [ -n "$child" ]; then
    document=$(ask "$here/manifests/$child")
  fi
  id=$(printf '%s' "$document" | jq -r '.config.digest // empty')
  if [ -n "$id" ]; then
    created=$(ask "$here/blobs/$id" | jq -r ".created // empty")
  else
    image=$(printf '%s' "$document" | jq -r '.history[0].v1Compatibility')
    created=$(printf '%s' "$image" | jq -r .created)
    id=$(printf '%s' "$image" | jq -r '.id // empty')
  fi
  printf '%s\t%s\t%s\n' "$tag" "$created" "$id"
done | sort -s -t "$tab" -k 2,2r
