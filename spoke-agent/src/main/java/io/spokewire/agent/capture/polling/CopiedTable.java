package io.spokewire.agent.capture.polling;

import io.spokewire.agent.schema.LocalName;
import java.time.Instant;
import java.util.Optional;

/**
 * A table in the copy.
 *
 * @param lookedAt the database's clock when it was last read; empty before the first time
 */
record CopiedTable(long id, LocalName name, Optional<Instant> lookedAt) {}
