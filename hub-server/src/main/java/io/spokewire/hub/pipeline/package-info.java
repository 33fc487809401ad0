/**
 * The loops that move nouns from stage to stage: {@code SequenceLoop} (stream, resolve, log) and
 * {@code FanOutLoop} (log, fanout, stream). The only package that sees two stages.
 */
@NullMarked
package io.spokewire.hub.pipeline;

import org.jspecify.annotations.NullMarked;
