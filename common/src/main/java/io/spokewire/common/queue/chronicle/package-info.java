/**
 * The durable queue on Chronicle Queue. The only package that knows Chronicle's types. In: byte
 * entries. Out: the same entries after any crash, or fewer of the last ones. May not: know what an
 * entry means.
 *
 * <p>Layout of the directory: {@code yyyyMMddF.cq4} are Chronicle's files, each a <i>cycle</i>. A
 * cycle here is a number that we count up when a file is full, not a day; Chronicle only wants to
 * spell it as a date. {@code metadata.cq4t} is Chronicle's directory listing and is made anew at
 * every start. {@code lock} keeps a second process out. {@code clean} is there while the queue is
 * closed and was closed in order.
 *
 * <p>What is trusted after a crash: see {@code TailRepair}.
 */
@NullMarked
package io.spokewire.common.queue.chronicle;

import org.jspecify.annotations.NullMarked;
