package io.spokewire.deploy.bench;

import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.PostgresSite;
import java.util.LinkedHashMap;
import java.util.Map;

/** Two sites and a hub. Held back by stopping the source's agent (SIGSTOP): it stays warm. */
final class SpokewireReplication implements Replication {
  private final Cluster cluster;
  private final PostgresSite source;
  private final PostgresSite target;

  SpokewireReplication(Cluster cluster, PostgresSite source, PostgresSite target) {
    this.cluster = cluster;
    this.source = source;
    this.target = target;
  }

  @Override
  public String name() {
    return "spokewire";
  }

  @Override
  public String sourceUrl() {
    return source.jdbcUrl();
  }

  @Override
  public String targetUrl() {
    return target.jdbcUrl();
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
    cpu.put("source server", ProcessMeter.cpuSeconds(source.server().pid()));
    cpu.put("source agent", ProcessMeter.cpuSeconds(source.agent().pid()));
    cpu.put("hub", ProcessMeter.cpuSeconds(cluster.hub().running().pid()));
    cpu.put("target agent", ProcessMeter.cpuSeconds(target.agent().pid()));
    cpu.put("target server", ProcessMeter.cpuSeconds(target.server().pid()));
    return cpu;
  }
}
