/** What a join makes in a MySQL or MariaDB server, and takes away again if it fails. */
@NullMarked
package io.spokewire.agent.setup.mysql;

import org.jspecify.annotations.NullMarked;
