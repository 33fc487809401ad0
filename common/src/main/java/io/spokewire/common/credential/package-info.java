/**
 * Where passwords come from. In: a credential's name in the settings. Out: the password, read anew.
 */
@NullMarked
package io.spokewire.common.credential;

import org.jspecify.annotations.NullMarked;
