package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StackFileTest {
    private static final ProcessHandle ME = ProcessHandle.current();
    private static final Instant STARTED = ME.info().startInstant().orElseThrow();

    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenIsRead() throws Exception {
        // Given
        StackFile file = file(
                new Addresses(
                        Optional.of(new Addresses.Postgres("127.0.0.1", 1, "d", "u", Path.of("/p"))),
                        Optional.of("127.0.0.1:2"),
                        Optional.of(URI.create("http://127.0.0.1:3/apis")),
                        Optional.of("127.0.0.1:4"),
                        "dc",
                        Optional.of(URI.create("http://127.0.0.1:5/api/")),
                        Optional.of(URI.create("http://127.0.0.1:6")),
                        Optional.of(URI.create("http://127.0.0.1:7")),
                        Optional.of("127.0.0.1:8"),
                        Optional.of(URI.create("http://127.0.0.1:9")),
                        Optional.of(URI.create("http://127.0.0.1:10/metrics"))),
                STARTED);
        // When
        file.write(folder);
        // Then
        assertThat(StackFile.read(folder)).contains(file);
        assertThat(folder).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void partsThatWereNotAskedForStayEmpty() throws Exception {
        // Given
        StackFile file = file(nothing(), STARTED);
        // When
        file.write(folder);
        // Then
        assertThat(StackFile.read(folder)).contains(file);
    }

    @Test
    void noFileIsNoStackAndAnotherFileIsAnError() throws Exception {
        // Given
        assertThat(StackFile.read(folder)).isEmpty();
        // When
        Files.writeString(folder.resolve("stack.json"), "{\"launcher\":{\"pid\":1}}");
        // Then
        assertThatThrownBy(() -> StackFile.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("stack.json is not a stack's");
    }

    @Test
    void aStackIsUpOnlyWhileTheVeryProcessThatWroteItRuns() {
        // When / Then
        assertThat(file(nothing(), STARTED).isUp()).isTrue();
        assertThat(file(nothing(), STARTED.minus(Duration.ofHours(1))).isUp()).isFalse();
        assertThat(new StackFile(nothing(), Integer.MAX_VALUE, STARTED, Map.of()).isUp())
                .isFalse();
    }

    private static StackFile file(Addresses addresses, Instant started) {
        return new StackFile(addresses, ME.pid(), started, Map.of(Part.KAFKA, 12L, Part.SOURCE, 13L));
    }

    private static Addresses nothing() {
        return new Addresses(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "datacenter1",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
