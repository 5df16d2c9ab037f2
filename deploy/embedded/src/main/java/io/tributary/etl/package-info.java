/** The command line: starts the stack, has it do a run, shows it, and proves by the reconciliation that all four stores agree. */
@NullMarked
package io.tributary.etl;

import org.jspecify.annotations.NullMarked;
