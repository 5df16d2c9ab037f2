/** The flow of a page: lease, capture, both sinks, complete. */
@NullMarked
package io.tributary.ingest.pipeline;

import org.jspecify.annotations.NullMarked;
