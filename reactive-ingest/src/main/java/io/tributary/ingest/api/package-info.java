/** The control API: runs are asked for, watched, compared and cancelled over HTTP. */
@NullMarked
package io.tributary.ingest.api;

import org.jspecify.annotations.NullMarked;
