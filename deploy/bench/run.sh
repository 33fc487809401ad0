#!/usr/bin/env bash
# Benchmarks against what a user would take instead, on the same servers in the same run.
#
#   deploy/bench/run.sh pg [--rows N] [--seconds S] [--mode one-way|both] [--postgres 15|18]
#      [--only one-row-inserts|one-row-updates|inserts|updates|deletes]
#
#   deploy/bench/run.sh mariadb [--rows N] [--seconds S] [--mode one-way|both] [--appliers N] [--only WORK]
#
#   deploy/bench/run.sh capture [--engine postgresql|mariadb] [--seconds S] [--clients N]
#
#   deploy/bench/run.sh audit [--conflicts N]
#
#   deploy/bench/run.sh resolver [JMH OPTION ...]
#
# pg: native PostgreSQL logical replication and Spokewire in turn (A B B A), printed as ratios.
# mariadb: the same with MariaDB's row replication, on servers of its own, commits durable; as it ships, or with N parallel
#   appliers (slave_parallel_threads).
# capture: what capture by the log and by triggers costs those who write, beside servers without any (A B C C B A).
# audit: what `syncadm conflicts` asks, of an audit with a million conflicts in SQLite and PostgreSQL.
# resolver: the hub's resolver alone, in process, on one thread: memory of its window, row changes a second (JMH).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source deploy/lib/java.sh

case "${1:-}" in
  pg | mariadb | capture | audit | resolver) what=$1; shift ;;
  *)
    echo "usage: deploy/bench/run.sh pg [--rows N] [--seconds S] [--mode one-way|both] [--postgres 15|18] [--only WORK]" >&2
    echo "       deploy/bench/run.sh mariadb [--rows N] [--seconds S] [--mode one-way|both] [--appliers N] [--only WORK]" >&2
    echo "       deploy/bench/run.sh capture [--engine postgresql|mariadb] [--seconds S] [--clients N]" >&2
    echo "       deploy/bench/run.sh audit [--conflicts N]" >&2
    echo "       deploy/bench/run.sh resolver [JMH OPTION ...]" >&2
    exit 2
    ;;
esac
build_if_needed
if [ "$what" = audit ]; then
  run_java io.spokewire.deploy.bench.AuditBench "$@"
fi
if [ "$what" = capture ]; then
  run_java io.spokewire.deploy.bench.CaptureCostBench "$PWD/deploy/target/spokewire" "$@"
fi
if [ "$what" = resolver ]; then
  run_java io.spokewire.deploy.bench.ResolverBench "$@"
fi
run_java io.spokewire.deploy.bench.ReplicationBench "$PWD/deploy/target/spokewire" "$what" "$@"
