/** Measurements of the running stack: what it does a second, how late it is, and what the bare parts could do. */
@NullMarked
package io.tributary.perf;

import org.jspecify.annotations.NullMarked;
