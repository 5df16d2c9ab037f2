/**
 * The page protocol as pure functions: what the ledger answers to a move, and what a worker does next. No I/O, no clock of
 * its own. The service runs it, and a search over all interleavings runs the same code.
 */
@NullMarked
package io.tributary.ingest.protocol;

import org.jspecify.annotations.NullMarked;
