/**
 * The hub as syncadm sees it: a profile, a connection over mutual TLS, and the answers as plain
 * records. The only package here that knows gRPC and generated code. Failures leave it as faults.
 */
@NullMarked
package io.spokewire.admin.client;

import org.jspecify.annotations.NullMarked;
