package io.spokewire.simulation;

import io.spokewire.simulation.Tables.Key;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What must hold once all is at rest. */
final class FinalJudgement {
  private final World world;
  private final LogReader reader;
  private final Decisions decisions;

  FinalJudgement(World world, LogReader reader, Decisions decisions) {
    this.world = world;
    this.reader = reader;
    this.decisions = decisions;
  }

  void pronounce() {
    List<Site> sites = world.present();
    List<Site> receivers = sites.stream().filter(s -> s.direction().receives()).toList();
    everythingIsLogged(sites);
    everybodyIsEqual(receivers);
    pairsStayTogether(sites);
    sumsAreExact(receivers);
    lineagesAreWhole(sites);
    nothingIsParked(sites);
    receivers.forEach(decisions::judge);
    world.history.rowsTwice().forEach(row -> world.verdict.violation("two keys", row));
  }

  private void everythingIsLogged(List<Site> sites) {
    for (Site site : sites) {
      for (SimulatedDatabase.LogRecord record : site.database().log()) {
        if (record.local() != null && world.history.placeOf(record.local()) == 0) {
          world.verdict.violation("lost", record.local().label() + " never reached the hub");
        }
      }
    }
  }

  private void everybodyIsEqual(List<Site> sites) {
    Map<String, String> hub = reader.content();
    for (Site site : sites) {
      Map<String, String> here = site.database().content();
      if (!here.equals(hub)) {
        world.verdict.violation("diverged", site.name() + ": " + difference(here, hub));
      }
    }
  }

  private static String difference(Map<String, String> here, Map<String, String> there) {
    Map<String, String> all = new TreeMap<>(here);
    all.putAll(there);
    StringBuilder text = new StringBuilder();
    for (String key : all.keySet()) {
      String a = here.get(key);
      String b = there.get(key);
      if (a == null ? b != null : !a.equals(b)) {
        text.append(key).append(" has ").append(a).append(", the hub ").append(b).append("; ");
      }
    }
    return text.toString();
  }

  private void pairsStayTogether(List<Site> sites) {
    int a = Tables.column(Tables.STOCK, "pair_a");
    int b = Tables.column(Tables.STOCK, "pair_b");
    for (Site site : sites) {
      for (Key key : site.database().existing()) {
        String[] values = site.database().row(key).values();
        if (key.table() == Tables.STOCK && !world.workload.belong(values[a], values[b])) {
          world.verdict.violation("pair", site.name() + " " + key);
        }
      }
    }
  }

  private void sumsAreExact(List<Site> sites) {
    world
        .history
        .sums()
        .forEach(
            (key, sum) -> {
              for (Site site : sites) {
                RowState row = site.database().row(key);
                String is = row.exists() ? row.values()[History.sumColumn(key)] : "missing";
                if (sum != null && !is.equals(Long.toString(sum))) {
                  world.verdict.violation(
                      "sum", site.name() + " " + key + " has " + is + ", not " + sum);
                }
              }
            });
  }

  private void lineagesAreWhole(List<Site> sites) {
    String ledger = Tables.LEDGER.table().name();
    String lineages =
        reader.content().entrySet().stream()
            .filter(row -> row.getKey().startsWith(ledger))
            .map(row -> row.getValue().split("\\|")[1])
            .collect(Collectors.joining(",", ",", ","));
    for (Site site : sites) {
      for (SimulatedDatabase.LogRecord record : site.database().log()) {
        if (record.local() != null) {
          lineageIsWhole(record.local(), lineages);
        }
      }
      site.database().lost().stream()
          .filter(local -> world.history.placeOf(local) > 0)
          .forEach(local -> lineageIsWhole(local, lineages));
    }
  }

  private void lineageIsWhole(LocalCommit local, String all) {
    if (wroteLineage(local)) {
      world.counts.lineage++;
      if (!all.contains("," + local.label() + ",")
          && !world.history.findings().isAudited(local.label())) {
        world.verdict.violation("lineage", local.label() + " is in no row and no audit");
      }
    }
  }

  private static boolean wroteLineage(LocalCommit local) {
    return local.writes().entrySet().stream()
        .anyMatch(e -> e.getKey().table() == Tables.LEDGER && e.getValue().containsKey(1));
  }

  private void nothingIsParked(List<Site> sites) {
    for (Site site : sites) {
      if (!site.database().aside().kept().isEmpty()) {
        world.verdict.violation("I9", site.name() + " keeps off " + site.database().aside().kept());
      }
      if (!site.database().parked().isEmpty()) {
        world.verdict.violation("I9", site.name() + " parks " + site.database().parked().size());
      }
    }
  }
}
