/** What the loops need of MySQL and MariaDB, beside the stages. */
@NullMarked
package io.spokewire.agent.pipeline.mysql;

import org.jspecify.annotations.NullMarked;
