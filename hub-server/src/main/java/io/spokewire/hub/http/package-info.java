/** Metrics, health and the console over HTTP. */
@NullMarked
package io.spokewire.hub.http;

import org.jspecify.annotations.NullMarked;
