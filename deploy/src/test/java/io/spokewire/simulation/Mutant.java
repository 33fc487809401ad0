package io.spokewire.simulation;

import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A deliberate fault between two honest parts, and how it shows. Faults inside the resolver's
 * window are in the simulation of the resolver alone, in module hub-server.
 */
enum Mutant {
  /** A site never gets anything back. */
  NEVER_ECHO(() -> new EchoMutations(EchoMutations.Answer.NEVER), violates("diverged")),

  /** A site gets something back only where a conflict was recorded. */
  ECHO_ON_CONFLICT_ONLY(
      () -> new EchoMutations(EchoMutations.Answer.ON_CONFLICT), violates("diverged")),

  /** A site gets each of its writes back, over newer ones that are on their way. */
  ALWAYS_ECHO(
      () -> new EchoMutations(EchoMutations.Answer.ALWAYS),
      s -> s.counts().wentBack > Math.max(20, s.counts().overwritten / 30)),

  /** Apply runs out of order, and the marker names the highest position applied. */
  CONTEXT_IS_HIGHEST(OutOfOrderMutations::new, s -> s.counts().missed > 0),

  /** A transaction that capture reads again is taken for another one. */
  NOT_RECOGNISED(ForgetfulMutations::new, violates("once").and(violates("sum"))),

  /** The window keeps only the winner of a conflict. */
  WINNERS_ONLY(
      () -> new WindowMutations(WindowMutations.Fault.WINNERS_ONLY), s -> s.counts().missed > 0),

  /** All that a site wrote before counts as seen by what it writes. */
  OWN_SIBLINGS_DROPPED(
      () -> new WindowMutations(WindowMutations.Fault.OWN_SIBLINGS_DROPPED),
      s -> s.counts().missed > 0 && violates("lineage").test(s)),

  /** The window forgets what was applied everywhere, whatever is still on its way. */
  FRONTIER_BY_APPLIED(
      () -> new WindowMutations(WindowMutations.Fault.FRONTIER_BY_APPLIED),
      s -> s.counts().missed > 0),

  /** A protecting site does not say what it keeps off. */
  NO_EXCEPTIONS(SilentMutations::new, s -> s.counts().missed > 0, Features.only(Feature.PROTECTS)),

  /** The window forgets what protecting sites keep off. */
  FRONTIER_IGNORES_EXCEPTIONS(
      () -> new WindowMutations(WindowMutations.Fault.FRONTIER_IGNORES_EXCEPTIONS),
      s -> s.counts().missed > 0,
      Features.only(Feature.PROTECTS)),

  /** What a restored database wrote in its earlier life is not sent to it again. */
  EARLIER_LIFE_KEPT_BACK(
      () -> new EarlierLifeMutations(EarlierLifeMutations.Answer.NEVER),
      violates("diverged"),
      Features.only(Feature.RESTORED)),

  /** It is sent again as far as the earlier life had needed it. */
  EARLIER_LIFE_IN_PART(
      () -> new EarlierLifeMutations(EarlierLifeMutations.Answer.IN_PART),
      violates("diverged"),
      Features.only(Feature.RESTORED)),

  /** To the window, the next life of a restored database is the same writer. */
  SAME_EPOCH(
      () -> new WindowMutations(WindowMutations.Fault.SAME_EPOCH),
      s -> s.counts().missed > 0,
      Features.only(Feature.RESTORED)),

  /** What a spoke that only sends has written counts as made on top of everything. */
  SENDER_SEES_ALL(
      () -> new WindowMutations(WindowMutations.Fault.SENDER_SEES_ALL),
      s -> s.counts().missed > 0,
      Features.only(Feature.SENDER)),

  /** What people decided counts as seen by everybody. */
  DECISIONS_SEEN(
      () -> new WindowMutations(WindowMutations.Fault.DECISIONS_SEEN),
      s -> s.counts().missed > 0,
      Features.only(Feature.MANUAL)),

  /** A site is not sent what people decided. */
  DECISIONS_KEPT_BACK(
      DecisionMutations::new,
      violates("diverged").and(violates("decided")),
      Features.only(Feature.MANUAL)),

  /** A row that gets another key is sent as an update of the row with the old one. */
  KEY_CHANGES_AS_UPDATES(KeyMutations::new, violates("diverged"), Features.only(Feature.KEYS)),

  /** The database is told to forget what only the agent has read. */
  CONFIRMS_EARLY(EagerMutations::new, violates("I8"));

  private final Supplier<Mutations> mutations;
  private final Predicate<Simulation> shows;
  private final Features features;

  Mutant(Supplier<Mutations> mutations, Predicate<Simulation> shows) {
    this(mutations, shows, Features.NONE);
  }

  Mutant(Supplier<Mutations> mutations, Predicate<Simulation> shows, Features features) {
    this.mutations = mutations;
    this.shows = shows;
    this.features = features;
  }

  /** The worlds in which it shows. */
  Features features() {
    return features;
  }

  private static Predicate<Simulation> violates(String kind) {
    return s -> s.failed().stream().anyMatch(run -> run.verdict().has(kind));
  }

  Supplier<Mutations> mutations() {
    return mutations;
  }

  /** Whether the oracle that is there for it has seen it. */
  boolean isCaughtBy(Simulation simulation) {
    return shows.test(simulation);
  }
}
