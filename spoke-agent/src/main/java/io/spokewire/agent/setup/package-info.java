/**
 * Beside the stages: what a database needs so that it can be a spoke, made by {@code join} and
 * taken away by it. One engine is one sub-package; the port is {@code SiteSetup}.
 */
@NullMarked
package io.spokewire.agent.setup;

import org.jspecify.annotations.NullMarked;
