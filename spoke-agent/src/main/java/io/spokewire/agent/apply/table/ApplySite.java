package io.spokewire.agent.apply.table;

import io.spokewire.agent.apply.CapturedWrites;
import io.spokewire.agent.apply.MarkerSealing;
import io.spokewire.agent.apply.TableMap;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The database that is applied to, and as whom.
 *
 * @param spoke this spoke
 * @param instance the agent's own id, kept in its data directory
 * @param tables which local tables there are
 * @param schemas the shapes that the hub announced; shapes of parked rows are added to it
 * @param markers seals markers; empty for a spoke whose own changes are not captured, which needs
 *     none
 * @param guarded in which tables a change is made only where the database holds what it replaces,
 *     so that writes that the hub has not taken into account stay; false for such a spoke
 * @param captured how far the capture of its changes is
 */
public record ApplySite(
    SpokeId spoke,
    UUID instance,
    TableMap tables,
    SchemaBook schemas,
    Optional<MarkerSealing> markers,
    Predicate<TableName> guarded,
    CapturedWrites captured) {
  /** A site that protects no writes of its own. */
  public ApplySite(
      SpokeId spoke,
      UUID instance,
      TableMap tables,
      SchemaBook schemas,
      Optional<MarkerSealing> markers) {
    this(spoke, instance, tables, schemas, markers, table -> false, CapturedWrites.NONE);
  }
}
