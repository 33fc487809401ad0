package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.apply.MarkerSealing;
import io.spokewire.agent.apply.TableMap;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.id.SpokeId;
import java.util.Optional;
import java.util.UUID;

/**
 * The database that is applied to, and as whom.
 *
 * @param spoke this spoke
 * @param instance the agent's own id, kept in its data directory
 * @param connections where connections come from
 * @param tables which local tables there are
 * @param schemas the shapes that the hub announced; shapes of parked rows are added to it
 * @param markers seals markers; empty for a spoke whose own changes are not captured, which needs
 *     none
 */
public record PgSite(
    SpokeId spoke,
    UUID instance,
    ConnectionSource connections,
    TableMap tables,
    SchemaBook schemas,
    Optional<MarkerSealing> markers) {}
