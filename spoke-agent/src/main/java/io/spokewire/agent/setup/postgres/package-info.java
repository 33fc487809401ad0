/**
 * What a join makes in a PostgreSQL database, and takes away again if it fails: schema, publication
 * and slot, from the parts that know each. No loop runs here.
 */
@NullMarked
package io.spokewire.agent.setup.postgres;

import org.jspecify.annotations.NullMarked;
