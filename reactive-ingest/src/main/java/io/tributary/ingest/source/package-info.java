/** Where pages come from: one bounded HTTP GET a page, judged and read from its bytes, so that only the page asked for goes on. */
@NullMarked
package io.tributary.ingest.source;

import org.jspecify.annotations.NullMarked;
