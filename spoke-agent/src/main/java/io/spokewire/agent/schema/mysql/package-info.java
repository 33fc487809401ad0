/**
 * What MySQL and MariaDB are like: sessions with pinned settings, the table catalogue, types and
 * values. The two are one engine of two flavours; where they differ stands in {@code MyFlavour}'s
 * users.
 */
@NullMarked
package io.spokewire.agent.schema.mysql;

import org.jspecify.annotations.NullMarked;
