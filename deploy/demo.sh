#!/usr/bin/env bash
# The main job on a fresh machine: builds if needed, then shows a hub and three real sites at work.
#
#   deploy/demo.sh          stays until Ctrl-C
#   deploy/demo.sh --once   runs through, verifies that all sites are equal, exits 0 or 1
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/lib/java.sh

build_if_needed
run_java io.spokewire.deploy.demo.DemoMain "$PWD/deploy/target/spokewire" "$@"
