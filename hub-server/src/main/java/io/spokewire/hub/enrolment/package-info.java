/**
 * The one call that needs no certificate. In: a join token and a certificate request. Out: a
 * certificate for the token's spoke. May not: trust anything the request says of itself.
 */
@NullMarked
package io.spokewire.hub.enrolment;

import org.jspecify.annotations.NullMarked;
