package io.tributary.randomuser;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class PreparedBodiesTest {
    @Test
    void theLeastRecentlyUsedBodiesGoFirstAndTheBoundHolds() {
        // Given
        PreparedBodies prepared = new PreparedBodies(250);
        prepared.keep(key("a", false), body(100));
        prepared.keep(key("b", false), body(100));
        prepared.get(key("a", false));
        // When
        prepared.keep(key("c", false), body(100));
        // Then
        assertThat(prepared.get(key("a", false))).isPresent();
        assertThat(prepared.get(key("b", false))).isEmpty();
        assertThat(prepared.get(key("c", false))).isPresent();
        assertThat(prepared.heldBytes()).isEqualTo(200);
    }

    @Test
    void aBodyAboveTheBoundAndOneWithoutASeedAreNotKept() {
        // Given
        PreparedBodies prepared = new PreparedBodies(250);
        // When
        prepared.keep(key("a", false), body(251));
        prepared.keep(key("", false), body(10));
        // Then
        assertThat(prepared.heldBytes()).isZero();
    }

    @Test
    void compressedAndPlainBodiesAreKeptApart() {
        // Given
        PreparedBodies prepared = new PreparedBodies(250);
        // When
        prepared.keep(key("a", true), body(10));
        // Then
        assertThat(prepared.get(key("a", false))).isEmpty();
        assertThat(prepared.get(key("a", true))).isPresent();
    }

    private static PreparedBodies.Key key(String seed, boolean gzip) {
        MultiMap parameters = MultiMap.caseInsensitiveMultiMap().add("seed", seed);
        return new PreparedBodies.Key(Query.parse(parameters, () -> "fresh"), LocalDate.EPOCH, gzip);
    }

    private static Body body(int bytes) {
        return Body.of(new byte[bytes], "text/plain", false);
    }
}
