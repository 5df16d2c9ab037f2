package io.tributary.etl;

import java.util.Optional;

/** Lines of {@code text/event-stream} to events, as the HTML standard (9.2.6) says; ids and retry times are not used here. */
final class SseParser {
    private static final int MAX_DATA_CHARS = 1 << 20;

    /** @param name {@code message} where the stream gives none */
    record Event(String name, String data) {}

    private final StringBuilder data = new StringBuilder();
    private String name = "";

    /**
     * Takes the next line, without its end.
     *
     * @return the event that this line, an empty one, completes
     */
    Optional<Event> line(String line) {
        if (line.isEmpty()) {
            return dispatch();
        }
        int colon = line.indexOf(':');
        if (colon == 0) {
            return Optional.empty(); // a comment: the heartbeat
        }
        String field = colon < 0 ? line : line.substring(0, colon);
        String value = colon < 0 ? "" : line.substring(line.startsWith(": ", colon) ? colon + 2 : colon + 1);
        if (field.equals("event")) {
            name = value;
        } else if (field.equals("data")) {
            if (data.length() + value.length() > MAX_DATA_CHARS) {
                throw ApiException.notUnderstood("an event of more than " + MAX_DATA_CHARS + " characters", null);
            }
            data.append(value).append('\n');
        }
        return Optional.empty();
    }

    private Optional<Event> dispatch() {
        Optional<Event> event = data.length() == 0
                ? Optional.empty()
                : Optional.of(new Event(name.isEmpty() ? "message" : name, data.substring(0, data.length() - 1)));
        data.setLength(0);
        name = "";
        return event;
    }
}
