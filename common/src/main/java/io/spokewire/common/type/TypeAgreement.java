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
    List<Side> members = new ArrayList<>();
    List<Misfit> misfits = new ArrayList<>();
    for (SiteColumn site : sites) {
      Side side = Side.of(site);
      Optional<Misfit> misfit = misfit(table, side, members, fixed);
      if (misfit.isPresent()) {
        misfits.add(misfit.get());
      } else {
        members.add(side);
      }
    }
    return new TypeAgreement(type(members, fixed), passages(members), misfits);
  }

  /** A site's column with its type taken apart once. */
  private record Side(SiteColumn site, ColumnType type) {
    static Side of(SiteColumn site) {
      return new Side(site, site.type());
    }

    boolean sends() {
      return site.direction().sends();
    }

    boolean receives() {
      return site.direction().receives();
    }
  }

  private static Optional<Misfit> misfit(
      TableName table, Side side, List<Side> members, Optional<LogicalType> fixed) {
    SiteColumn site = side.site;
    int senders = senders(members) + (side.sends() ? 1 : 0);
    for (Side member : members) {
      Optional<String> reason = refusal(side, member, senders);
      if (reason.isPresent()) {
        List<String> remedies = Remedies.of(table, site, member.site, senders);
        return Optional.of(new Misfit(site, member.site, reason.get(), remedies));
      }
    }
    if (fixed.isPresent() && !side.type.canTravelAs(fixed.get())) {
      return Optional.of(new Misfit(site, site, agreedBefore(fixed.get()), List.of()));
    }
    List<Side> all = new ArrayList<>(members);
    all.add(side);
    if (fixed.isEmpty() && shared(all).isEmpty()) {
      SiteColumn first = members.getFirst().site;
      return Optional.of(
          new Misfit(
              site,
              first,
              "no logical type suits all sites",
              Remedies.of(table, site, first, senders)));
    }
    return Optional.empty();
  }

  private static String agreedBefore(LogicalType fixed) {
    return "its values were agreed to travel as " + fixed + " when the others began";
  }

  /** Why two sites' columns do not go together, in whichever directions values flow. */
  static Optional<String> refusal(SiteColumn a, SiteColumn b, int senders) {
    return refusal(Side.of(a), Side.of(b), senders);
  }

  private static Optional<String> refusal(Side a, Side b, int senders) {
    for (Side from : List.of(a, b)) {
      Side to = from == a ? b : a;
      if (flows(from, to) && passage(from, to, senders) instanceof Verdict.Refused(String reason)) {
        return Optional.of(
            "from %s to %s, %s".formatted(from.site.spoke(), to.site.spoke(), reason));
      }
    }
    return Optional.empty();
  }

  private static boolean flows(Side from, Side to) {
    return from.sends() && to.receives();
  }

  /** What becomes of values on this way, and of rows that they tell apart. */
  private static Verdict passage(Side from, Side to, int senders) {
    Verdict verdict = Passage.of(from.type, to.type);
    return verdict.isAccepted() && to.site.identifies()
        ? KeyPassage.of(from.type, to.type, senders, verdict)
        : verdict;
  }

  private static List<Passing> passages(List<Side> members) {
    List<Passing> passages = new ArrayList<>();
    int senders = senders(members);
    for (Side from : members) {
      for (Side to : members) {
        if (from != to && flows(from, to)) {
          passages.add(new Passing(from.site, to.site, passage(from, to, senders)));
        }
      }
    }
    return passages;
  }

  private static int senders(List<Side> sides) {
    return (int) sides.stream().filter(Side::sends).count();
  }

  /** The first site's own type that suits all; else any that does. */
  private static Optional<LogicalType> type(List<Side> members, Optional<LogicalType> fixed) {
    if (fixed.isPresent() || members.isEmpty()) {
      return fixed;
    }
    Set<LogicalType> shared = shared(members);
    return members.stream()
        .map(member -> member.type.own())
        .filter(shared::contains)
        .findFirst()
        .or(() -> shared.stream().findFirst());
  }

  private static Set<LogicalType> shared(List<Side> members) {
    Set<LogicalType> shared = EnumSet.noneOf(LogicalType.class);
    Arrays.stream(LogicalType.values())
        .filter(type -> members.stream().allMatch(member -> member.type.canTravelAs(type)))
        .forEach(shared::add);
    return shared;
  }
}
