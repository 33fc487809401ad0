#!/usr/bin/env bash
# The whole topology on one thread from a seed: hub, agents, model databases, faults.
#
#   deploy/simulate.sh --seeds 100000 [--from N] [--threads N] [--features none|F,..]
#                                                                many; exit 1 if one fails
#   deploy/simulate.sh --seed S [--features none|F,..]           one, with all that happens in it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/lib/java.sh

build_if_needed
run_java io.spokewire.simulation.SimulateMain "$@"
