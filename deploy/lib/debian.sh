# Programs of another Debian release, unpacked beside the system: nothing is installed, root or not.

debian_mirror=${DEBIAN_MIRROR:-https://deb.debian.org/debian}

# debian_unpack RELEASE PACKAGE DIRECTORY: the newest PACKAGE of RELEASE with all the libraries it needs, the C library and
# its loader too. Every file is held against the checksum in the release's index, and that against its signed list.
debian_unpack() {
  local release=$1 package=$2 root=$3 work index=main/binary-amd64/Packages.xz path checksum
  work=$(mktemp -d)
  debian_take "dists/$release/InRelease" "$work/InRelease"
  gpgv -q --keyring /usr/share/keyrings/debian-archive-keyring.gpg -o "$work/Release" "$work/InRelease" 2>"$work/gpgv" || {
    cat "$work/gpgv" >&2
    echo "Debian's signature of $release could not be verified (needs gpgv and debian-archive-keyring)" >&2
    return 1
  }
  checksum=$(awk -v file="$index" '/^[A-Z]/ { sums = $1 } sums == "SHA256:" && $3 == file { print $1 }' "$work/Release")
  debian_take "dists/$release/$index" "$work/Packages.xz" "$checksum"
  xz -dc "$work/Packages.xz" | debian_closure "$package" >"$work/closure"
  [ -s "$work/closure" ] || { echo "no $package in $release" >&2; return 1; }
  rm -rf "$root"
  mkdir -p "$root"
  while read -r path checksum; do
    debian_take "$path" "$work/deb" "$checksum"
    dpkg -x "$work/deb" "$root"
  done <"$work/closure"
  rm -r "$work"
}

# debian_take PATH FILE [SHA256]
debian_take() {
  curl -fsSL --retry 2 -o "$2" "$debian_mirror/$1"
  [ $# -lt 3 ] || echo "$3  $2" | sha256sum -c --quiet
}

# Paths and checksums of a package and of all libraries it depends on, from an index on standard input; of alternatives
# the first. What is no library serves the installed service, not the program.
debian_closure() {
  awk -v wanted="$1" '
    /^Package: / { package = $2 }
    /^(Pre-)?Depends: / { sub(/^[^:]*: /, ""); needs[package] = needs[package] ", " $0 }
    /^Filename: / { path[package] = $2 }
    /^SHA256: / { checksum[package] = $2 }
    END {
      queue[last = 1] = wanted; seen[wanted] = 1
      for (at = 1; at <= last; at++) {
        package = queue[at]
        if (!(package in path)) continue
        print path[package], checksum[package]
        count = split(needs[package], each, /, */)
        for (i = 1; i <= count; i++) {
          name = each[i]; sub(/[ :|].*/, "", name)
          if (name ~ /^lib/ && !(name in seen)) { seen[name] = 1; queue[++last] = name }
        }
      }
    }'
}

# debian_program ROOT PROGRAM FILE: leaves FILE, which becomes PROGRAM of the unpacked tree, on that tree's own libraries.
debian_program() {
  local libraries=$1/usr/lib/x86_64-linux-gnu
  cat >"$3" <<WRAPPER
#!/bin/sh
exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" "$1/$2" "\$@"
WRAPPER
  chmod +x "$3"
}
