package io.spokewire.hub.pipeline;

import io.spokewire.common.change.LogicalType;
import io.spokewire.common.config.Plan;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.common.type.DatabaseEngine;
import io.spokewire.common.type.SiteColumn;
import io.spokewire.common.type.TypeAgreement;
import io.spokewire.common.type.TypeAgreement.Misfit;
import io.spokewire.common.type.Verdict;
import io.spokewire.hub.stream.TableReport;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.SpokeColumns;
import io.spokewire.hub.topology.SpokeColumns.Reported;
import io.spokewire.hub.topology.Topology;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * In which logical types columns travel, and which spokes' columns do not go with the others'.
 * Owned by the sequencing loop.
 *
 * <p>What is agreed for a column stays as long as a member has it: who comes later adapts to it, or
 * waits. Agreed types are durable before anybody hears of them.
 */
final class TypeBook {
  private final Topology topology;
  private final Members members;
  private final PlanBook plans;
  private final Map<SpokeId, Known> reported = new TreeMap<>();
  private final Map<Place, LogicalType> agreed = new TreeMap<>();

  TypeBook(Topology topology, Members members, PlanBook plans) {
    this.plans = plans;
    this.topology = topology;
    this.members = members;
  }

  /** One column of one topology-wide table. */
  private record Place(TableName table, String column) implements Comparable<Place> {
    static Place of(Reported reported) {
      return new Place(reported.table(), reported.column().name());
    }

    @Override
    public int compareTo(Place other) {
      int byTable = table.compareTo(other.table);
      return byTable != 0 ? byTable : column.compareTo(other.column);
    }
  }

  /** The columns of a spoke, by their place. */
  private record Known(SpokeColumns columns, Map<Place, Reported> byPlace, Set<TableName> tables) {
    static Known of(SpokeColumns columns) {
      Map<Place, Reported> byPlace = new LinkedHashMap<>();
      Set<TableName> tables = new HashSet<>();
      for (Reported column : columns.columns()) {
        byPlace.put(Place.of(column), column);
        tables.add(column.table());
      }
      return new Known(columns, byPlace, tables);
    }

    Optional<SiteColumn> at(Place place, Direction direction) {
      return Optional.ofNullable(byPlace.get(place)).map(column -> site(column, direction));
    }

    SiteColumn site(Reported column, Direction direction) {
      return new SiteColumn(
          columns.spoke(), columns.engine(), column.column(), column.identifies(), direction);
    }

    boolean has(TableName table) {
      return tables.contains(table);
    }
  }

  /** Takes over what is persisted. What joining spokes reported in this process stays. */
  void load() {
    agreed.clear();
    topology
        .agreedTypes()
        .tables()
        .forEach(
            (table, columns) ->
                columns.forEach((column, type) -> agreed.put(new Place(table, column), type)));
    topology.columns().forEach(columns -> reported.put(columns.spoke(), Known.of(columns)));
  }

  /**
   * A spoke's agent says what its tables are. Of a member it is remembered.
   *
   * @param engine null if it is none that is known here; then nothing is agreed with it
   * @return which of its columns do not go with those of members, a line each
   */
  List<String> report(Spoke spoke, @Nullable DatabaseEngine engine, TableReport report) {
    if (engine == null) {
      return List.of();
    }
    SpokeColumns columns = SpokeColumns.of(spoke.id(), engine, report.tables());
    Known known = Known.of(columns);
    reported.put(spoke.id(), known);
    if (Members.isMember(spoke)) {
      keep(columns);
    }
    List<String> misfits = new ArrayList<>();
    Map<Place, LogicalType> decided = new TreeMap<>();
    for (Map.Entry<Place, Reported> own : known.byPlace.entrySet()) {
      Place place = own.getKey();
      List<SiteColumn> others = members(place, spoke.id());
      SiteColumn site = known.site(own.getValue(), spoke.direction());
      TypeAgreement agreement = agree(place, others, site);
      Optional<Misfit> misfit =
          agreement.misfits().stream().filter(m -> m.site().equals(site)).findFirst();
      if (misfit.isPresent()) {
        misfits.add(misfit.get().line(place.table));
      } else {
        agreement.type().ifPresent(type -> decided.put(place, type));
      }
    }
    if (misfits.isEmpty() || Members.isMember(spoke)) {
      keep(decided);
    }
    return misfits;
  }

  /** What was agreed before holds, unless nobody who takes part has the column yet. */
  private TypeAgreement agree(Place place, List<SiteColumn> others, SiteColumn site) {
    List<SiteColumn> sites = new ArrayList<>(others);
    sites.add(site);
    Optional<LogicalType> before = Optional.ofNullable(agreed.get(place));
    TypeAgreement agreement = TypeAgreement.of(place.table, sites, before);
    return others.isEmpty() && !agreement.misfits().isEmpty()
        ? TypeAgreement.of(place.table, sites, Optional.empty())
        : agreement;
  }

  /** It takes part from now on. */
  void live(SpokeId spoke) {
    Known known = reported.get(spoke);
    if (known != null) {
      keep(known.columns);
    }
  }

  void forget(SpokeId spoke) {
    reported.remove(spoke);
  }

  /**
   * The agreed types that are not the spoke's own: what its agent must be told. A member that was
   * away when a plan added a table is told of all its columns, so that it never begins in others.
   */
  AgreedTypes neededBy(SpokeId spoke) {
    Known known = reported.get(spoke);
    SortedMap<TableName, SortedMap<String, LogicalType>> needed = new TreeMap<>();
    if (known != null) {
      known.byPlace.forEach(
          (place, own) -> {
            LogicalType type = agreed.get(place);
            if (type != null && type != own.column().type()) {
              needed.computeIfAbsent(place.table, t -> new TreeMap<>()).put(place.column, type);
            }
          });
      if (isMember(spoke)) {
        agreed.forEach(
            (place, type) -> {
              if (!known.has(place.table) && !isOwnEverywhere(place, type)) {
                needed.computeIfAbsent(place.table, t -> new TreeMap<>()).put(place.column, type);
              }
            });
      }
    }
    return new AgreedTypes(needed);
  }

