/** Where a captured page goes: the two sinks, each idempotent, each with a receipt. */
@NullMarked
package io.tributary.ingest.sink;

import org.jspecify.annotations.NullMarked;
