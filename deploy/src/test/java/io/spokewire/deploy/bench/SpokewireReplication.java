package io.spokewire.deploy.bench;

import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.DatabaseSite;
import java.sql.Connection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Two sites and a hub. Held back by stopping the source's agent (SIGSTOP): it stays warm. */
final class SpokewireReplication implements Replication {
  private final Dialect dialect;
  private final Cluster cluster;
  private final DatabaseSite source;
  private final DatabaseSite target;

  SpokewireReplication(Dialect dialect, Cluster cluster, DatabaseSite source, DatabaseSite target) {
    this.dialect = dialect;
    this.cluster = cluster;
    this.source = source;
    this.target = target;
  }

  @Override
  public String name() {
    return "spokewire";
  }

  @Override
  public Dialect dialect() {
    return dialect;
  }

  @Override
  public Connection source() {
    return source.connect();
  }

  @Override
  public Connection target() {
    return target.connect();
  }

  @Override
  public void close() {
    // All parts are the cluster's.
  }

  @Override
  public void hold() {
    Signal.STOP.send(source.agent().pid());
  }

  @Override
  public void release() {
    Signal.CONT.send(source.agent().pid());
  }

  @Override
  public Map<String, Double> cpuSeconds() {
    Map<String, Double> cpu = new LinkedHashMap<>();
    cpu.put("source server", ProcessMeter.cpuSeconds(source.serverPid()));
    cpu.put("source agent", ProcessMeter.cpuSeconds(source.agent().pid()));
    cpu.put("hub", ProcessMeter.cpuSeconds(cluster.hub().running().pid()));
    cpu.put("target agent", ProcessMeter.cpuSeconds(target.agent().pid()));
    cpu.put("target server", ProcessMeter.cpuSeconds(target.serverPid()));
    return cpu;
  }
}
