package io.spokewire.simulation;

/** What happened, in numbers. */
final class Counts {
  long logged;
  long conflicts;
  long audited;
  long missed;
  long falselyAudited;
  long parked;
  long overwritten;
  long wentBack;
  long agentDeaths;
  long hubDeaths;
  long databaseCrashes;
  long trims;
  long coldRows;
  long planChanges;
  long joins;
  long removals;
  long lineage;
  long comebacks;
  long keptOff;
  long readers;
  long senders;
  long rulings;
  long secondKeys;
  long rulingsRefused;
  long restores;
  long rejoins;
  long overCautious;

  void add(Counts other) {
    logged += other.logged;
    conflicts += other.conflicts;
    audited += other.audited;
    missed += other.missed;
    falselyAudited += other.falselyAudited;
    parked += other.parked;
    overwritten += other.overwritten;
    wentBack += other.wentBack;
    agentDeaths += other.agentDeaths;
    hubDeaths += other.hubDeaths;
    databaseCrashes += other.databaseCrashes;
    trims += other.trims;
    coldRows += other.coldRows;
    planChanges += other.planChanges;
    joins += other.joins;
    removals += other.removals;
    lineage += other.lineage;
    comebacks += other.comebacks;
    keptOff += other.keptOff;
    readers += other.readers;
    senders += other.senders;
    rulings += other.rulings;
    secondKeys += other.secondKeys;
    rulingsRefused += other.rulingsRefused;
    restores += other.restores;
    rejoins += other.rejoins;
    overCautious += other.overCautious;
  }

  @Override
  public String toString() {
    return ("%d transactions, %d conflicts, %d missed, %d false, %d own writes overwritten"
            + " (%d needlessly), %d lineages; deaths: %d agents, %d hubs, %d databases; %d parked,"
            + " %d trims, %d cold rows, %d plans, %d joins, %d removals, %d comebacks, %d kept"
            + " off, %d readers, %d senders, %d restores, %d rejoins, %d over-cautious,"
            + " %d rulings (and %d refused), %d rows with two new keys")
        .formatted(
            logged,
            conflicts,
            missed,
            falselyAudited,
            overwritten,
            wentBack,
            lineage,
            agentDeaths,
            hubDeaths,
            databaseCrashes,
            parked,
            trims,
            coldRows,
            planChanges,
            joins,
            removals,
            comebacks,
            keptOff,
            readers,
            senders,
            restores,
            rejoins,
            overCautious,
            rulings,
            rulingsRefused,
            secondKeys);
  }
}
