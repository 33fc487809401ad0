/** The demo: what Spokewire does, shown with real programs and databases in a minute. */
@NullMarked
package io.spokewire.deploy.demo;

import org.jspecify.annotations.NullMarked;
