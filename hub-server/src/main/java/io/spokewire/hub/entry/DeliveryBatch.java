package io.spokewire.hub.entry;

import io.spokewire.common.change.TableSchema;
import java.util.List;

/**
 * Deliveries to one spoke that go in one message.
 *
 * @param schemas shapes that are used from here on and were not yet sent on this session
 * @param deliveries by ascending position
 * @param through every position up to here that is not listed holds nothing for the spoke
 * @param acknowledgedSequence the last sequence of the spoke itself that the entries up to {@code
 *     through} had taken into account; 0 if none was met on this session
 */
public record DeliveryBatch(
    List<TableSchema> schemas,
    List<SpokeDelivery> deliveries,
    long through,
    long acknowledgedSequence) {
  public DeliveryBatch {
    schemas = List.copyOf(schemas);
    deliveries = List.copyOf(deliveries);
  }
}
