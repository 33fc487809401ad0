package io.spokewire.common.type;

import io.spokewire.common.change.LogicalType;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * In which one logical type the values of a column travel between all its sites, and which sites'
 * columns can't take part. Sites are taken in the order given: one that does not go with those
 * before it is left out, so that it never undoes what they agreed on. Pure.
 *
 * <p>Where all sites have one native type, it is the type that their agents use anyway.
 *
 * @param type what is agreed; empty if there is no site
 * @param passages what becomes of values on each way between two sites that take part
 * @param misfits the sites left out
 */
public record TypeAgreement(
    Optional<LogicalType> type, List<Passing> passages, List<Misfit> misfits) {
  public TypeAgreement {
    passages = List.copyOf(passages);
    misfits = List.copyOf(misfits);
  }

  /** One way between two sites. */
  public record Passing(SiteColumn from, SiteColumn to, Verdict verdict) {}

  /**
   * A site's column that can't take part.
   *
   * @param site whose column it is
   * @param other the site's column that it does not go with
   * @param reason why
   * @param remedies SQL of which each statement is needed; empty if no change of type helps
   */
  public record Misfit(SiteColumn site, SiteColumn other, String reason, List<String> remedies) {
    public Misfit {
      remedies = List.copyOf(remedies);
    }

    /** {@code orders.amount is numeric(10,2) at porto and decimal(10,1) at lisbon: …}. */
    public String line(TableName table) {
      String line =
          "%s.%s is %s and %s: %s".formatted(table, site.column().name(), site, other, reason);
      return remedies.isEmpty() ? line : line + " (" + String.join("; ", remedies) + ")";
    }
  }

  /**
   * Agrees on one column.
   *
   * @param table for the SQL of remedies
   * @param sites the column at each site that has it; the first ones come first
   * @param fixed what was agreed before and can't change any more
   */
  public static TypeAgreement of(
      TableName table, List<SiteColumn> sites, Optional<LogicalType> fixed) {
    List<SiteColumn> members = new ArrayList<>();
    List<Misfit> misfits = new ArrayList<>();
    for (SiteColumn site : sites) {
      Optional<Misfit> misfit = misfit(table, site, members, fixed);
      if (misfit.isPresent()) {
        misfits.add(misfit.get());
      } else {
        members.add(site);
      }
    }
    return new TypeAgreement(type(members, fixed), passages(members), misfits);
  }

  private static Optional<Misfit> misfit(
      TableName table, SiteColumn site, List<SiteColumn> members, Optional<LogicalType> fixed) {
    int senders = senders(members) + (site.direction().sends() ? 1 : 0);
    for (SiteColumn member : members) {
      Optional<String> reason = refusal(site, member, senders);
      if (reason.isPresent()) {
        List<String> remedies = Remedies.of(table, site, member, senders);
        return Optional.of(new Misfit(site, member, reason.get(), remedies));
      }
    }
    if (fixed.isPresent() && !site.type().canTravelAs(fixed.get())) {
      return Optional.of(new Misfit(site, site, agreedBefore(fixed.get()), List.of()));
    }
    List<SiteColumn> all = new ArrayList<>(members);
    all.add(site);
    if (fixed.isEmpty() && shared(all).isEmpty()) {
      return Optional.of(
          new Misfit(
              site,
              members.getLast(),
              "no logical type suits all sites",
              Remedies.of(table, site, members.getFirst(), senders)));
    }
    return Optional.empty();
  }

  private static String agreedBefore(LogicalType fixed) {
    return "its values were agreed to travel as " + fixed + " when the others began";
  }

  /** Why two sites' columns do not go together, in whichever directions values flow. */
  static Optional<String> refusal(SiteColumn a, SiteColumn b, int senders) {
    for (SiteColumn from : List.of(a, b)) {
      SiteColumn to = from == a ? b : a;
      if (flows(from, to) && passage(from, to, senders) instanceof Verdict.Refused(String reason)) {
        return Optional.of("from %s to %s, %s".formatted(from.spoke(), to.spoke(), reason));
      }
    }
    return Optional.empty();
  }

  private static boolean flows(SiteColumn from, SiteColumn to) {
    return from.direction().sends() && to.direction().receives();
  }

  /** What becomes of values on this way, and of rows that they tell apart. */
  static Verdict passage(SiteColumn from, SiteColumn to, int senders) {
    Verdict verdict = Passage.of(from.type(), to.type());
    return verdict.isAccepted() && to.identifies()
        ? KeyPassage.of(from.type(), to.type(), senders, verdict)
        : verdict;
  }

  private static List<Passing> passages(List<SiteColumn> members) {
    List<Passing> passages = new ArrayList<>();
    int senders = senders(members);
    for (SiteColumn from : members) {
      for (SiteColumn to : members) {
        if (from != to && flows(from, to)) {
          passages.add(new Passing(from, to, passage(from, to, senders)));
        }
      }
    }
    return passages;
  }

  private static int senders(List<SiteColumn> sites) {
    return (int) sites.stream().filter(site -> site.direction().sends()).count();
  }

  /** The first site's own type that suits all; else any that does. */
  private static Optional<LogicalType> type(List<SiteColumn> members, Optional<LogicalType> fixed) {
    if (fixed.isPresent() || members.isEmpty()) {
      return fixed;
    }
    Set<LogicalType> shared = shared(members);
    return members.stream()
        .map(member -> member.column().type())
        .filter(shared::contains)
        .findFirst()
        .or(() -> shared.stream().findFirst());
  }

  private static Set<LogicalType> shared(List<SiteColumn> members) {
    List<ColumnType> types = members.stream().map(SiteColumn::type).toList();
    Set<LogicalType> shared = EnumSet.noneOf(LogicalType.class);
    Arrays.stream(LogicalType.values())
        .filter(type -> types.stream().allMatch(column -> column.canTravelAs(type)))
        .forEach(shared::add);
    return shared;
  }
}
