/**
 * The whole topology on one thread, from one seed, with virtual time: the hub's and the agents' own
 * loops over model databases, a model network and model disks, under faults. Start reading at
 * {@link io.spokewire.simulation.World}; what must hold is in {@link
 * io.spokewire.simulation.History} and {@link io.spokewire.simulation.Verdict}.
 */
package io.spokewire.simulation;
