/**
 * Beside the stages: what a site's database lacks before capture and apply can work. In: the
 * database's own catalogue and settings. Out: findings, each with the exact SQL or action. May not:
 * change anything. One engine is one sub-package; the port is {@code Preflight}.
 */
@NullMarked
package io.spokewire.agent.preflight;

import org.jspecify.annotations.NullMarked;
