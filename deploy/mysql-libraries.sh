#!/usr/bin/env bash
# MySQL's test binaries need libaio.so.1 and libnuma.so.1. Where the system lacks them, takes them from Debian's or
# Ubuntu's packages into target/mysql/libraries, without installing anything; as root or not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
libraries=$PWD/target/mysql/libraries

there() {
  [ -e "$libraries/$1" ] || PATH=$PATH:/usr/sbin:/sbin ldconfig -p | grep -q "^[[:space:]]*$1 .*x86-64"
}

# Newer releases call the same library by another name.
take() {
  local library=$1 work package
  shift
  there "$library" && return 0
  work=$(mktemp -d)
  mkdir -p "$libraries"
  for package in "$@"; do
    if (cd "$work" && apt-get -qq download "$package" && dpkg -x "$package"_*.deb .) 2>/dev/null; then
      cp "$(find "$work" -name "$library*" -type f | head -n 1)" "$libraries/$library"
      rm -r "$work"
      return 0
    fi
  done
  rm -r "$work"
  echo "no $library here, and no package of $* to be had: MySQL's test server will not start" >&2
  return 1
}

take libaio.so.1 libaio1t64 libaio1
take libnuma.so.1 libnuma1
