/** How fast a source may be asked: its quota, found by asking and shared by all instances, and the limit on requests at once. */
@NullMarked
package io.tributary.ingest.source.pace;

import org.jspecify.annotations.NullMarked;
