/**
 * PostgreSQL's side of the table catalogue. In: pg_catalog, and values in PostgreSQL's text form.
 * Out: table descriptions and canonical values, and text that PostgreSQL reads back. May not: read
 * or write a user's rows. Used by capture and apply.
 */
@NullMarked
package io.spokewire.agent.schema.postgres;

import org.jspecify.annotations.NullMarked;
