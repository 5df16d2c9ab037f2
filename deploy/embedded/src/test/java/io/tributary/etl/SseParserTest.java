package io.tributary.etl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.etl.SseParser.Event;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SseParserTest {
    private static List<Event> events(String... lines) {
        SseParser parser = new SseParser();
        return Stream.of(lines).map(parser::line).flatMap(Optional::stream).toList();
    }

    @Test
    void anEventIsCompleteAtTheEmptyLine() {
        // Given
        SseParser parser = new SseParser();
        // When
        Optional<Event> name = parser.line("event: progress");
        Optional<Event> data = parser.line("data: {}");
        Optional<Event> end = parser.line("");
        // Then
        assertThat(name).isEmpty();
        assertThat(data).isEmpty();
        assertThat(end).contains(new Event("progress", "{}"));
    }

    @Test
    void heartbeatsAndUnknownFieldsAreNoEvents() {
        // When
        List<Event> events = events(": heartbeat", "", "id: 7", "retry: 10", "", "event: progress", "");
        // Then
        assertThat(events).isEmpty();
    }

    @Test
    void onlyOneBlankAfterTheColonIsLeftOut() {
        // When
        List<Event> events = events("data:a", "data:  b", "data", "");
        // Then
        assertThat(events).containsExactly(new Event("message", "a\n b\n"));
    }

    @Test
    void theNameIsNotKeptForTheNextEvent() {
        // When
        List<Event> events = events("event: settled", "data: 1", "", "data: 2", "");
        // Then
        assertThat(events).containsExactly(new Event("settled", "1"), new Event("message", "2"));
    }

    @Test
    void anEndlessEventIsRefused() {
        // Given
        SseParser parser = new SseParser();
        String megabyte = "data: " + "x".repeat(1 << 20);
        parser.line(megabyte);
        // When
        assertThatThrownBy(() -> parser.line(megabyte))
                // Then
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("more than 1048576 characters");
    }
}
