/**
 * The agreement on types: what a column's type in its own database means, whether its values can go
 * to another site's column and come back as they went, and in which one logical type they travel.
 * Pure; knows no database, no wire and no plan.
 */
@NullMarked
package io.spokewire.common.type;

import org.jspecify.annotations.NullMarked;
