/** The ingest service: reads its settings, wires the stations of a page, and subscribes once. */
@NullMarked
package io.tributary.ingest;

import org.jspecify.annotations.NullMarked;
