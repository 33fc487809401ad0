/** Files and directories that are for their owner alone. Knows nothing of what is in them. */
@NullMarked
package io.spokewire.common.disk;

import org.jspecify.annotations.NullMarked;
