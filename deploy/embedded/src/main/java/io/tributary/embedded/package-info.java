/** The whole stack without Docker: real servers and our own services as child processes of one launcher, none of which outlives it. */
@NullMarked
package io.tributary.embedded;

import org.jspecify.annotations.NullMarked;
