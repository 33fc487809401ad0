package io.spokewire.agent.apply;

import io.spokewire.common.change.RowKey;
import io.spokewire.common.id.TableName;

/**
 * A row that is set aside because it breaks a constraint of the database.
 *
 * @param id its number among the rows set aside here
 * @param position the hub position of the change that was refused
 * @param error the database's words
 */
public record RefusedRow(long id, TableName table, RowKey key, long position, String error) {}
