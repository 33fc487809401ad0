package io.spokewire.deploy.bench;

import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.PostgresSite;
import java.io.IOException;
import java.io.UncheckedIOException;
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
    signal("STOP");
  }

  @Override
  public void release() {
    signal("CONT");
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

  private void signal(String signal) {
    try {
      int exit =
          new ProcessBuilder("kill", "-" + signal, Long.toString(source.agent().pid()))
              .start()
              .waitFor();
      if (exit != 0) {
        throw new IllegalStateException("kill -" + signal + " ended with " + exit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
