/** A captured page's users become typed rows. */
@NullMarked
package io.tributary.ingest.sink.postgres;

import org.jspecify.annotations.NullMarked;
