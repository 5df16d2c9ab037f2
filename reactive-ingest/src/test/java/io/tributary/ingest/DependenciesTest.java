package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.PublishFailed;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** What the world may read of why a server is missing. */
class DependenciesTest {
    @Test
    void ourOwnFailuresSayWhatHappenedInOneLineWithinItsBound() {
        assertThat(Dependencies.reason(
                        new PublishFailed(Kind.TRANSIENT, "the login is refused: no\nmore", null),
                        Dependencies.PATIENCE))
                .isEqualTo("the login is refused: no");
        assertThat(Dependencies.reason(
                        new PublishFailed(Kind.TRANSIENT, "x".repeat(1_000), null), Dependencies.PATIENCE))
                .hasSize(300);
    }

    @Test
    void othersFailuresMayQuoteAnythingSoOnlyTheirNameIsShown() {
        assertThat(Dependencies.reason(new IllegalStateException("password=p4ss"), Dependencies.PATIENCE))
                .isEqualTo("IllegalStateException");
    }

    @Test
    void silenceIsCalledSilence() {
        assertThat(Dependencies.reason(new TimeoutException("Did not observe any item"), Dependencies.PATIENCE))
                .isEqualTo("no answer for 2 s");
    }
}