  private boolean isOwnEverywhere(Place place, LogicalType type) {
    return reported.values().stream()
        .map(known -> known.byPlace.get(place))
        .allMatch(own -> own == null || own.column().type() == type);
  }

  /**
   * What a plan would mean for the types of its columns.
   *
   * @param lines which columns do not go together, and what becomes of values that change their
   *     form, for people
   * @param refused the lines about members and tables that the plan adds
   * @param columns of the spokes that were asked
   */
  record Outlook(
      List<String> lines, List<String> refused, AgreedTypes types, List<SpokeColumns> columns) {}

  /**
   * Looks at a plan that is not in force yet.
   *
   * @param reports what spokes say of their tables under it
   * @param engines of spokes that are attached
   */
  Outlook outlook(
      Plan plan,
      Map<SpokeId, TableReport> reports,
      Function<SpokeId, Optional<DatabaseEngine>> engines) {
    List<SpokeColumns> asked = new ArrayList<>();
    reports.forEach(
        (spoke, report) ->
            engines
                .apply(spoke)
                .ifPresent(e -> asked.add(SpokeColumns.of(spoke, e, report.tables()))));
    Map<SpokeId, Known> all = new TreeMap<>(reported);
    asked.forEach(columns -> all.put(columns.spoke(), Known.of(columns)));
    Set<Place> places = new LinkedHashSet<>();
    all.values().forEach(known -> places.addAll(known.byPlace.keySet()));
    places.removeIf(place -> !plan.covers(place.table));
    Set<String> lines = new LinkedHashSet<>();
    List<String> refused = new ArrayList<>();
    SortedMap<TableName, SortedMap<String, LogicalType>> types = new TreeMap<>();
    for (Place place : places) {
      boolean inUse = !members(place, null).isEmpty();
      TypeAgreement agreement =
          TypeAgreement.of(
              place.table,
              sites(place, all.values()),
              inUse ? Optional.ofNullable(agreed.get(place)) : Optional.empty());
      agreement
          .type()
          .ifPresent(
              type ->
                  types.computeIfAbsent(place.table, t -> new TreeMap<>()).put(place.column, type));
      for (Misfit misfit : agreement.misfits()) {
        String line = misfit.site().spoke() + ": " + misfit.line(place.table);
        lines.add(line);
        if (isMember(misfit.site().spoke()) && !plans.names(place.table)) {
          refused.add(line);
        }
      }
      agreement.passages().forEach(passing -> note(place, passing).ifPresent(lines::add));
    }
    return new Outlook(List.copyOf(lines), refused, new AgreedTypes(types), asked);
  }

  private static Optional<String> note(Place place, TypeAgreement.Passing passing) {
    return passing.verdict() instanceof Verdict.Widened(String note) && !note.isEmpty()
        ? Optional.of(
            "%s: %s.%s, from %s: %s"
                .formatted(passing.to().spoke(), place.table, place.column, passing.from(), note))
        : Optional.empty();
  }

  /** The plan comes into force: its types are agreed on, durably. */
  void agree(Outlook outlook) {
    outlook.columns.forEach(columns -> reported.put(columns.spoke(), Known.of(columns)));
    Map<Place, LogicalType> decided = new TreeMap<>();
    outlook
        .types
        .tables()
        .forEach(
            (table, columns) ->
                columns.forEach((column, type) -> decided.put(new Place(table, column), type)));
    keep(decided);
  }

  private void keep(Map<Place, LogicalType> decided) {
    boolean isNew = false;
    for (Map.Entry<Place, LogicalType> entry : decided.entrySet()) {
      isNew |= agreed.put(entry.getKey(), entry.getValue()) != entry.getValue();
    }
    if (isNew) {
      SortedMap<TableName, SortedMap<String, LogicalType>> all = new TreeMap<>();
      agreed.forEach(
          (place, type) ->
              all.computeIfAbsent(place.table, t -> new TreeMap<>()).put(place.column, type));
      topology.agree(new AgreedTypes(all));
    }
  }

  private void keep(SpokeColumns columns) {
    if (topology.columns().stream().noneMatch(columns::equals)) {
      topology.keepColumns(columns);
    }
  }

  // ---- who has a column

  /** The column at each member that has it, by name; one may be left out. */
  private List<SiteColumn> members(Place place, @Nullable SpokeId without) {
    List<Known> others =
        reported.values().stream()
            .filter(known -> !known.columns.spoke().equals(without))
            .filter(known -> isMember(known.columns.spoke()))
            .toList();
    return sites(place, others);
  }

  /** The column at each of these spokes that has it, members first, each kind by name. */
  private List<SiteColumn> sites(Place place, Collection<Known> all) {
    List<SiteColumn> first = new ArrayList<>();
    List<SiteColumn> later = new ArrayList<>();
    for (Known known : all) {
      Spoke spoke = members.find(known.columns.spoke());
      if (spoke != null) {
        known
            .at(place, spoke.direction())
            .ifPresent(Members.isMember(spoke) ? first::add : later::add);
      }
    }
    first.addAll(later);
    return first;
  }

  private boolean isMember(SpokeId id) {
    Spoke spoke = members.find(id);
    return spoke != null && Members.isMember(spoke);
  }
}
