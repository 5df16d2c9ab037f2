/** The whole pipeline as it is now, for those who watch: looked at while somebody does, and by nobody else. */
@NullMarked
package io.tributary.ingest.live;

import org.jspecify.annotations.NullMarked;
